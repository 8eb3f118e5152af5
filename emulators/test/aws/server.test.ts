// The emulator as a whole: estate, clock, admin API, pages, TLS under real names, and manners towards bad input.
import https from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KeyPair, keyPair } from '../../../test/support/key-pairs.ts';
import { type AwsEmulator, type Estate, startAws } from '../../aws/server.ts';
import { makeKeyPair } from '../../keys.ts';
import { ISSUER, metadataFor, NOW, postSts, samlCall, sampleEstate, sampleParts } from './support/fixture.ts';
import { postForm, rawRequest } from './support/raw-request.ts';

let aws: AwsEmulator;
let pair: KeyPair;
const call = (): Record<string, string> => samlCall(sampleParts(), { key: pair.key });

beforeAll(async () => {
  const { key: privateKey } = keyPair('minting');
  pair = await makeKeyPair('server', { privateKey, altNames: ['sts.eu-west-1.amazonaws.com'] });
  aws = await startAws({ now: () => NOW, estate: sampleEstate(metadataFor(ISSUER, [pair])) });
});
afterAll(() => aws.close());

describe('the estate', () => {
  test('given as a function is asked at every request', async () => {
    let estate: Estate = { accounts: [] };
    const late = await startAws({ now: () => NOW, estate: () => estate });
    expect((await postSts(late, call())).message).toContain("Specified provider doesn't exist");
    estate = sampleEstate(metadataFor(ISSUER, [pair]));
    expect((await postSts(late, call())).status).toBe(200);
    late.setEstate({ accounts: [] });
    expect((await postSts(late, call())).status).toBe(400);
    await late.close();
  });

  const whole = (): string => metadataFor(ISSUER, [pair]);
  const refused: readonly (readonly [string, () => string, RegExp])[] = [
    ['below 1000 characters', () => '<x/>', /fewer than 1000/],
    ['with a byte order mark', () => `\uFEFF${whole()}`, /byte order mark/],
    ['without an entityID', () => whole().replace(/ entityID="[^"]*"/, ''), /no EntityDescriptor/],
    [
      'without a signing certificate',
      () => whole().replace('use="signing"', 'use="encryption"'),
      /no signing certificate/,
    ],
    [
      'of a service provider',
      () => whole().replaceAll('IDPSSODescriptor', 'SPSSODescriptor'),
      /no signing certificate/,
    ],
    ['with eleven certificates', () => metadataFor(ISSUER, Array(11).fill(pair)), /more than 10/],
  ];
  for (const [name, metadata, reason] of refused) {
    test(`refuses metadata ${name}, as IAM does`, async () => {
      await expect(startAws({ now: () => NOW, estate: sampleEstate(metadata()) })).rejects.toThrow(reason);
    });
  }

  test('given as a function with such metadata has no such provider, and an event says why', async () => {
    const estate = sampleEstate('<x/>');
    const late = await startAws({ now: () => NOW, estate: () => estate });
    expect((await postSts(late, call())).message).toContain("Specified provider doesn't exist");
    expect(late.events[0]).toMatchObject({ eventName: 'CreateSAMLProvider', errorCode: 'InvalidInput' });
    await late.close();
  });

  test('refuses names that IAM refuses', async () => {
    const role = { name: 'a b', trustPolicy: {} };
    const account = { id: '111122223333', name: 'x', roles: [] };
    const estates: Estate[] = [
      { accounts: [{ ...account, id: '1' }] },
      { accounts: [{ ...account, roles: [role] }] },
      { accounts: [{ ...account, roles: [{ ...role, name: 'r', path: 'ops' }] }] },
      { accounts: [{ ...account, roles: [{ ...role, name: 'r', maxSessionDuration: 900 }] }] },
      { accounts: [], partition: 'aws-moon' },
    ];
    for (const estate of estates) await expect(startAws({ now: () => NOW, estate })).rejects.toThrow();
  });
});

describe('the admin API', () => {
  const send = (method: string, path: string, body?: unknown, type = 'application/json') =>
    rawRequest(aws.url, {
      method,
      path,
      headers: { 'content-type': type },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  test('lists and clears events', async () => {
    await postSts(aws, call());
    const { body } = await send('GET', '/_emu/events');
    expect(JSON.parse(body)).toMatchObject({
      events: expect.arrayContaining([expect.objectContaining({ eventName: 'AssumeRoleWithSAML' })]),
    });
    await send('DELETE', '/_emu/events');
    expect(aws.events).toEqual([]);
  });

  test('shifts the clock', async () => {
    expect((await send('POST', '/_emu/clock', { offsetSeconds: 400 })).status).toBe(200);
    expect((await postSts(aws, call())).code).toBe('ExpiredTokenException');
    await send('POST', '/_emu/clock', { offsetSeconds: 0 });
    expect((await postSts(aws, call())).status).toBe(200);
  });

  test('sets and clears faults', async () => {
    await send('POST', '/_emu/faults', { throttleEvery: 1 });
    expect((await postSts(aws, call())).code).toBe('Throttling');
    await send('DELETE', '/_emu/faults');
    expect((await postSts(aws, call())).status).toBe(200);
  });

  test('takes JSON only, knows its members, and is not there under a real name', async () => {
    expect((await send('POST', '/_emu/clock', { offsetSeconds: 1 }, 'text/plain')).status).toBe(400);
    expect((await send('POST', '/_emu/clock', { offsetSeconds: '1' })).status).toBe(400);
    expect((await send('POST', '/_emu/faults', { sleep: 1 })).status).toBe(400);
    expect((await send('POST', '/_emu/faults', { status: 404 })).status).toBe(400);
    expect((await send('GET', '/_emu/other')).status).toBe(404);
    const headers = { host: 'sts.amazonaws.com' };
    expect((await rawRequest(aws.url, { path: '/_emu/events', headers })).status).toBe(404);
  });
});

describe('a person with a browser', () => {
  test('finds a page at the address, and one that tells of the missing console session', async () => {
    const landing = await rawRequest(aws.url, { path: '/', headers: { accept: 'text/html,*/*' } });
    expect(landing.body).toContain('Payments Production');
    expect(landing.headers['content-security-policy']).toContain("default-src 'none'");
    expect((await rawRequest(aws.url, { path: '/console/home' })).status).toBe(401);
  });
});

describe('under TLS and a real name', () => {
  test('answers as that host, in its region', async () => {
    const secure = await startAws({
      now: () => NOW,
      estate: sampleEstate(metadataFor(ISSUER, [pair])),
      tls: pair,
    });
    const { port } = new URL(secure.url);
    const status = await new Promise((resolve, reject) => {
      const request = https.request(
        {
          host: '127.0.0.1',
          port,
          servername: 'sts.eu-west-1.amazonaws.com',
          ca: pair.cert,
          method: 'POST',
          path: '/',
          agent: false,
          headers: { host: 'sts.eu-west-1.amazonaws.com', 'content-type': 'application/x-www-form-urlencoded' },
        },
        (response) => resolve(response.resume().statusCode),
      );
      request.on('error', reject);
      request.end(new URLSearchParams(call()).toString());
    });
    expect([secure.url.slice(0, 8), status, secure.events.at(-1)?.awsRegion]).toEqual(['https://', 200, 'eu-west-1']);
    await secure.close();
  });
});

describe('bad input', () => {
  const junk: readonly Readonly<Record<string, string>>[] = [
    {
      Action: 'AssumeRoleWithSAML',
      Version: '2011-06-15',
      RoleArn: 'x'.repeat(30),
      PrincipalArn: 'y'.repeat(30),
      SAMLAssertion: '====',
    },
    { Action: '__proto__', Version: 'constructor' },
    { Action: 'GetCallerIdentity', Version: '2011-06-15', 'X-Amz-Signature': '1' },
    { Action: 'GetRole', Version: '2010-05-08', RoleName: '../../../test' },
    ...['e30.e30.e30', 'bnVsbA.bnVsbA.x', 'eyJhbGciOltdfQ.eyJpc3MiOnt9fQ.x', '....'].map((WebIdentityToken) => ({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: 'arn:aws:iam::111122223333:role/x',
      RoleSessionName: 'xx',
      WebIdentityToken,
    })),
  ];
  for (const [index, members] of junk.entries()) {
    test(`never makes a 500 (${index + 1})`, async () => {
      for (const path of [
        '/',
        '/?%',
        '/?X-Amz-Signature=%ff',
        '/federation',
        '/federation?%E0%A4%A',
        '/saml',
        '/oauth',
        '/console/%',
      ]) {
        expect((await postForm(aws.url, path, members)).status).toBeLessThan(500);
      }
      const authorization = 'AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=0';
      expect(
        (await postForm(aws.url, '/', members, { authorization, 'x-amz-date': '20260301T120000Z' })).status,
      ).toBeLessThan(500);
    });
  }
});
