// The sample company with one role for each federation mode, whose account at AWS is nothing but what a generated
// template makes of it, and a hub account with the broker's own user.
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EmulatedAccount, Estate } from '../../../emulators/aws/server.ts';
import type { TemplateFormat } from '../../../src/provisioning/template.ts';
import { writeTemplate } from '../../../src/provisioning/template.ts';
import { publishMetadata } from '../../../src/wiring/published-metadata.ts';
import { startTestDemo, type TestDemo } from '../../app/support/demo.ts';
import { deployCloudFormation, deployTerraform } from './load-template.ts';

type Raw = Record<string, unknown>;

export const accountId = '444455556666';
const hubId = '111122223333';
export const brokerArn = `arn:aws:iam::${hubId}:user/broker`;
export const brokerKeys = { accessKeyId: 'AKIAEXAMPLEBROKER000', secretAccessKey: 'secret-of-the-broker-user' };
export const otherKeys = { accessKeyId: 'AKIAEXAMPLESOMEBODY0', secretAccessKey: 'secret-of-somebody-else' };
const idpProvider = 'corp-adfs';
export const externalId = 'customer-42';
export const arnOf = (role: string) => `arn:aws:iam::${accountId}:role/${role}`;

const sessionTags = { Team: 'payments', Who: { from: 'user' } };
const grants: readonly Raw[] = [
  { role: 'Minted', maxDuration: '8h', description: 'Build and run the payment services.' },
  { role: 'Minted', maxDuration: '2h', sessionTags, transitiveTags: ['Team'] },
  { role: 'Labelled', sessionTags, transitiveTags: ['Team'] },
  { role: 'team/ByToken', mode: 'web-identity', maxDuration: '2h', sessionTags: { Team: 'payments' } },
  { role: 'Partner', mode: 'assume-role', maxDuration: '4h', sessionTags: { Team: 'payments' } },
  { role: 'Anonymous', mode: 'assume-role', sourceIdentity: false },
  { role: 'Consoles', mode: 'browser-post', maxDuration: '12h' },
  { role: 'Forwarded', mode: 'forward', maxDuration: '2h' },
];

/** @param directory where the key of the mode web-identity may stand */
export async function startProvisioned(directory: string): Promise<TestDemo> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = join(directory, 'web.key');
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const demo = await startTestDemo({
    adjust: (config) => {
      const aws = config['aws'] as Raw & { endpoints: Raw };
      return {
        ...config,
        aws: {
          ...aws,
          webIdentity: { signing: { key } },
          assumeRole: { caller: 'user', externalId },
          forward: { provider: idpProvider },
          endpoints: { ...aws.endpoints, iam: aws.endpoints['sts'] },
        },
        rules: grants.map((grant, index) => ({
          name: `rule ${index}`,
          when: { group: 'CORP\\AWS-Payments-Dev' },
          grant: { accounts: ['payments-dev'], ...grant },
        })),
      };
    },
  });
  trustForAws(demo);
  return demo;
}

/** What the mode forward needs of the identity provider: AWS as second audience, and the pair of role and provider. */
function trustForAws({ adfs, config }: TestDemo): void {
  const { entityId, signing } = config.serviceProvider;
  const pair = `${arnOf('Forwarded')},arn:aws:iam::${accountId}:saml-provider/${idpProvider}`;
  const claims = {
    'https://aws.amazon.com/SAML/Attributes/Role': [pair],
    'https://aws.amazon.com/SAML/Attributes/RoleSessionName': ['alice@corp.example'],
  };
  adfs.setRelyingParties([
    {
      entityId,
      acsUrl: config.acsUrl,
      requireSignedRequests: true,
      signingCertificates: signing ? [signing.certificate] : [],
      additionalAudiences: ['urn:amazon:webservices'],
      claimRules: () => claims,
    },
  ]);
}

export interface TemplateOptions {
  readonly format?: TemplateFormat;
  readonly sourceIps?: readonly string[];
}

/** The account as the template makes it, and with the one provider that no template has: the identity provider's own. */
export function deployedAccount({ config, adfs }: TestDemo, options: TemplateOptions = {}): EmulatedAccount {
  const { format = 'cloudformation', sourceIps = ['127.0.0.1/32'] } = options;
  const wish = { format, sourceIps, brokerArn, account: 'payments-dev', metadata: publishMetadata(config).aws };
  const { text } = writeTemplate(config, wish);
  const deploy = format === 'cloudformation' ? deployCloudFormation : deployTerraform;
  const deployed = deploy(text, { accountId });
  const samlProviders = { ...deployed.samlProviders, [idpProvider]: adfs.metadata() };
  return { id: accountId, name: 'payments-dev', ...deployed, samlProviders };
}

const statement = (rest: object) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...rest }] });
const mayDoAll = [statement({ Action: '*', Resource: '*' })];

/** With the hub's users, and a role that the doctor looks with. */
export function estateOf(account: EmulatedAccount, mayRead = true): Estate {
  const auditor = {
    name: 'Auditor',
    trustPolicy: statement({ Principal: { AWS: brokerArn }, Action: 'sts:AssumeRole' }),
    policies: mayRead ? [statement({ Action: ['iam:Get*', 'iam:List*'], Resource: '*' })] : [],
  };
  const users = [
    { name: 'broker', ...brokerKeys, policies: mayDoAll },
    { name: 'somebody', ...otherKeys, policies: mayDoAll },
  ];
  return {
    accounts: [
      { id: hubId, name: 'hub', roles: [], users },
      { ...account, roles: [...account.roles, auditor] },
    ],
  };
}
