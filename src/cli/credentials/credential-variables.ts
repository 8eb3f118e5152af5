// Credentials as the variables that every SDK reads, and the variables that would be taken in their place.
import type { Credentials } from '../../wire/api.ts';
import { roleReference } from '../../wire/role-arn.ts';
import type { Machine } from '../machine/context.ts';
import { readKnownRoles } from '../machine/known-roles.ts';

export type Variables = Readonly<Record<string, string>>;

export function credentialVariables(credentials: Credentials, region: string | undefined): Variables {
  return {
    AWS_ACCESS_KEY_ID: credentials.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.SecretAccessKey,
    AWS_SESSION_TOKEN: credentials.SessionToken,
    // What prompts and tools read to say how much time is left.
    AWS_CREDENTIAL_EXPIRATION: credentials.Expiration.replace(/\.\d+Z$/, 'Z'),
    ...regionVariables(region),
  };
}

/** Under both of its names: the AWS CLI and the SDKs disagree about them. */
export function regionVariables(region: string | undefined): Variables {
  return region === undefined ? {} : { AWS_REGION: region, AWS_DEFAULT_REGION: region };
}

/** For prompts: the role as people call it, and the end in seconds since 1970. */
export function promptVariables(machine: Machine, broker: string, { Expiration, RoleArn }: Credentials): Variables {
  const name = readKnownRoles(machine, broker).find((each) => each.roleArn === RoleArn)?.name ?? roleReference(RoleArn);
  return { ROLEGATE_ROLE: name, ROLEGATE_EXPIRES: String(Math.floor(Date.parse(Expiration) / 1000)) };
}

export const promptNames = ['ROLEGATE_ROLE', 'ROLEGATE_EXPIRES'] as const;

/** Without the region, which is not a credential. */
export const credentialNames = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_CREDENTIAL_EXPIRATION',
] as const;

/** Each names another identity, or another place to get one. */
export const shadowingVariables = [
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_SECURITY_TOKEN',
  'AWS_ROLE_ARN',
  'AWS_ROLE_SESSION_NAME',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
] as const;
