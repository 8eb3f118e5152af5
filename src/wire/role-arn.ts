// What the API calls a role: an IAM role's ARN, or a federated user's where the account issues federation tokens.
// Without zod: the command's fast path reads names too.

/** IAM API: a path of at most 512 characters, U+0021 to U+007E, then a name of at most 64. */
export const roleArnForm =
  /^arn:aws[a-z-]*:(?:iam::(\d{12}):role|sts::(\d{12}):federated-user)\/((?:[!-~]{1,510}\/)?[\w+=,.@-]{1,64})$/;

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

/**
 * An ARN as one word of a `credential_process` line, which SDKs split in different ways: some by a shell. Undefined for a path with a
 * character that no quotes keep in all of them.
 */
export function commandLineWord(roleArn: string): string | undefined {
  if (/^[\w+=,.@:/~-]+$/.test(roleArn)) return roleArn;
  return /["$`\\%]/.test(roleArn) ? undefined : `"${roleArn}"`;
}
