// `rolegate-server doctor aws` against the emulator's IAM: all good on what a template made, and one fault at a time.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { EmulatedAccount } from '../../emulators/aws/server.ts';
import { addDoctor } from '../../src/admin/commands/doctor.ts';
import { brokerMetadataXml } from '../../src/aws/broker-metadata.ts';
import type { Config } from '../../src/config/config.ts';
import type { Finding } from '../../src/provisioning/doctor-aws.ts';
import { base64FromPem } from '../../src/saml/metadata/certificate.ts';
import { runCommand } from '../admin/support.ts';
import type { TestDemo } from '../app/support/demo.ts';
import { keyPair } from '../support/key-pairs.ts';
import { brokerArn, brokerKeys, deployedAccount, estateOf, startProvisioned } from './support/provisioned.ts';

const directory = mkdtempSync(join(tmpdir(), 'rolegate-doctor-'));
let demo: TestDemo;
let account: EmulatedAccount;
let other: string;

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', brokerKeys.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', brokerKeys.secretAccessKey);
  demo = await startProvisioned(directory);
  account = deployedAccount(demo);
  other = keyPair('stranger').cert;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await demo?.close();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(() => demo.aws.setEstate(estateOf(account)));

const usual = ['--account', 'payments-dev', '--source-ip', '127.0.0.1/32', '--broker-arn', brokerArn];
const withRole = ['--assume', 'Auditor'];

const run = (args: readonly string[], config: Config = demo.config) =>
  runCommand(addDoctor, ['doctor', 'aws', ...args], async () => config);

async function findings(args: readonly string[] = [...usual, ...withRole], config?: Config): Promise<Finding[]> {
  const { stdout: text, hasFailed } = await run([...args, '--json'], config);
  const all = JSON.parse(text) as Finding[];
  expect(hasFailed).toBe(all.some(({ level }) => level === 'missing'));
  return all.filter(({ level }) => level !== 'good');
}

type Change = (from: EmulatedAccount) => EmulatedAccount;
type Role = EmulatedAccount['roles'][number];
interface Row {
  readonly what: string;
  readonly change?: Change;
  readonly config?: (config: Config) => Config;
  readonly subject: string;
  readonly level?: 'note';
  readonly text: RegExp;
  readonly fix: RegExp;
  /** How many findings come with it. */
  readonly besides?: number;
}

const metadataWith = (issuer: string, ...certificates: string[]) =>
  brokerMetadataXml({
    issuer,
    signInUrl: 'https://broker.example/login',
    certificates: certificates.map(base64FromPem),
  });
const without = (name: string, { [name]: _, ...others }: NonNullable<EmulatedAccount['samlProviders']>) => others;
const saml =
  (metadata: () => string, more: object = {}): Change =>
  (from) => ({
    ...from,
    samlProviders: { ...from.samlProviders, rolegate: { metadata: metadata(), ...more } },
  });
const role =
  (name: string, change: (role: Role) => Role | undefined): Change =>
  (from) => ({
    ...from,
    roles: from.roles.flatMap((each) => (each.name === name ? (change(each) ?? []) : [each])),
  });
const policy = (name: string, change: (text: string) => string): Change =>
  role(name, (each) => ({ ...each, trustPolicy: JSON.parse(change(JSON.stringify(each.trustPolicy))) }));
const issuer = () => demo.config.aws.issuer;
const own = () => demo.config.aws.signing.certificate;
const withNext = (config: Config): Config => ({ ...config, aws: { ...config.aws, nextSigningCertificate: other } });

const rows: readonly Row[] = [
  {
    what: 'no SAML provider',
    change: (from) => ({ ...from, samlProviders: without('rolegate', from.samlProviders!) }),
    subject: 'SAML provider rolegate',
    text: /^does not exist/,
    fix: /template/,
  },
  {
    what: 'another entityID',
    change: saml(() => metadataWith('https://other.example', own())),
    subject: 'SAML provider rolegate',
    text: /entityID https:\/\/other\.example/,
    fix: /metadata aws/,
  },
  {
    what: 'another minting key',
    change: saml(() => metadataWith(issuer(), other)),
    subject: 'SAML provider rolegate',
    text: /^does not have the minting certificate in use/,
    besides: 1,
    fix: /Upload/,
  },
  {
    what: 'a next key that is not there yet',
    config: withNext,
    subject: 'SAML provider rolegate',
    text: /^does not have the next minting certificate/,
    fix: /only after that/,
  },
  {
    what: 'an old certificate',
    change: saml(() => metadataWith(issuer(), own(), other)),
    subject: 'SAML provider rolegate',
    level: 'note',
    text: /CN=Stranger/,
    fix: /can open every role/,
  },
  {
    what: 'encryption',
    change: saml(() => metadataWith(issuer(), own()), { assertionEncryptionMode: 'Required' }),
    subject: 'SAML provider rolegate',
    text: /encrypted assertions/,
    fix: /Allowed/,
  },
  {
    what: "no provider with the identity provider's metadata",
    change: (from) => ({ ...from, samlProviders: without('corp-adfs', from.samlProviders!) }),
    subject: 'SAML provider corp-adfs',
    text: /^does not exist/,
    fix: /metadata of adfs/,
  },
  {
    what: 'our metadata in its place',
    change: (from) => ({
      ...from,
      samlProviders: { ...from.samlProviders, 'corp-adfs': metadataWith(issuer(), own()) },
    }),
    subject: 'SAML provider corp-adfs',
    text: /^has the entityID .*saml-metadata\.xml, and adfs is http/,
    fix: /metadata of adfs/,
  },
  {
    what: 'no OIDC provider',
    change: (from) => ({ ...from, oidcProviders: [] }),
    subject: 'OIDC provider',
    text: /^does not exist/,
    fix: /template/,
  },
  {
    what: 'no such audience',
    change: (from) => ({
      ...from,
      oidcProviders: from.oidcProviders!.map((each) => ({ ...each, clientIds: ['other'] })),
    }),
    subject: 'OIDC provider',
    text: /^does not have the audience sts\.amazonaws\.com/,
    fix: /client-id/,
  },
  {
    what: 'no role',
    change: role('Minted', () => undefined),
    subject: 'role Minted',
    text: /^does not exist/,
    fix: /template/,
  },
  {
    what: 'another path',
    change: role('ByToken', (each) => ({ ...each, path: '/' })),
    subject: 'role ByToken',
    text: /role\/ByToken, and the rule means .*role\/team\/ByToken/,
    fix: /path/,
  },
  {
    what: 'a short maximum',
    change: role('Minted', (each) => ({ ...each, maxSessionDuration: 3600 })),
    subject: 'role Minted',
    text: /3600 seconds at most, and its rules promise 28800/,
    fix: /28800/,
  },
  {
    what: 'another audience',
    change: policy('Labelled', (text) => text.replace('https://signin.aws', 'https://eu-west-1.signin.aws')),
    subject: 'role Labelled',
    text: /SAML:aud/,
    fix: /^Set SAML:aud to https:\/\/signin\.aws/,
  },
  {
    what: 'another provider',
    change: policy('Labelled', (text) => text.replaceAll('saml-provider/rolegate', 'saml-provider/okta')),
    subject: 'role Labelled',
    text: /trusts .*saml-provider\/okta/,
    fix: /saml-provider\/rolegate/,
  },
  {
    what: 'no tags allowed',
    change: policy('Labelled', (text) => text.replace('"sts:TagSession"', '"sts:GetCallerIdentity"')),
    subject: 'role Labelled',
    text: /does not allow sts:TagSession/,
    fix: /take sessionTags off/,
  },
];

