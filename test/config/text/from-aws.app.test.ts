// ${aws-secret:…} and ${ssm:…} against the emulator: signed calls, permissions, missing values, and that no value is shown.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { type AwsEmulator, startAws } from '../../../emulators/aws/server.ts';
import type { EmulatedSecret } from '../../../emulators/aws/values/secrets-manager.ts';
import { ConfigError } from '../../../src/config/config.ts';
import { describeChange, maskedConfig } from '../../../src/config/live/diff.ts';
import { loadLive } from '../../../src/config/live/load-live.ts';
import { loadConfig, parseConfig } from '../../../src/config/load.ts';
import { change, createWorkplace, env, goodProduction, now, type Raw, type Workplace } from '../support/workplace.ts';

/* biome-ignore-start lint/suspicious/noTemplateCurlyInString: the configuration's own placeholders */

const broker = { name: 'broker', accessKeyId: 'AKIAEXAMPLEBROKERVAL', secretAccessKey: 'secret-of-the-broker' };
const stranger = { name: 'stranger', accessKeyId: 'AKIAEXAMPLESTRANGERS', secretAccessKey: 'secret-of-a-stranger' };
const canary = 'canary-5f0c9a1e7b2d48c6a3e1';
const session = `${canary}-of-the-session-secret`;
const byMember = JSON.stringify({ session, redis: `${canary}-redis`, port: 6380, list: [canary] });
const arn = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:rolegate/prod';
const secrets: EmulatedSecret[] = [
  { name: 'rolegate/prod', versions: { AWSCURRENT: byMember, AWSPREVIOUS: JSON.stringify({ session: 'older' }) } },
  { name: 'rolegate/text', versions: { AWSCURRENT: canary } },
  { name: 'rolegate/bytes', versions: { AWSCURRENT: Buffer.from(canary) } },
  { name: 'rolegate/gone', versions: { AWSCURRENT: canary }, isDeleted: true },
  { name: 'other/secret', versions: { AWSCURRENT: canary } },
];
const parameters = [
  { name: '/rolegate/name', type: 'SecureString' as const, values: ['First name', 'Second name'] },
  { name: 'plain', type: 'String' as const, values: ['Plain name'] },
];

let aws: AwsEmulator;
let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
  aws = await startAws({ now: () => new Date(), estate: estateWith(secrets) });
});
afterEach(() => {
  vi.unstubAllEnvs();
  aws.faults.clear();
  aws.setEstate(estateWith(secrets));
});
afterAll(async () => {
  await aws.close();
  workplace.remove();
});

function estateWith(all: readonly EmulatedSecret[]) {
  const Statement = [
    {
      Effect: 'Allow',
      Action: 'secretsmanager:GetSecretValue',
      Resource: 'arn:aws:secretsmanager:*:*:secret:rolegate/*',
    },
    { Effect: 'Allow', Action: 'ssm:GetParameter', Resource: '*' },
  ];
  const users = [{ ...broker, policies: [{ Version: '2012-10-17', Statement }] }, stranger];
  return { accounts: [{ id: '111122223333', name: 'Shared', roles: [], users, secrets: all, parameters }] };
}

function identify({ accessKeyId, secretAccessKey } = broker): void {
  vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey);
}

/** In development: production refuses the emulator's address. */
function withEmulator(path: string, value: unknown, url = aws.url): Raw {
  const endpoints = { secretsManager: url, ssm: url };
  const raw = { ...change(goodProduction(), 'aws.endpoints', endpoints), mode: 'development' };
  return change(raw, path, value);
}

const load = (raw: Raw, isOffline = false) =>
  parseConfig(stringify(raw), { source: 'rolegate.yaml', directory: workplace.directory, env, now, isOffline });

async function problemsOf(raw: Raw): Promise<readonly string[]> {
  const error: unknown = await load(raw).catch((thrown: unknown) => thrown);
  expect(JSON.stringify([error, String(error)])).not.toContain(canary);
  return error instanceof ConfigError ? error.problems : [];
}

