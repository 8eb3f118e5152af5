// ARNs of IAM roles, federated users and SAML providers.

/** What a grant is called: a role's ARN, or a federated user's where the mode knows no role. */
export type RoleArn = string & { readonly roleArn: unique symbol };

export interface RoleArnParts {
  readonly partition: string;
  readonly accountId: string;
  /** The role's path and name without the leading slash: `Developer` or `team/Developer`. */
  readonly role: string;
}

/**
 * IAM API: a path of at most 512 characters, U+0021 to U+007E, then a name of at most 64. Not with `,arn:`: the assertion names a role
 * and a provider with a comma between them.
 */
const roleForm = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/((?!.*,arn:)(?:[!-~]{1,510}\/)?[\w+=,.@-]{1,64})$/;
/** STS API GetFederationToken: Name has 2 to 32 characters. */
const federatedUserForm = /^arn:(aws[a-z-]*):sts::(\d{12}):federated-user\/([\w+=,.@-]{2,32})$/;

export function formatRoleArn({ partition, accountId, role }: RoleArnParts): RoleArn {
  return `arn:${partition}:iam::${accountId}:role/${role}` as RoleArn;
}

export function formatFederatedUserArn({ partition, accountId, role }: RoleArnParts): RoleArn {
  return `arn:${partition}:sts::${accountId}:federated-user/${role}` as RoleArn;
}

/** The parts of a role's or a federated user's ARN, or undefined if it is neither. */
export function parseRoleArn(arn: string): RoleArnParts | undefined {
  const [, partition, accountId, role] = roleForm.exec(arn) ?? federatedUserForm.exec(arn) ?? [];
  if (partition === undefined || accountId === undefined || role === undefined) return undefined;
  return { partition, accountId, role };
}

/** Whether this is the path and name of a role as IAM allows it. A whole ARN is a mistake, though it could be a path. */
export function isRolePath(role: string): boolean {
  return !role.startsWith('arn:') && roleForm.test(`arn:aws:iam::000000000000:role/${role}`);
}

/** Whether a federated user can have this name. */
export function isFederatedUserName(name: string): boolean {
  return federatedUserForm.test(`arn:aws:sts::000000000000:federated-user/${name}`);
}

export function formatProviderArn(partition: string, accountId: string, provider: string): string {
  return `arn:${partition}:iam::${accountId}:saml-provider/${provider}`;
}

/** The role's name without its path: what the assumed-role ARN shows. */
export function roleNameOf(role: string): string {
  return role.slice(role.lastIndexOf('/') + 1);
}
