// ARNs of IAM roles and SAML providers.

export type RoleArn = string & { readonly roleArn: unique symbol };

export interface RoleArnParts {
  readonly partition: string;
  readonly accountId: string;
  /** The role's path and name without the leading slash: `Developer` or `team/Developer`. */
  readonly role: string;
}

const roleForm = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/((?:[\w+=,.@-]{1,128}\/){0,8}[\w+=,.@-]{1,64})$/;

export function formatRoleArn({ partition, accountId, role }: RoleArnParts): RoleArn {
  return `arn:${partition}:iam::${accountId}:role/${role}` as RoleArn;
}

/** The parts of a role's ARN, or undefined if it is none. */
export function parseRoleArn(arn: string): RoleArnParts | undefined {
  const [, partition, accountId, role] = roleForm.exec(arn) ?? [];
  if (partition === undefined || accountId === undefined || role === undefined) return undefined;
  return { partition, accountId, role };
}

/** Whether this is the path and name of a role as IAM allows it. */
export function isRolePath(role: string): boolean {
  return parseRoleArn(`arn:aws:iam::000000000000:role/${role}`) !== undefined;
}

export function formatProviderArn(partition: string, accountId: string, provider: string): string {
  return `arn:${partition}:iam::${accountId}:saml-provider/${provider}`;
}

/** The role's name without its path: what the assumed-role ARN shows. */
export function roleNameOf(role: string): string {
  return role.slice(role.lastIndexOf('/') + 1);
}
