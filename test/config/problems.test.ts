import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/config.ts';
import { change, createWorkplace, goodProduction, load, problemsOf, type Workplace } from './support/workplace.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
});
afterAll(() => workplace.remove());

test('the configuration that these tests spoil is good', async () => {
  expect(await problemsOf(workplace, goodProduction())).toEqual([]);
});

describe('an unknown key is refused with its path', () => {
  const places = [
    'surprise',
    'listen.surprise',
    'operations.surprise',
    'store.surprise',
    'session.surprise',
    'serviceProvider.surprise',
    'serviceProvider.signing.surprise',
    'identityProviders[0].surprise',
    'identityProviders[0].metadata.surprise',
    'identityProviders[0].want.surprise',
    'identityProviders[0].attributes.surprise',
    'aws.surprise',
    'aws.signing.surprise',
    'aws.endpoints.surprise',
    'accounts[1].surprise',
    'rules[0].surprise',
    'rules[0].grant.surprise',
    'rules[0].grant.require.surprise',
    'audit.surprise',
    'log.surprise',
    'portal.surprise',
  ];
  test.each(places)('%s', async (path) => {
    const base = path.startsWith('audit') ? change(goodProduction(), 'audit.type', 'stdout') : goodProduction();
    const withPort = path.startsWith('operations') ? change(base, 'operations.port', 8083) : base;
    expect(await problemsOf(workplace, change(withPort, path, 1))).toEqual([`${path}: unknown key`]);
  });

  test('rules[0].when', async () => {
    const problems = await problemsOf(workplace, change(goodProduction(), 'rules[0].when.surprise', 1));
    expect(problems).toEqual(['rules[0].when.surprise: unknown key']);
  });
});

// biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own placeholder
const reference = '${REDIS_PASSWORD}';

