// What the templates write is enough for every federation mode, and no more than that: the account at AWS is made of a
// generated template, the broker goes in by every way, and a call that differs in one thing stays outside.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { EmulatedAccount } from '../../emulators/aws/server.ts';
import { brokerMetadataXml } from '../../src/aws/broker-metadata.ts';
import { type MintRequest, mintResponse } from '../../src/aws/mint-assertion.ts';
import { type AssumeRole, createSts } from '../../src/aws/sts.ts';
import { mintWebIdentityToken, type WebIdentityClaims } from '../../src/aws/web-identity-token.ts';
import { base64FromPem } from '../../src/saml/metadata/certificate.ts';
import type { Credentials } from '../../src/wire/api.ts';
import type { TestDemo } from '../app/support/demo.ts';
import { callerOf } from '../app/support/modes.ts';
import { signIn } from '../app/support/sign-in.ts';
import { stsOptions } from '../aws/support/sts-options.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import {
  accountId,
  arnOf,
  brokerKeys,
  deployedAccount,
  estateOf,
  externalId,
  otherKeys,
  startProvisioned,
} from './support/provisioned.ts';

const directory = mkdtempSync(join(tmpdir(), 'rolegate-provisioning-'));
const region = 'eu-west-1';
let demo: TestDemo;
let browser: HttpBrowser;
let account: EmulatedAccount;

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', brokerKeys.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', brokerKeys.secretAccessKey);
  demo = await startProvisioned(directory);
  account = deployedAccount(demo);
  browser = createHttpBrowser();
  demo.aws.setEstate(estateOf(account));
  await signIn(browser, demo.brokerUrl, 'alice');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  browser?.close();
  await demo?.close();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(() => demo.aws.setEstate(estateOf(account)));

describe('the broker gets in', () => {
  test.each([
    ['mint', 'Minted', 28_800],
    ['mint with tags', 'Labelled', 3600],
    ['forward', 'Forwarded', 7200],
    ['web-identity', 'team/ByToken', 7200],
    ['assume-role', 'Partner', 14_400],
    ['assume-role without a name', 'Anonymous', 3600],
  ])('by %s, for as long as the rule says', async (_, role, seconds) => {
    const answer = await browser.json('POST', `${demo.brokerUrl}/api/v1/credentials`, { roleArn: arnOf(role) });
    expect([answer.status, answer.status === 200 ? '' : answer.body]).toEqual([200, '']);
    const credentials = answer.json() as Credentials;
    expect(credentials).toMatchObject({ DurationSeconds: seconds, DurationLimitedBy: 'rule' });
    const name = role.slice(role.lastIndexOf('/') + 1);
    const who = `arn:aws:sts::${accountId}:assumed-role/${name}/alice@corp.example`;
    expect(await callerOf(credentials, demo.awsUrl)).toBe(who);
  });

  test('by browser-post', async () => {
    const asked = { roleArn: arnOf('Consoles'), destination: 'https://eu-west-1.console.aws.amazon.com/s3/home' };
    const page = await browser.post(`${demo.brokerUrl}/portal/console`, asked, { origin: demo.brokerUrl });
    const opened = await browser.submit(page, ({ fields }) => fields.some(([name]) => name === 'SAMLResponse'));
    expect(opened.body).toContain('<dt>Role</dt><dd>Consoles</dd>');
  });
});

test('CloudFormation and Terraform make the same of the same configuration', () => {
  // The identity provider signs its metadata again each time.
  const samlProviders = { ...account.samlProviders, 'corp-adfs': expect.any(String) };
  expect(deployedAccount(demo, { format: 'terraform' })).toEqual({ ...account, samlProviders });
});

const sts = () => createSts(stsOptions(() => demo.awsUrl));
const signedSts = () => createSts(stsOptions(() => demo.awsUrl));
const principalArn = `arn:aws:iam::${accountId}:saml-provider/rolegate`;
const tags = [
  { key: 'Team', value: 'payments' },
  { key: 'Who', value: 'alice' },
];
const redeemed = { region, durationSeconds: 900, policy: undefined };

async function bySaml(change: Partial<MintRequest> = {}) {
  const { aws } = demo.config;
  const request: MintRequest = {
    issuer: aws.issuer,
    partition: aws.partition,
    recipient: 'https://signin.aws.amazon.com/saml',
    responseId: '_r1',
    assertionId: '_a1',
    issuedAt: new Date(),
    authenticatedAt: new Date(),
    subject: 'alice',
    roleArn: arnOf('Labelled'),
    principalArn,
    roleSessionName: 'alice',
    sourceIdentity: 'alice',
    tags,
    transitiveTagKeys: ['Team'],
    ...change,
  };
  const xml = await mintResponse(request, {
    signer: aws.signing.signer,
    certificate: base64FromPem(aws.signing.certificate),
  });
  const samlAssertion = Buffer.from(xml).toString('base64');
  return sts().assumeRoleWithSaml({ ...redeemed, roleArn: request.roleArn, principalArn, samlAssertion });
}

