// What a configuration needs of each account, and when one template serves them all.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Config } from '../../src/config/config.ts';
import { planAccounts } from '../../src/provisioning/provisioning.ts';
import { type TemplateOptions, writeTemplate } from '../../src/provisioning/template.ts';
import { trustPolicyOf } from '../../src/provisioning/trust-policy.ts';
import { createWorkplace, type Raw, type Workplace } from '../config/support/workplace.ts';
import { configured, devId } from './support/configured.ts';
import { deployCloudFormation, deployTerraform } from './support/load-template.ts';

const brokerArn = 'arn:aws:iam::111122223333:role/broker';
let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
});
afterAll(() => workplace.remove());

const withRules = (grants: readonly Raw[], changes?: Raw) => configured(workplace, grants, changes);
const template = (config: Config, wish: Partial<TemplateOptions> = {}) =>
  writeTemplate(config, {
    format: 'cloudformation',
    account: 'payments-dev',
    metadata: '<xml/>',
    sourceIps: [],
    brokerArn,
    ...wish,
  });
const planOf = (config: Config, alias = 'payments-dev') =>
  planAccounts(config, { sourceIps: [], brokerArn }).find(({ account }) => account.alias === alias)!;

describe('a plan', () => {
  test('calls the provider what the account calls it', async () => {
    const accounts = [{ id: devId, alias: 'payments-dev', provider: 'legacy-broker' }];
    const plan = planOf(await withRules([{}], { accounts }));
    const arn = `arn:aws:iam::${devId}:saml-provider/legacy-broker`;
    expect(plan.samlProvider).toEqual({ name: 'legacy-broker', arn });
    expect(JSON.stringify(trustPolicyOf(plan.roles[0]!))).toContain(arn);
  });

  test('has a provider only where a rule uses it', async () => {
    const config = await withRules([{ mode: 'web-identity' }, { accounts: ['payments-prod'], mode: 'assume-role' }]);
    expect(planOf(config)).toMatchObject({
      samlProvider: undefined,
      oidcProvider: {
        arn: `arn:aws:iam::${devId}:oidc-provider/broker.example/aws/oidc`,
        audience: 'sts.amazonaws.com',
      },
    });
    expect(planOf(config, 'payments-prod')).toMatchObject({ samlProvider: undefined, oidcProvider: undefined });
  });

  test.each([
    ['the longest rule', [{ maxDuration: '2h' }, { maxDuration: '8h' }], 28_800],
    ['an hour at least', [{ maxDuration: '15m' }], 3600],
    ['what somebody wrote down of the role', [{ maxDuration: '8h', roleMaxDuration: '3h' }], 10_800],
    ['an hour for a role that another role opens', [{ maxDuration: '8h', mode: 'assume-role' }], 3600],
    ['an hour where only consoles are opened', [{ maxDuration: '12h', mode: 'browser-post' }], 3600],
  ])('MaxSessionDuration is %s', async (_, grants, seconds) => {
    expect(planOf(await withRules(grants)).roles).toMatchObject([{ maxSessionSeconds: seconds }]);
  });

  test.each([
    [
      'role names from groups',
      { role: '{role}', when: { groupPattern: 'AWS-(?<role>\\w+)' } },
      /takes role names from groups/,
    ],
    [
      'accounts from groups',
      { accounts: ['{id}'], when: { groupPattern: 'AWS-(?<id>\\d+)' } },
      /takes accounts from groups: add the role Developer/,
    ],
    [
      'a role of Identity Center',
      { role: 'aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1' },
      /IAM Identity Center/,
    ],
    [
      'a federated user',
      {
        mode: 'federation-token',
        sessionPolicy: { arns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] },
        sessionTags: { Team: 'x' },
      },
      /sts:GetFederationToken and sts:TagSession on arn:aws:sts::012345678901:federated-user\/\*/,
    ],
  ])('notes %s, and names the rule', async (_, grant, note) => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own placeholder
    const secret = '${SESSION_SECRET}';
    const keys = { 'payments-dev': { accessKeyId: 'AKIAEXAMPLE1234567', secretAccessKey: secret } };
    const config = await withRules([{ name: 'the rule', ...grant }], { 'aws.federationToken': { keys } });
    const { roles, notes } = planOf(config);
    expect(roles).toEqual([]);
    expect(notes).toEqual([expect.stringMatching(note)]);
    expect(notes[0]).toContain('rule "the rule"');
  });

  test('names two roles that are the same to IAM, and the hub that needs permissions', async () => {
    const hub = { roleArn: `arn:aws:iam::${devId}:role/Hub` };
    const config = await withRules([{ role: 'a/Developer' }, { role: 'b/developer' }], { 'aws.assumeRole': { hub } });
    const { roles, notes } = planOf(config);
    expect(roles.map(({ arn }) => arn)).toEqual([`arn:aws:iam::${devId}:role/a/Developer`]);
    expect(notes).toEqual([
      expect.stringContaining('cannot both be in one account'),
      expect.stringContaining(hub.roleArn),
    ]);
  });

  test('knows the hosts of other partitions', async () => {
    const config = await withRules([{}], { 'aws.partition': 'aws-cn', 'aws.region': 'cn-north-1' });
    const [statement] = trustPolicyOf(planOf(config).roles[0]!).Statement;
    expect(statement).toMatchObject({
      Principal: { Federated: `arn:aws-cn:iam::${devId}:saml-provider/rolegate` },
      Condition: { StringEquals: { 'SAML:aud': 'https://signin.amazonaws.cn/saml' } },
    });
  });

  test('pins no address where a browser makes the call', async () => {
    const config = await withRules([{ role: 'A' }, { role: 'B', mode: 'browser-post' }], {
      'aws.fallbackRegions': ['us-east-1'],
    });
    const { text } = template(config, { sourceIps: ['203.0.113.10'] });
    const [a, b] = deployCloudFormation(text, { accountId: devId }).roles.map(({ trustPolicy }) =>
      JSON.stringify(trustPolicy),
    );
    expect(a).toContain('aws:SourceIp');
    expect(b).not.toContain('aws:SourceIp');
    expect(b).toContain(
      '["https://eu-west-1.signin.aws.amazon.com/saml","https://us-east-1.signin.aws.amazon.com/saml"]',
    );
  });
});

