import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import {
  change,
  createEmptyWorkplace,
  createWorkplace,
  env,
  goodProduction,
  load,
  now,
  problemsOf,
  type Workplace,
} from './support/workplace.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
});
afterAll(() => workplace.remove());

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

describe('the file of the design', () => {
  const text = readFileSync(new URL('./design.yaml', import.meta.url), 'utf8');

  test('loads unchanged, with the keys beside it', async () => {
    workplace.write('rolegate.yaml', text);
    const config = await loadConfig(workplace.path('rolegate.yaml'), env, now);
    expect(config).toMatchObject({
      mode: 'development',
      baseUrl: 'http://127.0.0.1:8080',
      acsUrl: 'http://127.0.0.1:8080/saml/acs',
      listen: { host: '127.0.0.1', port: 8080, trustProxy: [], tls: undefined },
      operations: { host: '127.0.0.1', port: 8083, drainDelayMs: 0 },
      store: { type: 'memory' },
      session: { idleTimeoutMs: 3_600_000, absoluteTimeoutMs: 36_000_000, secrets: [env.SESSION_SECRET] },
      serviceProvider: { entityId: 'http://127.0.0.1:8080/saml/metadata' },
      aws: { partition: { name: 'aws' }, region: 'eu-west-1', endpoints: { sts: 'http://127.0.0.1:8082' } },
    });
    expect(config.samlProviders[0]).toMatchObject({
      id: 'adfs',
      label: 'Corporate sign-in',
      clockSkewMs: 180_000,
      wantAssertionsSigned: true,
      wantResponseSigned: false,
      metadata: { entityId: 'http://adfs.example/adfs/services/trust' },
    });
    expect(config.policy.rules.map(({ grant }) => [grant.role, grant.maxDurationSeconds])).toEqual([
      ['Developer', 28_800],
      ['{role}', 3600],
      ['Admin', 3600],
    ]);
    expect(config.policy.rules[2]?.grant.require).toEqual({ authnContext: 'mfa', maxAuthenticationAgeMs: 900_000 });
  });

  test('needs its secret', async () => {
    expect(await problemsOf(workplace, text, {})).toEqual(
      expect.arrayContaining(['session.secrets[0]: the environment variable SESSION_SECRET is not set']),
    );
  });
});

const bomb = [...'bcdefghij']
  .map((name, index) => `${name}: &${name} [${`*${'abcdefghij'[index]},`.repeat(10)}]`)
  .join('\n');

describe('reading', () => {
  test('a file that is not there is named', async () => {
    await expect(loadConfig('/nowhere/rolegate.yaml', env, now)).rejects.toMatchObject({
      name: 'ConfigError',
      message: '/nowhere/rolegate.yaml: 1 problem\n  cannot be read (ENOENT)',
    });
  });

  test.each([
    ['an empty file', ''],
    ['a list', '- mode: development'],
    ['a lone word', 'development'],
  ])('%s is not a configuration', async (_, text) => {
    const problems = await problemsOf(workplace, text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^\(top level\): /);
  });

  test('text that is not YAML is refused with its place', async () => {
    const problems = await problemsOf(workplace, 'mode: development\nlisten: { port: 8080');
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join()).toContain('line 2');
  });

  test('merge keys work, and keys with x- at the top are places for anchors', async () => {
    const yaml = `x-common: &common { environment: production }\n${stringify(goodProduction()).replace(
      /accounts:\n[\s\S]*?(?=\n\w)/,
      `accounts:
  - &one { <<: *common, id: '111122223333', alias: payments-prod, name: Payments Production }
  - { <<: [*one], id: '444455556666', alias: payments-dev, environment: development }`,
    )}`;
    workplace.write('merged.yaml', yaml);
    const { policy } = await loadConfig(workplace.path('merged.yaml'), env, now);
    expect(policy.accounts.map(({ alias, name, environment }) => [alias, name, environment])).toEqual([
      ['payments-prod', 'Payments Production', 'production'],
      ['payments-dev', 'Payments Production', 'development'],
    ]);
  });

  test.each([
    ['several documents', 'mode: development\n---\nmode: production\n', /^has several YAML documents: keep one/],
    ['an alias without its anchor', 'accounts: *nowhere\n', /nowhere/],
    ['a merge key with a text', 'listen: { <<: x, port: 1 }\n', /[Mm]erge/],
    ['a bomb of aliases', `a: &a [x]\n${bomb}`, /alias/],
  ])('%s are named', async (_, text, problem) => {
    const problems = await problemsOf(workplace, text);
    expect(problems).toEqual([expect.stringMatching(problem)]);
  });

  test('a duplicate key is refused', async () => {
    const problems = await problemsOf(workplace, 'mode: production\nmode: development\n');
    expect(problems.join()).toMatch(/unique.*line 2/i);
  });
});

describe('defaults', () => {
  test('leave nothing open that production would close', async () => {
    const config = await load(workplace, goodProduction());
    expect(config).toMatchObject({
      mode: 'production',
      listen: { host: '127.0.0.1' },
      operations: { host: '127.0.0.1', port: 8083, drainDelayMs: 5000 },
      session: { idleTimeoutMs: 3_600_000, absoluteTimeoutMs: 36_000_000 },
      audit: { sinks: [{ type: 'stdout', mode: 'required' }], signing: undefined },
      logLevel: 'info',
      portal: { name: 'Rolegate' },
      warnings: [],
    });
    expect(config.samlProviders[0]).toMatchObject({
      wantAssertionsSigned: true,
      wantResponseSigned: false,
      clockSkewMs: 180_000,
    });
    expect(config.policy.rules[0]?.grant).toMatchObject({ maxDurationSeconds: 3600, sourceIdentity: true });
    expect(config.policy.accounts[0]).toEqual({
      id: '111122223333',
      alias: 'payments-prod',
      name: 'payments-prod',
      environment: undefined,
      region: undefined,
      owner: undefined,
      labels: [],
    });
  });

  test('an origin is one origin, however it is written', async () => {
    const config = await load(workplace, change(goodProduction(), 'baseUrl', 'https://BROKER.example:443/'));
    expect(config.baseUrl).toBe('https://broker.example');
  });
});

describe('key pairs in development', () => {
  test('of which only one half is there are not overwritten', async () => {
    const half = createEmptyWorkplace();
    cleanups.push(half.remove);
    half.write('idp-metadata.xml', readFileSync(workplace.path('idp-metadata.xml'), 'utf8'));
    for (const name of ['aws.crt', 'sp.crt', 'sp.key']) half.write(name, readFileSync(workplace.path(name), 'utf8'));
    const problems = await problemsOf(half, { ...goodProduction(), mode: 'development' });
    expect(problems).toEqual(['aws.signing.key: cannot read aws.key (ENOENT)']);
  });

  test('are never made in production', async () => {
    const empty = createEmptyWorkplace();
    cleanups.push(empty.remove);
    const problems = await problemsOf(empty, goodProduction());
    expect(problems).toEqual(expect.arrayContaining(['aws.signing.key: cannot read aws.key (ENOENT)']));
    expect(readdirSync(empty.directory)).toEqual([]);
  });
});
