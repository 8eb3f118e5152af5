import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AwsEmulator } from '../../emulators/aws/server.ts';
import { type ConsoleSignIn, consoleSigninUrl, signinUrlLifetimeMs } from '../../src/aws/console-signin.ts';
import { createSts, type TemporaryCredentials } from '../../src/aws/sts.ts';
import { createHttpBrowser } from '../support/http-browser/http-browser.ts';
import { keyPair } from '../support/key-pairs.ts';
import { freePort } from '../support/ports.ts';
import { startTrustingAws, stsCall } from './support/estate.ts';
import { account } from './support/minting.ts';
import { type RecordingServer, type ScriptedAnswer, startRecordingServer } from './support/recording-server.ts';
import { stsOptions } from './support/sts-options.ts';

const pair = keyPair('minting');
let aws: AwsEmulator;
let credentials: TemporaryCredentials;
const running: RecordingServer[] = [];
beforeAll(async () => {
  aws = await startTrustingAws(pair);
  const sts = createSts(stsOptions(() => aws.url));
  ({ credentials } = await sts.assumeRoleWithSaml(await stsCall(pair)));
});
afterEach(async () => {
  aws.faults.clear();
  for (const server of running.splice(0)) await server.close();
});
afterAll(() => aws.close());

const destination = 'https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1';
const issuer = 'https://rolegate.example.com/?a=1&b=2';

async function record(answer: Parameters<typeof startRecordingServer>[0]): Promise<RecordingServer> {
  const server = await startRecordingServer(answer);
  running.push(server);
  return server;
}

const signIn = (endpoint: string, overrides: Partial<ConsoleSignIn> = {}): ConsoleSignIn => ({
  ...{ endpoint, credentials, durationSeconds: 3600, destination, issuer },
  ...overrides,
});

const good = (token = 'token'): ScriptedAnswer => ({ body: JSON.stringify({ SigninToken: token }) });

describe('consoleSigninUrl', () => {
  test('opens a console at the destination, for as long as was asked', async () => {
    const server = await record(aws.url);
    const { url } = await consoleSigninUrl(signIn(server.url, { durationSeconds: 43_200 }));
    const browser = createHttpBrowser();
    const page = await browser.get(url);
    browser.close();
    expect(page.status).toBe(200);
    expect(page.body).toContain(account);
    expect(page.body).toContain('alice@example.com');
    const names = aws.events.slice(-2).map(({ eventName, errorCode }) => [eventName, errorCode]);
    expect(names).toEqual([
      ['GetSigninToken', undefined],
      ['ConsoleLogin', undefined],
    ]);
    expect(aws.events.at(-2)?.requestParameters).toEqual({ sessionDuration: 43_200 });
    expect(aws.events.at(-1)?.additionalEventData).toMatchObject({ LoginTo: destination });
  });

  test('puts the secret key and the session token into the body of a POST, never into a URL', async () => {
    const server = await record(aws.url);
    const { url } = await consoleSigninUrl(signIn(server.url));
    expect(server.requests).toHaveLength(1);
    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/federation' });
    expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    const form = new URLSearchParams(request?.body);
    expect(JSON.parse(form.get('Session')!)).toEqual({
      sessionId: credentials.accessKeyId,
      sessionKey: credentials.secretAccessKey,
      sessionToken: credentials.sessionToken,
    });
    expect([form.get('Action'), form.get('SessionDuration')]).toEqual(['getSigninToken', '3600']);
    for (const secret of [credentials.secretAccessKey, credentials.sessionToken]) {
      expect(url).not.toContain(encodeURIComponent(secret));
      expect(decodeURIComponent(url)).not.toContain(secret);
      expect(JSON.stringify(request?.headers)).not.toContain(secret);
    }
  });

  test('is a login on the host that gave the token, with every part encoded', async () => {
    const server = await record(() => good('a+b/c=&d'));
    const url = new URL((await consoleSigninUrl(signIn(server.url))).url);
    expect(url.origin + url.pathname).toBe(`${server.url}/federation`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      Action: 'login',
      Issuer: issuer,
      Destination: destination,
      SigninToken: 'a+b/c=&d',
    });
  });

  test('lasts a quarter of an hour', () => expect(signinUrlLifetimeMs).toBe(900_000));
});

describe('a duration that is refused', () => {
  test('is left out in one more try', async () => {
    const server = await record((_, index) => (index === 0 ? { status: 400 } : good()));
    await expect(consoleSigninUrl(signIn(server.url))).resolves.toHaveProperty(
      'url',
      expect.stringContaining('SigninToken=token'),
    );
    const durations = server.requests.map((request) => new URLSearchParams(request.body).get('SessionDuration'));
    expect(durations).toEqual(['3600', null]);
  });

  test('by AWS itself still opens the console, for the life of the credentials', async () => {
    const server = await record(aws.url);
    await expect(consoleSigninUrl(signIn(server.url, { durationSeconds: 60 }))).resolves.toMatchObject({
      url: expect.stringContaining('SigninToken='),
      durationSeconds: undefined,
    });
    expect(server.requests).toHaveLength(2);
  });
});

describe('credentials that are refused', () => {
  test('are signin_refused after both tries, and are not told', async () => {
    const server = await record(aws.url);
    const wrong = { ...credentials, secretAccessKey: 'wrong-secret-access-key' };
    const error = await consoleSigninUrl(signIn(server.url, { credentials: wrong })).catch((cause) => cause);
    expect(error).toMatchObject({ name: 'BrokerError', code: 'signin_refused' });
    expect(server.requests).toHaveLength(2);
    expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain('wrong-secret');
  });
});

describe('a sign-in endpoint in trouble', () => {
  const answers: readonly (readonly [string, ScriptedAnswer])[] = [
    ['answers 500', { status: 500 }],
    ['answers 503', { status: 503 }],
    ['answers 403', { status: 403 }],
    ['sends somewhere else, which is not followed', { status: 302, headers: { location: 'http://127.0.0.1:9/' } }],
    ['answers with a page', { body: '<html>' }],
    ['answers with nothing', { body: '' }],
    ['answers with JSON that is not an object', { body: 'null' }],
    ['answers without a token', { body: '{}' }],
    ['answers with an empty token', good('')],
    ['answers with a token that is not a string', { body: '{"SigninToken":{"a":1}}' }],
    ['answers without end', { body: 'x'.repeat(100_000) }],
    ['cuts the connection', { reset: true }],
  ];
  for (const [name, answer] of answers) {
    test(`that ${name} is signin_unavailable, asked once`, async () => {
      const server = await record(() => answer);
      const error = await consoleSigninUrl(signIn(server.url)).catch((cause) => cause);
      expect(error).toMatchObject({ name: 'BrokerError', code: 'signin_unavailable' });
      expect(server.requests).toHaveLength(1);
      for (const secret of [credentials.secretAccessKey, credentials.sessionToken]) {
        expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain(secret);
      }
    });
  }

  test('that does not listen is signin_unavailable', async () => {
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    await expect(consoleSigninUrl(signIn(endpoint))).rejects.toMatchObject({ code: 'signin_unavailable' });
  });

  test('that is slow is waited for', async () => {
    aws.faults.set({ latencyMs: 200, scope: 'signin' });
    await expect(consoleSigninUrl(signIn(aws.url))).resolves.toMatchObject({
      url: expect.stringContaining('SigninToken='),
      durationSeconds: 3600,
    });
  });
});
