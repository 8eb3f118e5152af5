// The mode web-identity: the broker as an OpenID provider that IAM trusts. STS reads its documents over HTTP, as AWS does.
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Estate } from '../../emulators/aws/server.ts';
import { estate } from '../../examples/demo/company.ts';
import { writeWebIdentityDocuments } from '../../src/admin/web-identity-documents.ts';
import type { Credentials } from '../../src/wire/api.ts';
import { publishMetadata } from '../../src/wiring/published-metadata.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import { startTestDemo, type TestDemo } from './support/demo.ts';
import { callerOf } from './support/modes.ts';
import { signIn } from './support/sign-in.ts';

type Raw = Record<string, unknown>;
const account = '444455556666';
const directory = mkdtempSync(join(tmpdir(), 'rolegate-web-identity-'));
const when = { group: 'CORP\\AWS-Payments-Dev' };
const grant = (role: string, more: object = {}) => ({
  name: `token: ${role}`,
  when,
  grant: { accounts: ['payments-dev'], role, mode: 'web-identity', ...more },
});
const arnOf = (role: string) => `arn:aws:iam::${account}:role/${role}`;

let demo: TestDemo;
let browser: HttpBrowser;
let issuer: string;

function keyFile(name: string): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const file = join(directory, name);
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return file;
}

/** Trusts the broker for this one role only: `ISSUER:sub` pins it. */
function trusting(role: string, condition: object = {}): object {
  const host = issuer.replace('http://', '');
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${host}` },
        Action: ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession', 'sts:SetSourceIdentity'],
        Condition: {
          StringEquals: { [`${host}:aud`]: 'sts.amazonaws.com', [`${host}:sub`]: arnOf(role), ...condition },
        },
      },
    ],
  };
}

function withProvider(estate: Estate): Estate {
  const roles = [
    { name: 'ByToken', maxSessionDuration: 7200, trustPolicy: trusting('ByToken') },
    { name: 'Tagged', trustPolicy: trusting('Tagged', { 'aws:RequestTag/Team': 'payments' }) },
    { name: 'OfAnother', trustPolicy: trusting('SomeOtherRole') },
  ];
  const accounts = estate.accounts.map((each) =>
    each.id === account
      ? {
          ...each,
          oidcProviders: [{ url: issuer, clientIds: ['sts.amazonaws.com'] }],
          roles: [...each.roles, ...roles],
        }
      : each,
  );
  return { ...estate, accounts };
}

beforeAll(async () => {
  const keys = { signing: { key: keyFile('web.key') }, otherKeys: [{ key: keyFile('web.next.key') }] };
  demo = await startTestDemo({
    adjust: (config) => ({
      ...config,
      aws: { ...(config['aws'] as Raw), webIdentity: keys },
      rules: [
        ...(config['rules'] as Raw[]),
        grant('ByToken', { maxDuration: '4h' }),
        grant('Tagged', { sessionTags: { Team: 'payments' }, transitiveTags: ['Team'] }),
        grant('OfAnother'),
      ],
    }),
  });
  issuer = `${demo.brokerUrl}/aws/oidc`;
  demo.aws.setEstate(withProvider(estate(publishMetadata(demo.config).aws)));
  browser = createHttpBrowser();
  await signIn(browser, demo.brokerUrl, 'alice');
});
afterAll(async () => {
  browser?.close();
  await demo?.close();
  rmSync(directory, { recursive: true, force: true });
});

const post = (path: string, body: object) => browser.json('POST', `${demo.brokerUrl}/api/v1/${path}`, body);

describe('a role in the mode web-identity', () => {
  test('gives credentials that are who they say, under the person’s name, for what the role allows', async () => {
    const answer = await post('credentials', { roleArn: arnOf('ByToken') });
    const credentials = answer.json() as Credentials;
    expect([answer.status, credentials.DurationSeconds]).toEqual([200, 3600]);
    expect(credentials.DurationLimitedBy).toBe('role');
    expect(await callerOf(credentials, demo.awsUrl)).toBe(
      `arn:aws:sts::${account}:assumed-role/ByToken/alice@corp.example`,
    );
    const issued = demo.audit.findLast((line) => line['accessKeyId'] === credentials.AccessKeyId);
    expect(issued).toMatchObject({ event: 'credentials_issued', mode: 'web-identity', user: 'alice@corp.example' });
    const event = demo.aws.events.findLast(({ eventName }) => eventName === 'AssumeRoleWithWebIdentity');
    expect(JSON.stringify(event?.responseElements)).toContain(credentials.AccessKeyId);
    expect(JSON.stringify(event)).toContain('"sourceIdentity":"alice@corp.example"');
  });

  test('carries session tags in the token', async () => {
    expect((await post('credentials', { roleArn: arnOf('Tagged') })).status).toBe(200);
  });

  test('opens a console for as long as the rule says', async () => {
    const answer = await post('console-url', { roleArn: arnOf('ByToken') });
    expect(answer.status).toBe(200);
    const own = createHttpBrowser();
    expect((await own.get((answer.json() as { url: string }).url)).body).toContain('ByToken');
    own.close();
  });

  test('is refused where the trust policy pins another role: a token opens one door', async () => {
    const answer = await post('credentials', { roleArn: arnOf('OfAnother') });
    expect([answer.status, (answer.json() as Raw)['code']]).toEqual([403, 'sts_access_denied']);
    expect(demo.audit.at(-1)).toMatchObject({ event: 'credentials_refused', code: 'sts_access_denied' });
  });
});

describe('what AWS reads', () => {
  const get = async (path: string) => (await fetch(issuer + path)).json() as Promise<Record<string, unknown>>;

  test('is the discovery document and both keys, without their private halves', async () => {
    const discovery = await get('/.well-known/openid-configuration');
    expect(discovery).toMatchObject({ issuer, jwks_uri: `${issuer}/jwks.json` });
    const { keys } = (await get('/jwks.json')) as { keys: Record<string, unknown>[] };
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(key).not.toHaveProperty('d');
  });

  test('can be served by any web server from files', async () => {
    const files = writeWebIdentityDocuments(demo.config, directory);
    expect(files).toHaveLength(2);
    const read = (path: string) => JSON.parse(readFileSync(join(directory, path), 'utf8'));
    expect(read('.well-known/openid-configuration')).toEqual(await get('/.well-known/openid-configuration'));
    expect(read('jwks.json')).toEqual(await get('/jwks.json'));
  });

  test('is not there for a broker without such a key', async () => {
    const plain = await startTestDemo();
    expect((await fetch(`${plain.brokerUrl}/aws/oidc/jwks.json`)).status).toBe(404);
    expect(() => writeWebIdentityDocuments(plain.config, directory)).toThrow('no aws.webIdentity.signing');
    await plain.close();
  });
});