test('all is good on what the template made', async () => {
  const { stdout: text, hasFailed } = await run([...usual, ...withRole]);
  expect(text).toMatch(/^payments-dev \(444455556666\)\n/);
  expect(text.match(/^ {2}good /gm)).toHaveLength(3 + account.roles.length);
  expect(text.match(/^ {2}(note|MISSING) .*/gm)).toEqual([
    expect.stringContaining('SAML provider corp-adfs has to hold'),
  ]);
  expect(text).toContain('aws:PrincipalOrgID');
  expect(hasFailed).toBe(false);
});

describe('one fault', () => {
  test.each(rows)('$what', async ({ change, config, subject, level = 'missing', text, fix, besides = 0 }) => {
    demo.aws.setEstate(estateOf(change?.(account) ?? account));
    const [found, ...others] = await findings(undefined, config?.(demo.config));
    expect(found).toEqual({
      account: 'payments-dev',
      subject: expect.stringMatching(`^${subject}`),
      level,
      text: expect.stringMatching(text),
      fix: expect.stringMatching(fix),
    });
    expect(others).toHaveLength(besides);
  });
});

describe('the way in', () => {
  test('a role that may not read is told what it needs', async () => {
    demo.aws.setEstate(estateOf(account, false));
    const all = await findings();
    expect(all).toHaveLength(3 + account.roles.length);
    for (const each of all)
      expect(each).toMatchObject({ level: 'missing', fix: expect.stringContaining('iam:GetRole') });
  });

  test('an IAM that does not answer is said so', async () => {
    const { aws } = demo.config;
    const nowhere = { ...demo.config, aws: { ...aws, endpoints: { ...aws.endpoints, iam: 'http://127.0.0.1:9' } } };
    const [first] = await findings(undefined, nowhere);
    expect(first).toMatchObject({
      text: expect.stringContaining('ECONNREFUSED'),
      fix: expect.stringContaining('network'),
    });
  });

  test.each([
    ['keys of another account', usual, /belongs to account 111122223333, not to 444455556666/],
    ['a role that is not there', [...usual, '--assume', 'Missing'], /not authorized to perform: sts:AssumeRole/],
  ])('%s', async (_, args, text) => {
    const all = await findings(args);
    expect(all).toEqual([expect.objectContaining({ subject: 'account', text: expect.stringMatching(text) })]);
  });

  test.each([
    ['an account that is not configured', ['--account', 'nowhere'], 'no account has the id or alias nowhere'],
    ['no network', [...usual, '--source-ip', '0.0.0.0/0'], '0.0.0.0/0 is not an address or network'],
    ['the ARN of a session', ['--broker-arn', 'arn:aws:sts::111122223333:assumed-role/a/b'], '--broker-arn'],
  ])('%s is refused', async (_, args, message) => {
    await expect(run(args)).rejects.toThrow(message);
  });
});

describe('offline', () => {
  const files = join(directory, 'policies');
  const write = (path: string, text: string) => {
    mkdirSync(join(files, path, '..'), { recursive: true });
    writeFileSync(join(files, path), text);
  };
  const args = [...usual, '--trust-policies', files];

  test('judges files by account or by role alone, and names those that are not there', async () => {
    demo.aws.setEstate({ accounts: [] });
    for (const { name, trustPolicy } of account.roles.slice(1))
      write(`${name === 'Partner' ? '444455556666/' : ''}${name}.json`, JSON.stringify(trustPolicy));
    const [first] = account.roles;
    expect(await findings(args)).toMatchObject([{ subject: `role ${first!.name}`, text: 'has no file' }]);
    write(`payments-dev/${first!.name}.json`, JSON.stringify(first!.trustPolicy));
    expect(await findings(args)).toEqual([]);
    write('Minted.json', 'Version: 2012');
    expect(await findings(args)).toMatchObject([{ subject: 'role Minted', text: expect.stringContaining('not JSON') }]);
  });
});
