// RoleSessionName and SourceIdentity: the person's name as CloudTrail shows it. Two people never share one.
import { createHash } from 'node:crypto';
import type { Identity } from './model.ts';

const legal = /^[\w+=,.@-]{2,64}$/;
const hashLength = 16;
const looksHashed = /-[0-9a-f]{16}$/;

/**
 * The user's value where nobody else's could be taken for it, else a sanitised form with 16 digits of a hash.
 * Always matches `[\w+=,.@-]{2,64}` (STS API).
 * @param isPrimaryIdp only one IdP's users keep their plain names: two IdPs may both know an `alice`
 */
export function sessionName(identity: Identity, isPrimaryIdp: boolean): string {
  const { idp, userSource, user } = identity;
  // IAM conditions are often written without regard to case, so only the lower-case form goes out as it is.
  const isUnmistakable = legal.test(user) && user === user.toLowerCase() && !looksHashed.test(user);
  if (isPrimaryIdp && isUnmistakable) return user;
  const hash = createHash('sha256')
    .update(JSON.stringify([idp, userSource, user]))
    .digest('hex');
  const readable = user.toLowerCase().replace(/[^\w+=,.@-]/g, '_');
  return `${readable.slice(0, 64 - hashLength - 1)}-${hash.slice(0, hashLength)}`;
}