describe('one template', () => {
  const both = { accounts: ['payments-dev', 'payments-prod'] };

  test('serves all accounts that need the same, in every mode that can', async () => {
    const config = await withRules([both, { ...both, role: 'Token', mode: 'web-identity' }]);
    const every = template(config, { account: undefined }).text;
    expect(every).toBe(template(config).text);
    expect(every).not.toMatch(/\d{12}/);
    const other = deployCloudFormation(every, { accountId: '999999999999' });
    expect(JSON.stringify(other)).toContain('arn:aws:iam::999999999999:role/Token');
    expect(JSON.stringify(other)).toContain('arn:aws:iam::999999999999:saml-provider/rolegate');
    expect(template(config, { account: undefined, format: 'terraform' }).text).not.toMatch(/\d{12}/);
  });

  test('is refused where they differ, and the error says which', async () => {
    const config = await withRules([{}, { accounts: ['payments-prod'], role: 'Admin' }]);
    expect(() => template(config, { account: undefined })).toThrow(
      /do not all need the same.*need the same: payments-prod\n.*need the same: payments-dev/s,
    );
    expect(template(config, { account: '111122223333' }).text).toContain('RoleName: Admin');
  });

  test('leaves out accounts that need nothing, and is refused where none needs anything', async () => {
    expect(template(await withRules([{}]), { account: undefined }).text).toContain('RoleName: Developer');
    const nothing = await withRules([]);
    expect(() => template(nothing, { account: undefined })).toThrow('no role here can be written down');
  });

  test('is the same each time, whatever the order of the rules', async () => {
    const [a, b] = [{ role: 'A' }, { role: 'B', maxDuration: '2h' }].map((each, index) => ({
      name: `rule ${index}`,
      ...each,
    }));
    const texts = [template(await withRules([a!, b!])).text, template(await withRules([b!, a!])).text];
    expect(texts[0]).toBe(texts[1]);
  });

  test('warns of a trust policy above the usual quota, and refuses one above the largest', async () => {
    const tags = (count: number, length = 20) => ({
      sessionTags: Object.fromEntries(Array.from({ length: count }, (_, i) => [`Key${i}`, 'x'.repeat(length)])),
    });
    expect(template(await withRules([tags(3)])).notes).toEqual([]);
    expect(template(await withRules([tags(16)])).notes).toEqual([expect.stringContaining('Role trust policy length')]);
    const long = await withRules([tags(50, 60)]);
    expect(() => template(long)).toThrow(/the trust policy of Developer would be longer than the 4096 characters/);
  });

  test('gives no permission unless the operator names policies', async () => {
    const { text } = template(await withRules([{ role: 'My.Role' }]));
    const [parameter] = Object.keys((parse(text) as { Parameters: Raw }).Parameters);
    const arns = 'arn:aws:iam::aws:policy/ReadOnlyAccess,arn:aws:iam::aws:policy/AWSBillingReadOnlyAccess';
    const policiesWith = (parameters: Record<string, string>) =>
      deployCloudFormation(text, { accountId: devId }, parameters).roles[0]!.policyArns;
    expect(policiesWith({})).toEqual([]);
    expect(policiesWith({ [parameter!]: arns })).toEqual(arns.split(','));
    const terraform = template(await withRules([{ role: 'My.Role' }]), { format: 'terraform' }).text;
    const [variable] = Object.keys((JSON.parse(terraform) as { variable: Raw }).variable);
    const attached = (variables: Raw) =>
      deployTerraform(terraform, { accountId: devId }, variables).roles[0]!.policyArns;
    expect(attached({})).toEqual([]);
    expect(attached({ [variable!]: arns.split(',') })).toEqual(arns.split(','));
  });

  test('keeps texts that Terraform, CloudFormation or YAML would read otherwise', async () => {
    const config = await withRules([{ role: 'yes', description: 'no: %{if} "quoted" 2026-01-01' }]);
    const metadata = 'entityID="%{a}$${b}"';
    for (const [format, deploy] of [
      ['cloudformation', deployCloudFormation],
      ['terraform', deployTerraform],
    ] as const) {
      const { text } = template(config, { format, metadata });
      expect(deploy(text, { accountId: devId })).toMatchObject({
        samlProviders: { rolegate: metadata },
        roles: [{ name: 'yes', description: 'no: %{if} "quoted" 2026-01-01', trustPolicy: { Version: '2012-10-17' } }],
      });
    }
  });

  test('describes a role in characters that IAM takes', async () => {
    const config = await withRules([{ name: 'Entwickler', description: '결제 서비스' }]);
    expect(planOf(config).roles[0]!.description).toBe('Rolegate: Entwickler');
  });
});
