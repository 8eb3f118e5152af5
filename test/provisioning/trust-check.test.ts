// What the judge says of trust policies, beside what the emulator's STS does with the same ones.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judgeTrust } from '../../emulators/aws/policy/trust-policy.ts';
import type { BrokerCall } from '../../src/provisioning/broker-calls.ts';
import { planAccounts, type RolePlan } from '../../src/provisioning/provisioning.ts';
import { checkTrust } from '../../src/provisioning/trust-check.ts';
import { trustPolicyOf } from '../../src/provisioning/trust-policy.ts';
import type { TrustVerdict } from '../../src/provisioning/trust-statement.ts';
import { createWorkplace, type Raw, type Workplace } from '../config/support/workplace.ts';
import { configured, devId } from './support/configured.ts';

const brokerArn = 'arn:aws:iam::111122223333:role/broker';
const host = 'broker.example/aws/oidc';
let workplace: Workplace;
let roles: readonly RolePlan[];

beforeAll(async () => {
  workplace = await createWorkplace();
  const config = await configured(
    workplace,
    [
      { role: 'Plain', sourceIdentity: false },
      { role: 'Saml', sessionTags: { Team: 'payments', Who: { from: 'user' } }, transitiveTags: ['Team'] },
      { role: 'Token', mode: 'web-identity' },
      { role: 'Signed', mode: 'assume-role' },
      { role: 'Open', mode: 'assume-role', sourceIdentity: false },
      { role: 'Forwarded', mode: 'forward' },
    ],
    { 'aws.assumeRole': { externalId: 'our-company' }, 'aws.forward': { provider: 'adfs' } },
  );
  roles = planAccounts(config, { sourceIps: ['203.0.113.0/25'], brokerArn }).find(
    ({ account }) => account.id === devId,
  )!.roles;
});
afterAll(() => workplace.remove());

const roleOf = (name: string) => roles.find((role) => role.name === name)!;

type Policy = { Statement: Raw[] };
const generated = (name: string): Policy => structuredClone(trustPolicyOf(roleOf(name))) as unknown as Policy;
/** The first statement, changed. */
const first =
  (change: (statement: Raw) => Raw) =>
  ({ Statement: [one, ...others] }: Policy): Policy => ({ Statement: [change(one!), ...others] });
const condition = (operator: string, keys: Raw) =>
  first((one) => {
    const before = one['Condition'] as Record<string, Raw>;
    return { ...one, Condition: { ...before, [operator]: { ...before[operator], ...keys } } };
  });
const without = (operator: string, key?: string) =>
  first((one) => {
    const { [operator]: keys = {}, ...others } = one['Condition'] as Record<string, Raw>;
    const { [key ?? '']: _, ...rest } = keys;
    return { ...one, Condition: key === undefined ? others : { ...others, [operator]: rest } };
  });
const add = (statement: Raw) => (policy: Policy) => ({ Statement: [...policy.Statement, statement] });
const provider = (name: string) => ({ Federated: `arn:aws:iam::${devId}:saml-provider/${name}` });
const principal = (value: unknown) => (policy: Policy) => ({
  Statement: policy.Statement.map((one) => ({ ...one, Principal: value })),
});
const not = (action: string) => (policy: Policy) => ({
  Statement: policy.Statement.filter(({ Action }) => Action !== action),
});
const combined = (policy: Policy) => ({
  Statement: [{ ...policy.Statement[0], Action: policy.Statement.map(({ Action }) => Action) }],
});

interface Row {
  readonly what: string;
  readonly role: string;
  readonly change: (policy: Policy) => unknown;
  readonly verdict: TrustVerdict;
  /** In its sentence or its fix. */
  readonly says?: RegExp;
  /** IAM accepts a wildcard for providers; the emulator does not. */
  readonly isLaxer?: boolean;
}

