import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeKeyPair } from '../../emulators/keys.ts';
import { keyPair } from '../support/key-pairs.ts';
import { certifyAgain } from './support/certify-again.ts';
import {
  change,
  createWorkplace,
  type Environment,
  env,
  goodProduction,
  load,
  problemsOf,
  type Raw,
  type Workplace,
} from './support/workplace.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
  workplace.writePair('test', await makeKeyPair('Rolegate test key', { privateKey: keyPair('stranger').key }));
  const sp = { key: readFileSync(workplace.path('sp.key'), 'utf8'), cert: '' };
  workplace.writePair('sp-again', {
    ...sp,
    cert: await certifyAgain(createPrivateKey(sp.key), 'broker.example again'),
  });
});
afterAll(() => workplace.remove());

const china = (raw: Raw) => change(change(raw, 'aws.partition', 'aws-cn'), 'aws.region', 'cn-north-1');
const government = (raw: Raw) => change(change(raw, 'aws.partition', 'aws-us-gov'), 'aws.region', 'us-gov-west-1');
const set = (path: string, value: unknown) => (raw: Raw) => change(raw, path, value);
const pair = (name: string) => ({ key: `${name}.key`, cert: `${name}.crt` });
const url = { url: 'https://adfs.example/FederationMetadata/2007-06/FederationMetadata.xml' };

interface Row {
  readonly name: string;
  readonly change: (raw: Raw) => Raw;
  readonly env?: Environment;
  /** The start of the one line that refuses it. */
  readonly problem: string;
  /** The same thing as production takes it. */
  readonly twin: (raw: Raw) => Raw;
  readonly twinEnv?: Environment;
}

const same = (raw: Raw) => raw;
const stsHost = (host: string) => set('aws.endpoints.sts', host);
const signinHost = (host: string) => set('aws.endpoints.signin', host);

const redis = (settings: object) => set('store', { type: 'redis', ...settings });
const host = (name: string) => [{ host: name, port: 6379 }];
// biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own placeholder
const secret = '${REDIS_PASSWORD}';

const redisRows: readonly Row[] = [
  {
    name: 'plain Redis on another host',
    change: redis({ url: 'redis://redis.example:6379', password: secret }),
    problem: 'store: the connection to redis.example is plain text',
    twin: redis({ url: 'redis://127.0.0.1:6379' }),
  },
  {
    name: 'a plain Cluster',
    change: redis({ cluster: [...host('127.0.0.1'), ...host('10.0.0.1')], password: secret }),
    problem: 'store: the connection to 10.0.0.1 is plain text',
    twin: redis({ cluster: host('10.0.0.1'), password: secret, tls: true }),
  },
  {
    name: 'a plain Cluster whose first node is on loopback',
    change: redis({ cluster: host('127.0.0.1'), password: secret }),
    problem: 'store: the connection to 127.0.0.1 is plain text',
    twin: redis({ cluster: host('127.0.0.1'), password: secret, tls: true }),
  },
  {
    name: 'a Cluster on loopback without a password',
    change: redis({ cluster: host('127.0.0.1'), tls: true }),
    problem: 'store: 127.0.0.1 asks for no password',
    twin: redis({ url: 'redis://127.0.0.1:6379' }),
  },
  {
    name: 'plain Sentinels on loopback',
    change: redis({ sentinels: { name: 'main', hosts: host('::1') }, password: secret }),
    problem: 'store: the connection to ::1 is plain text',
    twin: redis({ sentinels: { name: 'main', hosts: host('::1') }, password: secret, tls: true }),
  },
  {
    name: 'Sentinels on loopback without a password',
    change: redis({ sentinels: { name: 'main', hosts: host('localhost') }, tls: true }),
    problem: 'store: localhost asks for no password',
    twin: redis({ sentinels: { name: 'main', hosts: host('localhost') }, password: secret, tls: true }),
  },
  {
    name: 'plain Sentinels',
    change: redis({ sentinels: { name: 'main', hosts: host('s1.example') }, password: secret }),
    problem: 'store: the connection to s1.example is plain text',
    twin: redis({ sentinels: { name: 'main', hosts: host('s1.example') }, password: secret, tls: true }),
  },
  {
    name: 'Redis without a password on another host',
    change: redis({ url: 'rediss://redis.example' }),
    problem: 'store: redis.example asks for no password',
    twin: redis({ url: 'unix:///run/redis/redis.sock' }),
  },
  {
    name: 'a host that only looks like loopback',
    change: redis({ url: 'rediss://127.0.0.1.example' }),
    problem: 'store: 127.0.0.1.example asks for no password',
    twin: redis({ url: 'redis://[::1]:6379' }),
  },
];