describe('a value that does not fit is refused with its path', () => {
  const rows: [path: string, value: unknown, expected: RegExp][] = [
    ['mode', 'staging', /production/],
    ['baseUrl', 'broker.example', /not an http or https URL/],
    ['baseUrl', 'ftp://broker.example', /not an http or https URL/],
    ['baseUrl', 'https://broker.example/rolegate', /must be an origin/],
    ['baseUrl', 'https://broker.example/?a=b', /must be an origin/],
    ['listen.port', 65_536, /65535/],
    ['listen.port', '8080', /number/],
    ['session.secrets[0]', 'short', /at least 32/],
    ['session.secrets', [], /./],
    ['session.idleTimeout', '1', /not a duration/],
    ['session.idleTimeout', 60, /string/],
    ['session.idleTimeout', '1h30m', /not a duration/],
    ['session.idleTimeout', '30s', /between 1 and 1440 minutes/],
    ['session.absoluteTimeout', '2d', /between 5 and 1440 minutes/],
    ['session.absoluteTimeout', '-5h', /not a duration/],
    ['identityProviders[0].clockSkew', '6m', /between 0 and 5 minutes/],
    ['serviceProvider.entityId', 'rolegate', /not an absolute URI/],
    ['serviceProvider.entityId', ' https://rolegate.example/', /not an absolute URI/],
    ['serviceProvider.entityId', `urn:${'x'.repeat(253)}`, /256/],
    ['identityProviders[0].id', 'AD FS', /lower-case/],
    ['identityProviders', [], /./],
    ['identityProviders[0].attributes.user', { nameId: false }, /./],
    ['store.url', 'http://redis.example', /redis: or rediss:/],
    ...[':50%off@h', ':a/b@h', ':a#b@h', ':a?b@h', ':secret@h:port', ':%ff@h'].map(
      (rest): [string, unknown, RegExp] => [
        'store.url',
        `rediss://${rest}`,
        /^store\.url: (?!.*(?:50|off|a\/b|a#b|a\?b|secret|%ff)).*percent-encode the password, or use store\.password$/,
      ],
    ),
    ['store.url', 'rediss://redis.example/abc', /^store\.url: (?!.*abc).*not a database such as \/0/],
    ['store.url', 'rediss://redis.example?db=1', /query/],
    ['store.url', 'unix://run/redis.sock', /absolute path/],
    ['store.tls', false, /contradicts rediss:/],
    [
      'store',
      { type: 'redis', url: 'redis://127.0.0.1', tls: true },
      /store\.tls: is for sentinels and cluster; write rediss:/,
    ],
    ['store', { type: 'redis', url: 'redis://127.0.0.1', ca: 'tls.crt' }, /store\.ca: counts with TLS only/],
    [
      'store',
      { type: 'redis', url: 'rediss://127.0.0.1', password: reference, cert: 'tls.crt' },
      /give both cert and key/,
    ],
    [
      'store',
      { type: 'redis', url: 'rediss://127.0.0.1', ca: 'tls.key' },
      /store\.ca: tls\.key holds no PEM certificate/,
    ],
    ['store', { type: 'redis', cluster: [{ host: 'redis://n1', port: 6379 }] }, /is not a host name or an address/],
    [
      'store',
      { type: 'redis', cluster: [{ host: 'n1', port: 6379 }], database: 2, tls: true, password: reference },
      /a Cluster has database 0 only/,
    ],
    [
      'store',
      { type: 'redis', url: `rediss://:${reference}@h`, password: reference },
      /store\.password: store\.url has a password too/,
    ],
    ['store.type', 'sqlite', /./],
    ['aws.partition', 'aws-iso', /aws-cn/],
    ['aws.region', 'Ireland', /name of a region/],
    ['aws.provider', 'role gate', /1 to 128/],
    ['aws.mode', 'forwards', /is not a federation mode .* mint, /],
    ['aws.endpoints.sts', 'sts.eu-west-1.amazonaws.com', /not an http or https URL/],
    ['accounts[0].id', 111122223333, /string/],
    ['accounts[1].id', 12345678901, /string/],
    ['accounts[0].id', '11112222333', /12 digits/],
    ['accounts[0].alias', 'Payments Prod', /lower-case/],
    ['accounts[0].region', 'eu-west', /name of a region/],
    ['rules[0].grant.maxDuration', '10m', /between 15 and 2160 minutes/],
    ['rules[0].grant.maxDuration', '13h', /the mode mint allows at most 12 hours/],
    ['rules[0].grant.accounts', [], /./],
    ['rules[0].when', { any: [] }, /when\.any: /],
    ['rules[0].when', {}, /must be one of/],
    ['rules[0].when', { groups: 'a' }, /must be one of/],
    ['rules[0].when', { claim: 'urn:x' }, /must be one of/],
    ['rules[0].when', { group: 'a', groupPattern: 'b' }, /must be one of/],
    ['rules[0].when', { groupPattern: 'x'.repeat(513) }, /when\.groupPattern: /],
    ['log.level', 'trace', /./],
    ['audit', { type: 'file' }, /./],
  ];
  test.each(rows)('%s: %j', async (path, value, expected) => {
    const problems = await problemsOf(workplace, change(goodProduction(), path, value));
    expect(problems).toHaveLength(1);
    const [problem = ''] = problems;
    expect(problem.startsWith(path) || problem.startsWith(`${path}.`)).toBe(true);
    expect(problem).toMatch(expected);
  });

  test.each([
    'baseUrl',
    'listen',
    'store',
    'session',
    'serviceProvider',
    'identityProviders',
    'aws',
    'accounts',
    'rules',
  ])('%s is required', async (path) => {
    const problems = await problemsOf(workplace, change(goodProduction(), path, undefined));
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${path}: `))]);
  });
});

describe('durations', () => {
  test.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['8h', 28_800_000],
    ['1d', 86_400_000],
  ])('%s', async (text, ms) => {
    const raw = change(change(goodProduction(), 'session.absoluteTimeout', '1d'), 'session.idleTimeout', text);
    expect((await load(workplace, raw)).session.idleTimeoutMs).toBe(ms);
  });
});

describe('what does not hold together', () => {
  const provider = (goodProduction()['identityProviders'] as object[])[0];
  const rows: [name: string, path: string, value: unknown, expected: string][] = [
    ['idle longer than absolute', 'session.idleTimeout', '11h', 'session.idleTimeout: is longer than absoluteTimeout'],
    ['one id for two IdPs', 'identityProviders', [provider, provider], 'identityProviders: two have the same id'],
    [
      'nothing signed',
      'identityProviders[0].want',
      { assertionsSigned: false },
      'identityProviders[0].want: one of the two must be signed',
    ],
    [
      'metadata from nowhere',
      'identityProviders[0].metadata',
      {},
      'identityProviders[0].metadata: give either file or url',
    ],
    [
      'metadata from two places',
      'identityProviders[0].metadata.url',
      'https://adfs.example/metadata',
      'identityProviders[0].metadata: give either file or url',
    ],
    [
      'metadata that is not there',
      'identityProviders[0].metadata.file',
      'absent.xml',
      'identityProviders[0].metadata.file: cannot read absent.xml (ENOENT)',
    ],
    ['no way to Redis', 'store.url', undefined, 'store: give one of url, sentinels, cluster'],
    [
      'two ways to Redis',
      'store.cluster',
      [{ host: 'redis.example', port: 6379 }],
      'store: give one of url, sentinels, cluster',
    ],
    ['a CA that is not there', 'store.ca', 'ca.pem', 'store.ca: cannot read ca.pem (ENOENT)'],
    ['one account twice', 'accounts[1].id', '111122223333', 'accounts[1].id: 111122223333 is used twice'],
    ['one alias twice', 'accounts[1].alias', 'payments-prod', 'accounts[1].alias: payments-prod is used twice'],
  ];
  test.each(rows)('%s', async (_, path, value, expected) => {
    const problems = await problemsOf(workplace, change(goodProduction(), path, value));
    expect(problems).toContain(expected);
  });

  test('an alias may not look like an account id: a rule would mean another account', async () => {
    const problems = await problemsOf(workplace, change(goodProduction(), 'accounts[1].alias', '999999999999'));
    expect(problems).toEqual([expect.stringMatching(/^accounts\[1\]\.alias: /)]);
  });

  test('a file that is not metadata of an identity provider is refused', async () => {
    workplace.write('not-metadata.xml', '<html/>');
    const problems = await problemsOf(
      workplace,
      change(goodProduction(), 'identityProviders[0].metadata.file', 'not-metadata.xml'),
    );
    expect(problems).toEqual([
      expect.stringMatching(/^identityProviders\[0\]\.metadata\.file: .*is an HTML page, not metadata/),
    ]);
  });

  test('an invalid proxy URL is refused here, not at the first request', async () => {
    const problems = await problemsOf(workplace, change(goodProduction(), 'listen.trustProxy', ['the load balancer']));
    expect(problems).toEqual([expect.stringMatching(/^listen\.trustProxy\[0\]: /)]);
    expect(await problemsOf(workplace, change(goodProduction(), 'listen.trustProxy', ['0.0.0.0/0']))).toHaveLength(1);
    for (const proxy of ['10.0.0.1', '10.0.0.16/28', 'fd00::/120', '2001:db8::1', '::ffff:10.0.0.16/124']) {
      expect(await problemsOf(workplace, change(goodProduction(), 'listen.trustProxy', [proxy]))).toEqual([]);
    }
  });
});

describe('every problem at once', () => {
  const spoil = (rows: [string, unknown][]) =>
    rows.reduce((raw, [path, value]) => change(raw, path, value), goodProduction());
  const paths = (problems: readonly string[]) => problems.map((problem) => problem.split(': ')[0]);

  test('ten values that do not fit are ten lines', async () => {
    const mistakes: [string, unknown][] = [
      ['mode', 'staging'],
      ['baseUrl', 'https://broker.example/path'],
      ['listen.port', -1],
      ['surprise', true],
      ['session.idleTimeout', 'soon'],
      ['identityProviders[0].id', 'AD FS'],
      ['aws.region', 'Ireland'],
      ['accounts[0].id', 111122223333],
      ['rules[0].grant.maxDuration', '1w'],
      ['portal.name', ''],
    ];
    const problems = await problemsOf(workplace, spoil(mistakes));
    expect(paths(problems).sort()).toEqual(mistakes.map(([path]) => path).sort());
  });

  test('ten mistakes of every kind are ten lines', async () => {
    const mistakes: [string, unknown][] = [
      ['baseUrl', 'broker'],
      ['surprise', true],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own placeholder
      ['portal.name', '${PORTAL_NAME}'],
      ['store.ca', 'absent-ca.pem'],
      ['serviceProvider.signing.key', 'absent.key'],
      ['identityProviders[0].metadata.file', 'absent.xml'],
      ['aws.signing.cert', 'sp.crt'],
      ['accounts[1].alias', 'payments-prod'],
      ['rules[0].grant.accounts', ['payments-test']],
      ['rules[0].when', { groupPattern: '(' }],
    ];
    const problems = await problemsOf(workplace, spoil(mistakes));
    const expected = mistakes.map(([path]) => path);
    for (const path of expected)
      expect(
        paths(problems).some((found) => found?.startsWith(path)),
        path,
      ).toBe(true);
  });

  test('the message counts them and puts each on a line', () => {
    expect(new ConfigError('rolegate.yaml', ['a: wrong', 'b: wrong']).message).toBe(
      'rolegate.yaml: 2 problems\n  a: wrong\n  b: wrong',
    );
  });
});
