// A sample company that uses every way to credentials: a hub account with the broker's own user, roles that trust it, and
// users for federation tokens.
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { EmulatedAccount, Estate } from '../../../emulators/aws/server.ts';
import type { Credentials } from '../../../src/wire/api.ts';

const hubAccount = '111122223333';
export const targetAccount = '444455556666';
export const tokenAccount = '123456789012';

/** The broker's own identity, as the environment gives it. */
export const brokerUser = { accessKeyId: 'AKIAEXAMPLEBROKER000', secretAccessKey: 'secret-of-the-broker-user' };
export const federator = { accessKeyId: 'AKIAEXAMPLEFEDERATE0', secretAccessKey: 'secret-of-the-federator' };

export const hubArn = `arn:aws:iam::${hubAccount}:role/Hub`;
const brokerArn = `arn:aws:iam::${hubAccount}:user/broker`;
const sessionActions = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'];

const statement = (rest: object) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...rest }] });
const trusting = (principal: string, rest: object = {}) =>
  statement({ Principal: { AWS: principal }, Action: sessionActions, ...rest });
const allowing = (...actions: string[]) => statement({ Action: actions, Resource: '*' });

/** Added to the sample company's estate. */
export function withModes(estate: Estate): Estate {
  const more: Readonly<Record<string, Partial<EmulatedAccount>>> = {
    [hubAccount]: {
      users: [{ name: 'broker', ...brokerUser, policies: [allowing(...sessionActions)] }],
      roles: [{ name: 'Hub', trustPolicy: trusting(brokerArn), policies: [allowing(...sessionActions)] }],
    },
    [targetAccount]: {
      roles: [
        {
          name: 'Partner',
          maxSessionDuration: 7200,
          trustPolicy: trusting(brokerArn, { Condition: { StringEquals: { 'sts:ExternalId': 'customer-42' } } }),
        },
        { name: 'Untagged', trustPolicy: trusting(brokerArn, { Action: ['sts:AssumeRole'] }) },
        { name: 'OfHub', maxSessionDuration: 43_200, trustPolicy: trusting(hubArn) },
        {
          name: 'Tagged',
          trustPolicy: statement({
            Principal: { Federated: `arn:aws:iam::${targetAccount}:saml-provider/rolegate` },
            Action: ['sts:AssumeRoleWithSAML', 'sts:TagSession', 'sts:SetSourceIdentity'],
            Condition: {
              StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml', 'aws:RequestTag/Team': 'payments' },
            },
          }),
        },
      ],
    },
    [tokenAccount]: {
      users: [
        { name: 'federator', ...federator, policies: [allowing('sts:GetFederationToken', 'sts:TagSession', 's3:*')] },
      ],
    },
  };
  return {
    ...estate,
    accounts: estate.accounts.map((account) => ({
      ...account,
      ...more[account.id],
      roles: [...account.roles, ...(more[account.id]?.roles ?? [])],
    })),
  };
}

/** Who the credentials are, by a call that they sign. */
export async function callerOf(credentials: Credentials, endpoint: string): Promise<string | undefined> {
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = credentials;
  const keys = { accessKeyId, secretAccessKey, sessionToken };
  const client = new STSClient({ region: 'eu-west-1', endpoint, credentials: keys });
  try {
    return (await client.send(new GetCallerIdentityCommand())).Arn;
  } finally {
    client.destroy();
  }
}
