// What pages about activity call a role: its name and account, or its ARN where the account is not listed any more.
import { parseRoleArn } from '../../access/arn.ts';
import type { Policy } from '../../access/model.ts';
import { indexOf } from '../../access/policy-index.ts';
import type { Messages } from '../page/messages/en.ts';

export function roleLabel(roleArn: string, policy: Policy, { why }: Messages): string {
  const parts = parseRoleArn(roleArn);
  const account = parts && indexOf(policy).accounts.get(parts.accountId);
  return account ? why.roleIn(parts.role, account.name, account.id) : roleArn;
}