const same = (policy: Policy) => policy;
const rows: readonly Row[] = [
  ...['Plain', 'Saml', 'Token', 'Signed', 'Open', 'Forwarded'].map(
    (role): Row => ({ what: 'what the template writes', role, change: same, verdict: 'fits' }),
  ),
  { what: 'one statement for all actions', role: 'Saml', change: combined, verdict: 'fits' },
  {
    what: 'an external id for all actions',
    role: 'Signed',
    change: combined,
    verdict: 'cannot_be_judged',
    says: /sts:ExternalId .* separate statements/,
  },
  {
    what: 'a statement that is not in a list',
    role: 'Plain',
    change: ({ Statement: [one] }) => ({ Statement: one }),
    verdict: 'fits',
  },
  {
    what: 'condition keys in another case',
    role: 'Plain',
    change: first((one) => ({
      ...one,
      Condition: { StringEquals: { 'saml:AUD': 'https://signin.aws.amazon.com/saml' } },
    })),
    verdict: 'fits',
  },
  {
    what: 'one audience of several',
    role: 'Plain',
    change: condition('StringEquals', {
      'SAML:aud': ['https://signin.aws.amazon.com/saml', 'https://us-west-2.signin.aws.amazon.com/saml'],
    }),
    verdict: 'fits',
  },
  {
    what: 'an audience with a wildcard',
    role: 'Plain',
    change: first((one) => ({
      ...one,
      Condition: { StringLike: { 'SAML:aud': 'https://signin.aws.amazon.com/saml*' } },
    })),
    verdict: 'fits',
  },
  {
    what: 'a persistent name',
    role: 'Plain',
    change: condition('StringEquals', { 'SAML:sub_type': 'persistent', 'SAML:doc': `${devId}/rolegate` }),
    verdict: 'fits',
  },
  {
    what: 'a larger network',
    role: 'Plain',
    change: condition('IpAddress', { 'aws:SourceIp': ['198.51.100.0/24', '203.0.113.0/24'] }),
    verdict: 'fits',
  },
  {
    what: 'a Deny of what the broker does not do',
    role: 'Plain',
    change: add({
      Effect: 'Deny',
      Principal: '*',
      Action: 'sts:*',
      Condition: { StringNotEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } },
    }),
    verdict: 'fits',
  },
  {
    what: 'no sts:TagSession',
    role: 'Saml',
    change: not('sts:TagSession'),
    verdict: 'lacks_action',
    says: /take sessionTags off the rule/,
  },
  {
    what: 'no sts:SetSourceIdentity',
    role: 'Token',
    change: not('sts:SetSourceIdentity'),
    verdict: 'lacks_action',
    says: /sourceIdentity: false/,
  },
  {
    what: 'no call at all',
    role: 'Signed',
    change: not('sts:AssumeRole'),
    verdict: 'lacks_action',
    says: /sts:AssumeRole/,
  },
  {
    what: 'another action',
    role: 'Plain',
    change: first((one) => ({ ...one, Action: 'sts:AssumeRoleWithWebIdentity' })),
    verdict: 'lacks_action',
    says: /sts:AssumeRoleWithSAML/,
  },
  {
    what: 'another audience',
    role: 'Plain',
    change: condition('StringEquals', { 'SAML:aud': 'https://signin.amazonaws.cn/saml' }),
    verdict: 'wrong_audience',
    says: /Set SAML:aud to https:\/\/signin\.aws\.amazon\.com\/saml/,
  },
  {
    what: 'the sign-in page, for a forwarded response',
    role: 'Forwarded',
    change: condition('StringEquals', { 'SAML:aud': 'https://signin.aws.amazon.com/saml' }),
    verdict: 'wrong_audience',
    says: /broker\.example\/saml\/acs/,
  },
  {
    what: 'another audience of a token',
    role: 'Token',
    change: condition('StringEquals', { [`${host}:aud`]: 'other' }),
    verdict: 'wrong_audience',
    says: /sts\.amazonaws\.com/,
  },
  {
    what: 'another role in the token',
    role: 'Token',
    change: condition('StringEquals', { [`${host}:sub`]: 'arn:aws:iam::012345678901:role/Other' }),
    verdict: 'unmet_condition',
    says: /role\/Token/,
  },
  {
    what: 'a claim that the token has not',
    role: 'Token',
    change: condition('StringEquals', { [`${host}:email`]: 'alice@corp.example' }),
    verdict: 'unmet_condition',
    says: /Take the condition/,
  },
  {
    what: 'another provider',
    role: 'Plain',
    change: principal(provider('okta')),
    verdict: 'wrong_provider',
    says: /saml-provider\/rolegate/,
  },
  {
    what: 'the provider of another account',
    role: 'Plain',
    change: principal({ Federated: 'arn:aws:iam::999999999999:saml-provider/rolegate' }),
    verdict: 'wrong_provider',
  },
  {
    what: 'another role of the hub',
    role: 'Signed',
    change: principal({ AWS: 'arn:aws:iam::111122223333:role/other' }),
    verdict: 'wrong_provider',
  },
  {
    what: 'a principal that was deleted',
    role: 'Signed',
    change: principal({ AWS: 'AROAEXAMPLEEXAMPLE123' }),
    verdict: 'wrong_provider',
    says: /deleted and created again/,
  },
  {
    what: 'an attribute that the assertion has not',
    role: 'Plain',
    change: condition('StringEquals', { 'SAML:edupersonaffiliation': 'staff' }),
    verdict: 'unmet_condition',
    says: /has none/,
  },
  {
    what: 'a transient name',
    role: 'Plain',
    change: condition('StringEquals', { 'SAML:sub_type': 'transient' }),
    verdict: 'unmet_condition',
    says: /persistent/,
  },
  {
    what: 'an organisation',
    role: 'Plain',
    change: condition('StringEquals', { 'aws:PrincipalOrgID': 'o-1234567890' }),
    verdict: 'unmet_condition',
    says: /no organisation/,
  },
  {
    what: 'a Deny without an organisation',
    role: 'Plain',
    change: add({
      Effect: 'Deny',
      Principal: '*',
      Action: '*',
      Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-1234567890' } },
    }),
    verdict: 'unmet_condition',
    says: /Deny/,
  },
  {
    what: 'a second factor at AWS',
    role: 'Signed',
    change: condition('Bool', { 'aws:MultiFactorAuthPresent': 'true' }),
    verdict: 'unmet_condition',
  },
  {
    what: 'another external id',
    role: 'Signed',
    change: condition('StringEquals', { 'sts:ExternalId': 'theirs' }),
    verdict: 'unmet_condition',
    says: /externalId/,
  },
  {
    what: 'a source identity where none is sent',
    role: 'Open',
    change: condition('StringLike', { 'sts:SourceIdentity': '*' }),
    verdict: 'unmet_condition',
    says: /sourceIdentity: true/,
  },
  {
    what: 'another tag',
    role: 'Saml',
    change: condition('StringEquals', { 'aws:RequestTag/Team': 'treasury' }),
    verdict: 'unmet_condition',
    says: /sessionTags/,
  },
  {
    what: 'a tag that is not sent',
    role: 'Plain',
    change: condition('StringLike', { 'aws:RequestTag/Team': '*' }),
    verdict: 'unmet_condition',
    says: /sessionTags/,
  },
  {
    what: 'fewer tags',
    role: 'Saml',
    change: condition('ForAllValues:StringEquals', { 'aws:TagKeys': ['Team'] }),
    verdict: 'unmet_condition',
  },
  {
    what: 'another network',
    role: 'Plain',
    change: condition('IpAddress', { 'aws:SourceIp': '198.51.100.0/24' }),
    verdict: 'unmet_condition',
  },
  {
    what: 'half of the network',
    role: 'Plain',
    change: condition('IpAddress', { 'aws:SourceIp': '203.0.113.0/26' }),
    verdict: 'unmet_condition',
  },
  {
    what: 'a pattern of names',
    role: 'Token',
    change: condition('StringLike', { 'sts:SourceIdentity': '*@corp.example' }),
    verdict: 'cannot_be_judged',
    says: /sts:SourceIdentity/,
  },
  {
    what: 'a time',
    role: 'Plain',
    change: condition('DateLessThan', { 'aws:CurrentTime': '2027-01-01T00:00:00Z' }),
    verdict: 'cannot_be_judged',
    says: /aws:CurrentTime/,
  },
  {
    what: 'a VPC endpoint',
    role: 'Plain',
    change: condition('StringEquals', { 'aws:SourceVpce': 'vpce-1' }),
    verdict: 'cannot_be_judged',
    says: /aws:SourceVpce/,
  },
  {
    what: 'a policy variable',
    role: 'Plain',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: IAM's own placeholder
    change: condition('StringEquals', { 'SAML:sub_type': '${saml:namequalifier}' }),
    verdict: 'cannot_be_judged',
    says: /sub_type/,
  },
  {
    what: 'no SAML:aud',
    role: 'Plain',
    change: without('StringEquals', 'SAML:aud'),
    verdict: 'too_broad',
    says: /SAML:aud/,
  },
  {
    what: 'any SAML:aud',
    role: 'Plain',
    change: first((one) => ({ ...one, Condition: { StringLike: { 'SAML:aud': '*' } } })),
    verdict: 'too_broad',
    says: /SAML:aud/,
  },
  { what: 'no sub', role: 'Token', change: without('StringEquals', `${host}:sub`), verdict: 'too_broad', says: /:sub/ },
  {
    what: 'no external id',
    role: 'Signed',
    change: without('StringEquals'),
    verdict: 'too_broad',
    says: /sts:ExternalId/,
  },
  {
    what: 'any principal',
    role: 'Plain',
    change: principal('*'),
    verdict: 'too_broad',
    says: /any principal/,
    isLaxer: true,
  },
  {
    what: 'any AWS principal',
    role: 'Open',
    change: principal({ AWS: '*' }),
    verdict: 'too_broad',
    says: /any principal/,
    isLaxer: true,
  },
  {
    what: 'any action',
    role: 'Plain',
    change: first((one) => ({ ...one, Action: 'sts:*' })),
    verdict: 'too_broad',
    says: /sts:\*/,
  },
  {
    what: 'all but one action',
    role: 'Plain',
    change: first(({ Action: _, ...one }) => ({ ...one, NotAction: 'sts:AssumeRole' })),
    verdict: 'too_broad',
    says: /NotAction/,
  },
  { what: 'no list of statements', role: 'Plain', change: () => ({ Statement: 'all' }), verdict: 'malformed' },
  {
    what: 'an element that IAM does not know',
    role: 'Plain',
    change: first((one) => ({ ...one, Resource: '*' })),
    verdict: 'malformed',
    says: /Statement/,
  },
];