const openid = (clientSecret: string) => (raw: Raw) =>
  change(raw, 'identityProviders[0]', {
    ...{ id: 'oidc', label: 'OpenID', attributes: { user: 'email' } },
    openid: { issuer: 'https://idp.example', clientId: 'rolegate', clientSecret },
  });

const secretRows: readonly Row[] = [
  {
    name: 'a session secret in the file',
    change: set('session.secrets', ['a literal secret of more than thirty-two characters']),
    problem: 'session.secrets[0]: contains a secret',
    twin: same,
  },
  {
    name: 'a password of Redis in the file',
    change: set('store.password', 'literal'),
    problem: 'store.password: contains a secret',
    twin: same,
  },
  {
    name: 'a password of Redis in the URL',
    change: redis({ url: 'rediss://user:literal@redis.example' }),
    problem: 'store.url: contains a secret',
    twin: redis({ url: 'rediss://user@redis.example', password: secret }),
  },
  {
    name: 'a password of Sentinels in the file',
    change: redis({
      ...{ sentinels: { name: 'main', hosts: host('s1.example'), password: 'literal' } },
      ...{ password: secret, tls: true },
    }),
    problem: 'store.sentinels.password: contains a secret',
    twin: redis({
      ...{ sentinels: { name: 'main', hosts: host('s1.example'), password: secret } },
      ...{ password: secret, tls: true },
    }),
  },
  {
    name: 'a client secret in the file',
    change: openid('literal'),
    problem: 'identityProviders[0].openid.clientSecret: contains a secret',
    twin: openid(secret),
  },
  ...['x'.repeat(32), 'abcdefgh'.repeat(4), '0123456789'.repeat(5)].map((weak) => ({
    name: `the session secret ${weak}`,
    change: same,
    env: { ...env, SESSION_SECRET: weak },
    problem: 'session.secrets[0]: repeats itself',
    twin: same,
    twinEnv: { ...env, SESSION_SECRET: '3f9a1c07b2e84d56a0c1f7e29b3d8465' },
  })),
];

/** Name, a refused value, and an accepted value. */
const environmentRows: readonly (readonly [string, string, string])[] = [
  ['NODE_TLS_REJECT_UNAUTHORIZED', '0', '1'],
  ['SSLKEYLOGFILE', '/tmp/keys', ''],
  ...['http', 'HTTPS', 'cluster,tls', 'ht*', 'undici', 'fetch', 'net'].map(
    (value) => ['NODE_DEBUG', value, 'cluster,timer'] as const,
  ),
  ['NODE_DEBUG_NATIVE', 'http2', ''],
  ...['*', 'io*', 'oidc-*', 'app,oidc-provider:*', 'app'].map((value) => ['DEBUG', value, ''] as const),
  ['OPENSSL_CONF', '/tmp/openssl.cnf', ''],
  ...[
    '--inspect',
    '--inspect=0.0.0.0:9229',
    '--max-old-space-size=512 --inspect-brk',
    '--inspect_wait',
    '--tls-keylog=/tmp/keys',
    '"--tls-keylog=/tmp/my keys"',
    '--tls_keylog /tmp/keys',
    '--trace-tls',
    '--tls-min-v1.0',
    '--insecure-http-parser',
    '--heapsnapshot-signal=SIGUSR2',
    '--report-on-signal',
    '--report_on_fatalerror',
    '--tls-cipher-list=ALL',
    '--openssl-config=/tmp/openssl.cnf',
    '--openssl-legacy-provider',
  ].map((value) => ['NODE_OPTIONS', value, '--max-old-space-size=512 --tls-min-v1.3'] as const),
];

