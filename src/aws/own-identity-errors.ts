// Explains why the broker has no AWS credentials: where it looked for them, and what to change there. The same codes of STS mean
// something else here than for a role that a person wants.
import { BrokerError } from '../errors.ts';
import { toStsError } from './sts-causes.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface SdkError {
  readonly name?: string;
  readonly message?: string;
  /** Of the file system or the network. */
  readonly code?: string;
  readonly path?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Any error of the SDK's chain. Its codes are `sts_refused` for what an administrator must change, else those of an outage. */
export function toIdentityError(thrown: unknown, env: Environment): BrokerError {
  const error = thrown as SdkError;
  const { name = 'Error', message = '' } = error;
  const { code, details } = toStsError(thrown);
  const fail = (what: string, isOutage = false) =>
    new BrokerError(
      isOutage ? code : 'sts_refused',
      `the AWS identity of the broker itself: ${what} (${name}: ${message.slice(0, 300)})`,
      { details, cause: thrown },
    );
  if (error.code !== undefined && /^(ENOENT|EACCES|EPERM|EISDIR|ENOTDIR|ELOOP)$/.test(error.code)) {
    // Node names no path where it could open what it cannot read: a directory.
    return fail(
      unreadable(error.path ?? tokenVariables.map((each) => env[each]).find(Boolean) ?? 'a file', error.code, env),
    );
  }
  if (name === 'CredentialsProviderError') return fail(withoutCredentials(message, env));
  if (error.$metadata?.httpStatusCode !== undefined) {
    const isOutage = code === 'sts_unavailable' || code === 'sts_throttled' || code === 'sts_region_disabled';
    return fail(isOutage ? 'STS has trouble; the broker tries again' : refusedBySts(name, message, env), isOutage);
  }
  if (error instanceof TypeError)
    return fail(`${containerVariable(env) ?? 'an address in its environment'} is not a valid URL`);
  return fail(`${containerVariable(env) ?? 'STS'} does not answer`, true);
}

const tokenVariables = ['AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'];

function unreadable(path: string, errno: string, env: Environment): string {
  const variable = tokenVariables.find((each) => env[each] === path);
  if (variable === undefined) return `${path} cannot be read (${errno}): a profile in the AWS files names it`;
  const owner =
    variable === 'AWS_WEB_IDENTITY_TOKEN_FILE'
      ? 'the token of its service account (IRSA)'
      : 'the token of its pod identity';
  return `${variable} names ${path}, which cannot be read (${errno}): ${owner} must be mounted there, readable by its user`;
}

function withoutCredentials(message: string, env: Environment): string {
  const { AWS_PROFILE: profile, AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile, AWS_ROLE_ARN: role } = env;
  if (/SSO session|sso|token is expired|expired/i.test(message)) {
    return `the sign-in of the profile ${profile ?? 'default'} has expired: a server needs an identity that renews itself, such as an instance profile or a pod role`;
  }
  if (tokenFile && !role) return 'AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not: set both';
  if (profile) {
    return `the profile ${profile} of AWS_PROFILE gives no credentials: check that it is in AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE, readable and complete`;
  }
  const variable = containerVariable(env);
  if (variable !== undefined) {
    return `${variable} names an address that gives no credentials: check the task role or the pod identity, and its agent`;
  }
  return (
    'the broker found no AWS credentials: give it an instance profile, a task or pod role, a profile or keys in the ' +
    'environment'
  );
}

/** What STS says of the call that gives the identity: by a token file, or by a profile with a role. */
function refusedBySts(code: string, message: string, env: Environment): string {
  const { AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile, AWS_ROLE_ARN: role, AWS_PROFILE: profile } = env;
  const token = `the token in AWS_WEB_IDENTITY_TOKEN_FILE (${tokenFile})`;
  if (/Signature (expired|not yet current)|TimeTooSkewed|RequestExpired/.test(`${code} ${message}`)) {
    return 'the clock of the broker is more than five minutes off: check NTP';
  }
  if (!tokenFile || profile) {
    const source = `the profile ${profile ?? 'default'}`;
    return /^ExpiredToken/.test(code)
      ? `the session token of ${source} has expired: a server needs keys that renew themselves`
      : `STS gives ${source} no credentials: check its keys, and the trust policy of its role_arn`;
  }
  if (/^ExpiredToken/.test(code)) {
    return `${token} has expired: the kubelet must renew it; check the clocks of the node and the broker`;
  }
  if (/^AccessDenied/.test(code)) {
    return `the role of AWS_ROLE_ARN (${role}) does not exist, or its trust policy does not name the cluster's OIDC provider with this service account in sub`;
  }
  if (/^(InvalidIdentityToken|Validation)/.test(code)) {
    return `AWS does not take ${token}: it must be an unchanged token of the cluster, whose OIDC provider is in the account of AWS_ROLE_ARN, for the audience sts.amazonaws.com`;
  }
  return `STS refuses ${token} for AWS_ROLE_ARN (${role})`;
}

function containerVariable(env: Environment): string | undefined {
  return ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'].find((each) => env[each]);
}