/** What STS would see of the call; the emulator's own evaluator decides. */
function lets(policy: unknown, call: BrokerCall, role: RolePlan): boolean {
  const context = new Map<string, readonly string[]>([
    ...Object.entries(call.facts).map(([key, values]) => [key.toLowerCase(), values.slice(0, 1)] as const),
    ['aws:sourceip', ['203.0.113.100']],
    ['sts:rolesessionname', ['alice']],
    ...(call.principal.kind === 'Federated' && call.action.endsWith('SAML')
      ? ([
          ['saml:sub', ['alice']],
          ['saml:sub_type', ['persistent']],
          ['saml:doc', [`${devId}/rolegate`]],
        ] as const)
      : []),
    ...(call.sendsSourceIdentity ? ([['sts:sourceidentity', ['alice']]] as const) : []),
    ...(call.tags.length > 0 ? ([['aws:tagkeys', call.tags.map(({ key }) => key)]] as const) : []),
    ...(call.transitiveTagKeys.length > 0 ? ([['sts:transitivetagkeys', call.transitiveTagKeys]] as const) : []),
    ...call.tags.map(
      ({ key, from }) =>
        [`aws:requesttag/${key.toLowerCase()}`, [from.kind === 'value' ? from.value : 'alice']] as const,
    ),
  ]);
  const actions = [
    call.action,
    ...(call.tags.length > 0 ? ['sts:TagSession'] : []),
    ...(call.sendsSourceIdentity ? ['sts:SetSourceIdentity'] : []),
  ];
  const who =
    call.principal.kind === 'AWS'
      ? { callerNames: [call.principal.arn!] }
      : { federatedPrincipal: call.principal.arn! };
  expect(role.calls).toContain(call);
  return actions.every((action) => judgeTrust(policy, { ...who, action, context }) === 'by-name');
}

