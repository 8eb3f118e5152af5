// What the emulators know when they are started on their own: three people, and one account with two roles.
import { existsSync, readFileSync } from 'node:fs';
import type { AdfsUser } from './adfs/server.ts';
import type { Estate } from './aws/server.ts';

function person(username: string, givenName: string, groups: readonly string[]): AdfsUser {
  const address = `${username}@corp.example`;
  return {
    ...{ username, password: 'password', upn: address, email: address, givenName, surname: 'Sample' },
    ...{ displayName: `${givenName} Sample`, windowsAccountName: `CORP\\${username}`, groups },
  };
}

export const people: readonly AdfsUser[] = [
  person('alice', 'Alice', ['CORP\\Domain Users', 'CORP\\AWS-Developers', 'CORP\\AWS-Auditors']),
  person('bob', 'Bob', ['CORP\\Domain Users', 'CORP\\AWS-Auditors']),
  person('mallory', 'Mallory', ['CORP\\Domain Users']),
];

/** Who signs in at the OpenID provider, without a question. */
export const openidPerson = {
  sub: 'alice',
  email: 'alice@corp.example',
  name: 'Alice Sample',
  groups: ['AWS-Developers'],
};

const accountId = '111122223333';
const maySee = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

/**
 * The account trusts the SAML provider `provider`, whose metadata is read from a file: again at every request, so that
 * the broker may write it later or renew it. Without the file, the account trusts no provider and refuses every sign-in.
 */
export function sampleEstate(provider: string, metadataFile: string | undefined): () => Estate {
  let metadata: string | undefined;
  let estate = estateOf(provider, metadata);
  return () => {
    const current = metadataFile && existsSync(metadataFile) ? readFileSync(metadataFile, 'utf8') : undefined;
    if (current !== metadata) {
      metadata = current;
      estate = estateOf(provider, metadata);
    }
    return estate;
  };
}

function estateOf(provider: string, metadata: string | undefined): Estate {
  const statement = {
    Effect: 'Allow',
    Principal: { Federated: `arn:aws:iam::${accountId}:saml-provider/${provider}` },
    Action: ['sts:AssumeRoleWithSAML', 'sts:SetSourceIdentity', 'sts:TagSession'],
    Condition: { StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } },
  };
  const trustPolicy = { Version: '2012-10-17', Statement: [statement] };
  const roles = ['Developer', 'ReadOnly'].map((name) => ({ name, trustPolicy, policies: [maySee] }));
  const samlProviders = metadata === undefined ? {} : { [provider]: metadata };
  return { accounts: [{ id: accountId, alias: 'sample', name: 'Sample', roles, samlProviders }] };
}