describe('a reference is filled in', () => {
  test.each([
    ['a secret by name', '${aws-secret:rolegate/text}', canary],
    ['a secret inside a text', 'a ${aws-secret:rolegate/text} b', `a ${canary} b`],
    ['a member of a secret by ARN', `\${aws-secret:${arn}#redis}`, `${canary}-redis`],
    ['a member that is a number', '${aws-secret:rolegate/prod#port}', '6380'],
    ['an older stage', '${aws-secret:rolegate/prod?stage=AWSPREVIOUS#session}', 'older'],
    ['a SecureString', '${ssm:/rolegate/name}', 'Second name'],
    ['a version of it', '${ssm:/rolegate/name:1}', 'First name'],
    ['a parameter by ARN', '${ssm:arn:aws:ssm:us-east-1:111122223333:parameter/plain}', 'Plain name'],
  ])('%s', async (_, reference, expected) => {
    identify();
    const { portal } = await load(withEmulator('portal.name', reference));
    expect(portal.name).toBe(expected);
  });

  test('once: a value that looks like a reference stays as it is', async () => {
    identify();
    aws.setEstate(estateWith([{ name: 'rolegate/text', versions: { AWSCURRENT: '${SESSION_SECRET}' } }]));
    expect((await load(withEmulator('portal.name', '${aws-secret:rolegate/text}'))).portal.name).toBe(
      '${SESSION_SECRET}',
    );
  });

  test('with one call for several members of a secret', async () => {
    identify();
    const before = aws.events.length;
    const texts = [
      '${aws-secret:rolegate/prod#session}',
      '${aws-secret:rolegate/prod#redis}${aws-secret:rolegate/prod#session}',
    ];
    const { session: section } = await load(withEmulator('session.secrets', texts));
    expect(section.secrets).toEqual([session, `${canary}-redis${session}`]);
    const calls = aws.events.slice(before);
    expect(calls.map(({ eventName }) => eventName)).toEqual(['GetSecretValue']);
    expect(calls[0]!.requestParameters).toMatchObject({ secretId: 'rolegate/prod' });
  });
});

describe('a value that AWS does not give is a problem with its path and reference', () => {
  test.each([
    ['absent', '${aws-secret:rolegate/absent}', /the secret does not exist in eu-west-1/],
    [
      'without the stage',
      '${aws-secret:rolegate/prod?stage=green}',
      /the secret does not exist in eu-west-1 with the stage green/,
    ],
    ['marked for deletion', '${aws-secret:rolegate/gone}', /marked for deletion/],
    ['not permitted', '${aws-secret:other/secret}', /may not read it: allow it secretsmanager:GetSecretValue/],
    ['binary', '${aws-secret:rolegate/bytes}', /the secret is binary/],
    ['without the member', '${aws-secret:rolegate/prod#absent}', /the secret has no member absent/],
    ['a member that every object has', '${aws-secret:rolegate/prod#toString}', /has no member toString/],
    ['a member that is a list', '${aws-secret:rolegate/prod#list}', /the member list is not a text/],
    ['text where JSON is needed', '${aws-secret:rolegate/text#session}', /not a JSON object/],
    ['an absent parameter', '${ssm:/rolegate/absent}', /the parameter does not exist in eu-west-1/],
    ['an absent version', '${ssm:/rolegate/name:7}', /the parameter has no such version/],
    ['not a name', '${aws-secret:a b}', /is not of the form aws-secret:NAME/],
    ['not an ARN', '${ssm:arn:aws:ssm::parameter/x}', /is not of the form ssm:NAME/],
  ])('%s', async (_, reference, expected) => {
    identify();
    const problems = await problemsOf(withEmulator('portal.name', reference));
    expect(problems).toEqual([expect.stringMatching(expected)]);
    expect(problems[0]).toContain(`portal.name: ${reference}: `);
  });

  test('every one of several, and no problem besides for what they were to be', async () => {
    identify(stranger);
    const raw = change(
      withEmulator('session.secrets', ['${aws-secret:rolegate/prod#session}']),
      'store.password',
      '${ssm:/p}',
    );
    const problems = await problemsOf(raw);
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['store.password', 'session.secrets[0]']);
    expect(problems.join()).toMatch(/allow it ssm:GetParameter.*allow it secretsmanager:GetSecretValue/s);
  });

  test('a service that breaks the connection, and one that never answers', async () => {
    identify();
    aws.faults.set({ reset: true, scope: 'secretsmanager' });
    expect(await problemsOf(withEmulator('portal.name', '${aws-secret:rolegate/text}'))).toEqual([
      expect.stringMatching(/does not answer: check the way to its endpoint in eu-west-1/),
    ]);
    const silent = createServer(() => {});
    const url = await listening(silent);
    const problems = await problemsOf(withEmulator('portal.name', '${ssm:plain}', url));
    silent.closeAllConnections();
    silent.close();
    expect(problems).toEqual([expect.stringMatching(/\$\{ssm:plain\}: does not answer/)]);
  });

  test('one failure is tried again', async () => {
    identify();
    aws.faults.set({ status: 503, times: 1, scope: 'secretsmanager' });
    expect((await load(withEmulator('portal.name', '${aws-secret:rolegate/text}'))).portal.name).toBe(canary);
  });
});

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('production asks no other endpoint than those of AWS, and says why it does not start', async () => {
  identify();
  const before = aws.events.length;
  const problems = await problemsOf(
    change(withEmulator('session.secrets', ['${aws-secret:rolegate/prod#session}']), 'mode', 'production'),
  );
  expect(problems).toContain(
    'session.secrets[0]: ${aws-secret:rolegate/prod#session}: AWS is not asked at an endpoint that production refuses',
  );
  expect(await problemsOf({ ...withEmulator('portal.name', 'AWS'), mode: 'production' })).toEqual([
    'aws.endpoints.secretsManager: is not https on an AWS or VPC endpoint host',
    'aws.endpoints.ssm: is not https on an AWS or VPC endpoint host',
  ]);
  expect(aws.events).toHaveLength(before);
});