async function byToken(change: Partial<WebIdentityClaims> = {}) {
  const { issuer, audience, keys } = demo.config.aws.webIdentity!;
  const roleArn = arnOf('team/ByToken');
  const claims = {
    issuer,
    audience,
    roleArn,
    tokenId: '_t1',
    issuedAt: new Date(),
    sourceIdentity: 'alice',
    tags: tags.slice(0, 1),
    transitiveTagKeys: [],
    ...change,
  };
  const token = await mintWebIdentityToken(claims, keys[0]);
  return sts().assumeRoleWithWebIdentity({ ...redeemed, roleArn, roleSessionName: 'alice', token });
}

function signed(change: Partial<AssumeRole> = {}) {
  return signedSts().assumeRole({
    ...redeemed,
    signer: async () => brokerKeys,
    roleArn: arnOf('Partner'),
    roleSessionName: 'alice',
    sourceIdentity: 'alice',
    externalId,
    tags: tags.slice(0, 1),
    ...change,
  });
}

/** The account, with the provider of another company's broker that has our key. */
function ofAnotherIssuer(): EmulatedAccount {
  const { signing } = demo.config.aws;
  const certificates = [base64FromPem(signing.certificate)];
  const metadata = brokerMetadataXml({
    issuer: 'https://other.example',
    signInUrl: 'https://other.example',
    certificates,
  });
  return { ...account, samlProviders: { ...account.samlProviders, rolegate: metadata } };
}

const anyAudience = (): EmulatedAccount => ({
  ...account,
  oidcProviders: account.oidcProviders!.map((each) => ({ ...each, clientIds: [...each.clientIds, 'other'] })),
});
const elsewhere = (): EmulatedAccount => deployedAccount(demo, { sourceIps: ['203.0.113.0/24', '2001:db8::/32'] });

interface Row {
  readonly what: string;
  readonly call: () => Promise<unknown>;
  readonly account?: () => EmulatedAccount;
}

const rows: readonly Row[] = [
  {
    what: 'SAML for another audience',
    call: () => bySaml({ recipient: 'https://us-east-1.signin.aws.amazon.com/saml' }),
  },
  {
    what: 'SAML for the sign-in page, at a role for STS',
    call: () => bySaml({ recipient: 'https://eu-west-1.signin.aws.amazon.com/saml' }),
  },
  {
    what: 'SAML of another issuer with our key',
    call: () => bySaml({ issuer: 'https://other.example' }),
    account: ofAnotherIssuer,
  },
  { what: 'SAML without a source identity', call: () => bySaml({ sourceIdentity: undefined }) },
  { what: 'SAML with another tag', call: () => bySaml({ tags: [{ key: 'Team', value: 'treasury' }, tags[1]!] }) },
  { what: 'SAML with one tag more', call: () => bySaml({ tags: [...tags, { key: 'Admin', value: 'yes' }] }) },
  { what: 'SAML with another transitive tag', call: () => bySaml({ transitiveTagKeys: ['Who'] }) },
  { what: 'SAML without the tag', call: () => bySaml({ tags: [], transitiveTagKeys: [] }) },
  { what: 'SAML from elsewhere', call: () => bySaml(), account: elsewhere },
  { what: 'minted SAML at a role for forwarded responses', call: () => bySaml({ roleArn: arnOf('Forwarded') }) },
  { what: 'SAML at a role of another mode', call: () => bySaml({ roleArn: arnOf('team/ByToken') }) },
  { what: 'a token for another audience', call: () => byToken({ audience: 'other' }), account: anyAudience },
  { what: 'a token for another role', call: () => byToken({ roleArn: arnOf('Minted') }) },
  { what: 'a token without a source identity', call: () => byToken({ sourceIdentity: undefined }) },
  { what: 'a token with another tag', call: () => byToken({ tags: [{ key: 'Team', value: 'treasury' }] }) },
  { what: 'a token from elsewhere', call: () => byToken(), account: elsewhere },
  { what: 'a signed call without the external id', call: () => signed({ externalId: undefined }) },
  { what: 'a signed call with another external id', call: () => signed({ externalId: 'customer-43' }) },
  { what: 'a signed call of somebody else', call: () => signed({ signer: async () => otherKeys }) },
  { what: 'a signed call without a source identity', call: () => signed({ sourceIdentity: undefined }) },
  {
    what: 'a signed call with a source identity where none is sent',
    call: () => signed({ roleArn: arnOf('Anonymous'), tags: [] }),
  },
  {
    what: 'a signed call with tags where none are sent',
    call: () => signed({ roleArn: arnOf('Anonymous'), sourceIdentity: undefined }),
  },
  { what: 'a signed call from elsewhere', call: () => signed(), account: elsewhere },
];

describe('no other role may', () => {
  test.each(rows)('$what', async ({ call, account: changed }) => {
    demo.aws.setEstate(estateOf(changed?.() ?? account));
    await expect(call()).rejects.toMatchObject({ code: 'sts_access_denied' });
  });

  test('the same calls with nothing changed get in', async () => {
    const anonymous = signed({ roleArn: arnOf('Anonymous'), sourceIdentity: undefined, tags: [] });
    await expect(Promise.all([bySaml(), byToken(), signed(), anonymous])).resolves.toHaveLength(4);
    demo.aws.setEstate(estateOf(anyAudience()));
    await expect(byToken()).resolves.toBeDefined();
  });
});