const rows: readonly Row[] = [
  {
    name: 'http',
    change: set('baseUrl', 'http://broker.example'),
    problem: 'baseUrl: must be https',
    twin: set('baseUrl', 'https://broker.example'),
  },
  {
    name: 'https without a TLS terminator',
    change: set('listen.trustProxy', undefined),
    problem: 'listen: https needs tls here, or trustProxy',
    twin: (raw) => change(change(raw, 'listen.trustProxy', undefined), 'listen.tls', pair('tls')),
  },
  {
    name: 'the memory store',
    change: set('store', { type: 'memory' }),
    problem: 'store: memory loses every session',
    twin: redis({ cluster: host('127.0.0.1'), password: secret, tls: true }),
  },
  {
    name: 'a minting key made for tests',
    change: set('aws.signing', pair('test')),
    problem: 'aws.signing: is a certificate made for tests',
    twin: set('aws.signing', pair('aws')),
  },
  {
    name: 'a service provider key made for tests',
    change: set('serviceProvider.signing', pair('test')),
    problem: 'serviceProvider.signing: is a certificate made for tests',
    twin: set('serviceProvider.signing', undefined),
  },
  {
    name: 'a TLS key made for tests',
    change: set('listen.tls', pair('test')),
    problem: 'listen.tls: is a certificate made for tests',
    twin: set('listen.tls', pair('tls')),
  },
  {
    name: 'one key for requests and for minting',
    change: set('aws.signing', pair('sp')),
    problem: 'aws.signing: the minting key opens every role',
    twin: same,
  },
  {
    name: 'one key for TLS and for minting',
    change: set('listen.tls', pair('aws')),
    problem: 'aws.signing: the minting key opens every role',
    twin: set('listen.tls', pair('tls')),
  },
  {
    name: 'one key for decryption and for minting',
    change: set('serviceProvider.encryption', [pair('aws')]),
    problem: 'aws.signing: the minting key opens every role',
    twin: set('serviceProvider.encryption', [pair('tls')]),
  },
  {
    name: 'one key under two certificates',
    change: set('aws.signing', pair('sp-again')),
    problem: 'aws.signing: the minting key opens every role',
    twin: same,
  },
  {
    name: 'metadata over http',
    change: set('identityProviders[0].metadata', { url: url.url.replace('https', 'http') }),
    problem: 'identityProviders[0].metadata.url: must be https',
    twin: set('identityProviders[0].metadata', url),
  },
  {
    name: 'a sign-in page over http',
    change: set('identityProviders[0].metadata.file', 'lab-metadata.xml'),
    problem: 'identityProviders[0].metadata: its sign-in address is not https',
    twin: set('identityProviders[0].metadata.file', 'idp-metadata.xml'),
  },
  ...[
    'http://sts.eu-west-1.amazonaws.com',
    'https://sts.eu-west-1.amazonaws.com:8443',
    'https://127.0.0.1',
    'https://sts.eu-west-1.amazonaws.com.evil.example',
    'https://evil.example/sts.eu-west-1.amazonaws.com',
    'https://sts.evilamazonaws.com',
    'https://s3.eu-west-1.amazonaws.com',
    'https://sts.cn-north-1.amazonaws.com.cn',
  ].map((host) => ({
    name: `STS at ${host}`,
    change: stsHost(host),
    problem: 'aws.endpoints.sts: is not https on an AWS or VPC endpoint host',
    twin: stsHost('https://sts.eu-west-1.amazonaws.com'),
  })),
  {
    name: 'STS of another partition',
    change: (raw) => china(stsHost('https://sts.eu-west-1.amazonaws.com')(raw)),
    problem: 'aws.endpoints.sts: is not https on an AWS or VPC endpoint host',
    twin: (raw) => china(stsHost('https://sts.cn-north-1.amazonaws.com.cn')(raw)),
  },
  ...[
    'http://signin.aws.amazon.com',
    'https://signin.aws.amazon.com:8443',
    'https://evilsignin.aws.amazon.com',
    'https://signin.aws.amazon.com.evil.example',
    'https://console.aws.amazon.com',
  ].map((host) => ({
    name: `sign-in at ${host}`,
    change: signinHost(host),
    problem: 'aws.endpoints.signin: is not an AWS sign-in host',
    twin: signinHost('https://eu-west-1.signin.aws.amazon.com'),
  })),
  ...[
    'http://iam.amazonaws.com',
    'https://iam.amazonaws.com:8443',
    'https://127.0.0.1',
    'https://iam.amazonaws.com.evil.example',
    'https://iam.evilamazonaws.com',
    'https://sts.eu-west-1.amazonaws.com',
  ].map((host) => ({
    name: `IAM at ${host}`,
    change: set('aws.endpoints.iam', host),
    problem: 'aws.endpoints.iam: is not https on an AWS or VPC endpoint host',
    twin: set('aws.endpoints.iam', 'https://iam.amazonaws.com'),
  })),
  ...['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_STS', 'AWS_ENDPOINT_URL_S3'].map((name) => ({
    name: `${name} in the environment`,
    change: same,
    env: { ...env, [name]: 'http://127.0.0.1:9' },
    problem: `environment: ${name} must not be set`,
    twin: same,
    twinEnv: { ...env, [name]: '' },
  })),
  ...['10.0.0.0/8', '10.0.0.0/27', 'fd00::/119', '::ffff:10.0.0.0/104', 'loopback', 'linklocal', 'uniquelocal'].map(
    (network) => ({
      name: `proxies anywhere in ${network}`,
      change: set('listen.trustProxy', ['10.0.0.11', network]),
      problem: `listen.trustProxy[1]: ${network} lets every machine in it name any address`,
      twin: (raw: Raw) => change(change(raw, 'listen.trustProxy', [network]), 'listen.trustProxyHops', 1),
    }),
  ),
  ...['0.0.0.0/1', '10.0.0.0/7', '::ffff:10.0.0.0/103', '2000::/3', '2001:db8::/31'].map((network) => ({
    name: `proxies anywhere in ${network}, with hops`,
    change: (raw: Raw) => change(raw, 'listen', { port: 8080, trustProxy: [network], trustProxyHops: 1 }),
    problem: `listen.trustProxy[0]: ${network} is wider than /`,
    twin: set('listen', { port: 8080, trustProxy: ['10.0.0.0/8', '2001:db8::/32', 'uniquelocal'], trustProxyHops: 1 }),
  })),
  {
    name: 'proxies at every address, in pieces, with hops',
    change: set('listen', {
      ...{ port: 8080, trustProxyHops: 1 },
      trustProxy: Array.from({ length: 256 }, (_, first) => `${first}.0.0.0/8`),
    }),
    problem: 'listen.trustProxy: is together wider than two networks of /8',
    twin: set('listen', { port: 8080, trustProxy: ['10.0.0.0/8', '100.64.0.0/10'], trustProxyHops: 1 }),
  },
  ...(['embedders', 'trustedReferrers'] as const).map((list) => ({
    name: `http in portal.${list}`,
    change: set(`portal.${list}`, ['https://a.example', 'http://b.example']),
    problem: `portal.${list}[1]: must be https`,
    twin: set(`portal.${list}`, ['https://a.example', 'https://b.example']),
  })),
  ...redisRows,
  ...secretRows,
  ...environmentRows.map(([name, value, good]) => ({
    name: `${name}=${value}`,
    change: same,
    env: { ...env, [name]: value },
    problem: name === 'NODE_OPTIONS' ? 'environment: NODE_OPTIONS: --' : `environment: ${name} must not be set`,
    twin: same,
    twinEnv: { ...env, [name]: good },
  })),
];