test('in production a reference is where a secret belongs; written into the file it is refused', async () => {
  const raw = change(goodProduction(), 'session.secrets', ['${aws-secret:rolegate/prod#session}']);
  expect((await load(raw, true)).session.secrets).toEqual([expect.stringMatching(/^not-read-/)]);
});

test('offline only the form of references is judged', async () => {
  const before = aws.events.length;
  const good = await load(withEmulator('store.password', '${aws-secret:rolegate/absent#x}'), true);
  expect(good.store).toMatchObject({ password: expect.stringMatching(/^not-read-/) });
  const error = await load(withEmulator('store.password', '${ssm:a b}'), true).catch((thrown: ConfigError) => thrown);
  expect((error as ConfigError).problems).toEqual([
    expect.stringMatching(/^store\.password: \$\{ssm:a b\}: is not of the form/),
  ]);
  expect(aws.events).toHaveLength(before);
});

describe('a reload', () => {
  const file = () => workplace.path('rolegate.yaml');
  const openid = (clientSecret: string) => {
    const providers = goodProduction()['identityProviders'] as object[];
    const oidc = { issuer: 'https://login.example', clientId: 'rolegate', clientSecret };
    return [...providers, { id: 'entra', label: 'Entra', openid: oidc, attributes: { user: 'upn' } }];
  };

  test('takes the new value, and shows neither', async () => {
    identify();
    const raw = withEmulator('identityProviders', openid('${aws-secret:rolegate/text}'));
    workplace.write(
      'rolegate.yaml',
      stringify(change(raw, 'session.secrets', ['${aws-secret:rolegate/prod#session}'])),
    );
    const running = await loadConfig(file(), env, now);
    const rotated = `${canary}-rotated-value-of-the-secret`;
    aws.setEstate(
      estateWith([
        { name: 'rolegate/text', versions: { AWSCURRENT: rotated } },
        { name: 'rolegate/prod', versions: { AWSCURRENT: JSON.stringify({ session: `${rotated}-session` }) } },
      ]),
    );
    const { config, changes, needRestart } = await loadLive(running, file(), { env, now });
    expect(config.oidcProviders[0]!.clientSecret).toBe(rotated);
    expect(changes.map(describeChange)).toEqual(['identityProviders["entra"].openid.clientSecret: secret changed']);
    expect(needRestart).toEqual(['session.secrets[0]']);
    expect(JSON.stringify([changes, config.warnings])).not.toContain(canary);
    expect(maskedConfig(config.source)).not.toContain(canary);
  });

  test('is refused as a whole while AWS does not answer', async () => {
    identify();
    workplace.write('rolegate.yaml', stringify(withEmulator('portal.name', '${ssm:plain}')));
    const running = await loadConfig(file(), env, now);
    aws.faults.set({ reset: true, scope: 'ssm' });
    await expect(loadLive(running, file(), { env, now })).rejects.toMatchObject({
      problems: [expect.stringMatching(/^portal\.name: \$\{ssm:plain\}: does not answer/)],
    });
  });
});
/* biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above */
