// What the API calls a role: an IAM role's ARN, or a federated user's where the account gives federation tokens.
// Without zod: the command's fast path reads names too.

export const roleArnForm = /^arn:aws[a-z-]*:(?:iam::(\d{12}):role|sts::(\d{12}):federated-user)\/([\w+=,.@/-]{1,576})$/;

export interface RoleNames {
  readonly accountId: string;
  /** With the role's path, if it has one. */
  readonly name: string;
}

/** Undefined if it cannot be the ARN of one. */
export function readRoleArn(roleArn: string): RoleNames | undefined {
  const [, ofRole, ofUser, name] = roleArnForm.exec(roleArn) ?? [];
  const accountId = ofRole ?? ofUser;
  return accountId === undefined || name === undefined ? undefined : { accountId, name };
}

/**
 * `account/role`, as links, addresses and people name a role; the ARN itself if it cannot be read.
 * @param account in place of the account's id: its alias
 */
export function roleReference(roleArn: string, account?: string): string {
  const names = readRoleArn(roleArn);
  return names ? `${account ?? names.accountId}/${names.name}` : roleArn;
}