describe('a trust policy', () => {
  test.each(rows)('$what ($role): $verdict', ({ role: name, change, verdict, says, isLaxer }) => {
    const role = roleOf(name);
    const policy = change(generated(name));
    const findings = checkTrust(policy, role);
    expect(findings.map((each) => each.verdict)).toEqual(findings.map(() => verdict));
    expect(findings.map(({ text, fix }) => `${text} ${fix}`).join('\n')).toMatch(says ?? /./);
    if (verdict === 'cannot_be_judged' || isLaxer) return;
    const isLetIn = role.calls.every((call) => lets(policy, call, role));
    expect(isLetIn).toBe(verdict === 'fits' || verdict === 'too_broad');
  });

  test('without the broker’s own ARN it cannot say who is trusted', async () => {
    const config = await configured(workplace, [{ mode: 'assume-role' }]);
    const [role] = planAccounts(config, { sourceIps: [], brokerArn: undefined })[1]!.roles;
    const statement = {
      Effect: 'Allow',
      Principal: { AWS: brokerArn },
      Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'],
    };
    expect(checkTrust({ Statement: [statement] }, role!)).toMatchObject([
      { verdict: 'cannot_be_judged', fix: expect.stringContaining('--broker-arn') },
    ]);
    expect(() => trustPolicyOf(role!)).toThrow('--broker-arn');
  });

  test('beside a statement for another way in, the one that fails is named', async () => {
    const config = await configured(workplace, [{}, { mode: 'browser-post' }]);
    const [role] = planAccounts(config, { sourceIps: [], brokerArn })[1]!.roles;
    const { Statement } = trustPolicyOf(role!);
    const broken = JSON.stringify(Statement.toReversed()).replace(
      'https://broker.example/aws/saml',
      'https://old.example/aws/saml',
    );
    const [finding, ...others] = checkTrust({ Statement: JSON.parse(broken) }, role!);
    expect([finding, others]).toMatchObject([
      { verdict: 'unmet_condition', text: expect.stringContaining('SAML:iss https://old.example') },
      [],
    ]);
  });

  test('addresses cannot be judged where none are given', async () => {
    const policy = generated('Plain');
    const [call] = roleOf('Plain').calls;
    const [finding] = checkTrust(policy, { ...roleOf('Plain'), calls: [{ ...call!, sourceIps: [] }] });
    expect(finding).toMatchObject({ verdict: 'cannot_be_judged', fix: expect.stringContaining('--source-ip') });
  });

  test('two rules of one role are judged one by one', async () => {
    const config = await configured(workplace, [{}, { sessionTags: { Team: 'payments' } }]);
    const [role] = planAccounts(config, { sourceIps: [], brokerArn })[1]!.roles;
    const { Statement } = trustPolicyOf(role!);
    expect(Statement.map(({ Action }) => Action)).toEqual([
      'sts:AssumeRoleWithSAML',
      'sts:SetSourceIdentity',
      'sts:TagSession',
    ]);
    expect(
      checkTrust({ Statement: Statement.filter(({ Action }) => Action !== 'sts:TagSession') }, role!),
    ).toMatchObject([{ verdict: 'lacks_action', text: expect.stringContaining('"rule 1"') }]);
  });
});