describe('production', () => {
  test('takes a good configuration without a warning', async () => {
    expect((await load(workplace, goodProduction())).warnings).toEqual([]);
  });

  test.each(rows)('refuses $name, and takes its twin', async (row) => {
    const problems = await problemsOf(workplace, row.change(goodProduction()), row.env ?? env);
    expect(problems).toEqual([expect.stringContaining(row.problem)]);
    expect(await problemsOf(workplace, row.twin(goodProduction()), row.twinEnv ?? env)).toEqual([]);
  });

  test.each([
    ['a VPC endpoint', stsHost('https://vpce-0123456789abcdef0-abcdefgh.sts.eu-west-1.vpce.amazonaws.com')],
    ['a FIPS endpoint', stsHost('https://sts-fips.us-east-1.amazonaws.com')],
    ['GovCloud', (raw: Raw) => government(stsHost('https://sts.us-gov-west-1.amazonaws.com')(raw))],
    ['sign-in in China', (raw: Raw) => china(signinHost('https://signin.amazonaws.cn')(raw))],
    ['sign-in of GovCloud', (raw: Raw) => government(signinHost('https://signin.amazonaws-us-gov.com')(raw))],
  ])('takes %s', async (_, spoil) => {
    expect(await problemsOf(workplace, spoil(goodProduction()))).toEqual([]);
  });

  test('names everything it refuses at once', async () => {
    const all = [rows[0]!, rows[2]!, rows[3]!, rows[11]!].reduce((raw, row) => row.change(raw), goodProduction());
    expect(await problemsOf(workplace, all, { ...env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' })).toHaveLength(5);
  });

  test('is what a file without a mode means', async () => {
    expect(await problemsOf(workplace, { ...goodProduction(), store: { type: 'memory' } })).toHaveLength(1);
  });
});

describe('development', () => {
  test.each(rows)('takes $name, with a warning in the same words', async (row) => {
    const config = await load(workplace, { ...row.change(goodProduction()), mode: 'development' }, row.env ?? env);
    expect(config.warnings).toEqual([expect.stringContaining(row.problem)]);
  });
});
