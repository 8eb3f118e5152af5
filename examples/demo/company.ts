// The sample company: its people at the identity provider, its accounts at AWS, and the rules between them.
import type { AdfsUser } from '../../emulators/adfs/server.ts';
import type { EmulatedAccount, Estate } from '../../emulators/aws/server.ts';
import { policiesOf, servicesOf } from './services.ts';

const password = 'password';

function person(username: string, givenName: string, groups: readonly string[]): AdfsUser {
  return {
    username,
    password,
    upn: `${username}@corp.example`,
    displayName: `${givenName} Sample`,
    givenName,
    surname: 'Sample',
    email: `${username}@corp.example`,
    windowsAccountName: `CORP\\${username}`,
    groups,
  };
}

export const people: readonly AdfsUser[] = [
  person('alice', 'Alice', [
    'CORP\\Domain Users',
    'CORP\\AWS-Payments-Dev',
    'CORP\\AWS-Payments-Admins',
    'CORP\\AWS-Platform',
    'CORP\\AWS-123456789012-DataScientist',
  ]),
  person('bob', 'Bob', ['CORP\\Domain Users', 'CORP\\AWS-Auditors']),
  person('mallory', 'Mallory', ['CORP\\Domain Users']),
];

export const accounts = [
  {
    id: '444455556666',
    alias: 'payments-dev',
    name: 'Payments Development',
    environment: 'development',
    owner: 'payments-team@corp.example',
    labels: ['payments'],
  },
  {
    id: '555566667777',
    alias: 'platform-dev',
    name: 'Platform Development',
    environment: 'development',
    owner: 'platform@corp.example',
    labels: ['platform'],
  },
  {
    id: '123456789012',
    alias: 'data-dev',
    name: 'Data Development',
    environment: 'development',
    owner: 'data-team@corp.example',
    labels: ['data', 'sandbox'],
  },
  {
    id: '333344445555',
    alias: 'payments-staging',
    name: 'Payments Staging',
    environment: 'staging',
    owner: 'payments-team@corp.example',
    labels: ['payments'],
  },
  {
    id: '111122223333',
    alias: 'payments-prod',
    name: 'Payments Production',
    environment: 'production',
    owner: 'payments-team@corp.example',
    labels: ['payments', 'pci'],
  },
  {
    id: '222233334444',
    alias: 'platform-prod',
    name: 'Platform Production',
    environment: 'production',
    owner: 'platform@corp.example',
    labels: ['platform'],
  },
] as const;

/** The rules, in the form that rolegate.yaml has. */
export const rules = [
  {
    name: 'payments engineers',
    ask: 'Ask payments-team@corp.example to add you to AWS-Payments-Dev.',
    when: { group: 'CORP\\AWS-Payments-Dev' },
    grant: {
      accounts: ['payments-dev', 'payments-staging'],
      role: 'Developer',
      maxDuration: '8h',
      description: 'Build and run the payment services.',
    },
  },
  {
    name: 'payments administrators',
    when: { group: 'CORP\\AWS-Payments-Admins' },
    grant: {
      accounts: ['payments-prod'],
      role: 'Admin',
      maxDuration: '1h',
      require: { authnContext: 'mfa', maxAuthenticationAge: '15m' },
      description: 'Everything in production. Asks for a one-time code.',
    },
  },
  {
    name: 'platform team',
    ask: 'Platform roles go to members of the platform team only.',
    when: { group: 'CORP\\AWS-Platform' },
    grant: { accounts: ['platform-prod', 'platform-dev'], role: 'Operator', maxDuration: '4h' },
  },
  {
    name: 'auditors',
    when: { any: [{ group: 'CORP\\AWS-Auditors' }, { group: 'CORP\\AWS-Platform' }] },
    grant: { accounts: ['payments-prod'], role: 'ReadOnly', maxDuration: '2h', description: 'Look, do not touch.' },
  },
  {
    name: 'naming convention',
    when: { groupPattern: '(?:CORP\\\\)?AWS-(?<account>\\d{12})-(?<role>[\\w+=,.@-]{1,64})' },
    grant: { accounts: ['{account}'], role: '{role}' },
  },
];

const roles: Readonly<Record<string, readonly { name: string; maxSessionDuration: number }[]>> = {
  'payments-prod': [
    { name: 'Admin', maxSessionDuration: 3600 },
    { name: 'ReadOnly', maxSessionDuration: 7200 },
  ],
  'platform-prod': [{ name: 'Operator', maxSessionDuration: 14_400 }],
  // The rule allows eight hours, the role one: the broker finds out, and says so.
  'payments-staging': [{ name: 'Developer', maxSessionDuration: 3600 }],
  'payments-dev': [{ name: 'Developer', maxSessionDuration: 28_800 }],
  'platform-dev': [{ name: 'Operator', maxSessionDuration: 14_400 }],
  'data-dev': [{ name: 'DataScientist', maxSessionDuration: 3600 }],
};

export const providerName = 'rolegate';

/** The company's AWS accounts, each with the broker as SAML provider. */
export function estate(brokerMetadata: string): Estate {
  return { accounts: accounts.map((account) => emulated(account, brokerMetadata)) };
}

function emulated({ id, alias, name }: (typeof accounts)[number], brokerMetadata: string): EmulatedAccount {
  const services = servicesOf(alias);
  return {
    id,
    alias,
    name,
    samlProviders: { [providerName]: brokerMetadata },
    ...services,
    roles: [
      ...(roles[alias] ?? []).map((role) => ({
        ...role,
        trustPolicy: trustPolicy(id),
        policies: policiesOf(role.name),
      })),
      ...services.roles,
    ],
  };
}

/** What an administrator attaches to each role. */
export function trustPolicy(accountId: string) {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::${accountId}:saml-provider/${providerName}` },
        Action: ['sts:AssumeRoleWithSAML', 'sts:SetSourceIdentity'],
        Condition: { StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } },
      },
    ],
  };
}
