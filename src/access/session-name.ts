// RoleSessionName and SourceIdentity: the person's name as CloudTrail shows it. Two people never share one.
import { createHash } from 'node:crypto';
import type { Identity } from './model.ts';

const legal = /^[\w+=,.@-]{2,64}$/;
const hashLength = 16;
const looksHashed = /-[0-9a-f]{16}$/;

/** RoleSessionName and SourceIdentity have up to 64 characters, the Name of GetFederationToken up to 32 (STS API). */
export const maxFederatedUserLength = 32;
const maxLength = 64;

/**
 * The user's value if it cannot be mistaken for another user's, otherwise a sanitised form with 16 digits of a hash.
 * Always matches `[\w+=,.@-]{2,64}` (STS API).
 * @param isPrimaryIdp only one IdP's users keep their plain names: two IdPs may both know an `alice`
 * @param longest 32 to 64
 */
export function sessionName(identity: Identity, isPrimaryIdp: boolean, longest = maxLength): string {
  const { user } = identity;
  // IAM conditions are often written without regard to case, so only the lower-case form goes out as it is.
  const isUnmistakable = legal.test(user) && user === user.toLowerCase() && !looksHashed.test(user);
  return isPrimaryIdp && isUnmistakable && user.length <= longest ? user : marked(user, identity, longest);
}

const placeholder = /\{(user|identityProvider|rule|claim:[^{}]+)\}/g;

/** Why this cannot be the template of a name; undefined if it can. */
export function nameTemplateProblem(template: string): string | undefined {
  const rest = template.replace(placeholder, '');
  if (/[{}]/.test(rest)) return 'a brace that holds none of user, identityProvider, rule, claim:NAME';
  return rest === template
    ? 'does not identify the user: use {user}, {identityProvider}, {rule} or {claim:NAME}'
    : undefined;
}

/** The names of the claims that a template reads. */
export function claimsInTemplate(template: string): string[] {
  return [...template.matchAll(placeholder)].flatMap(([, name]) =>
    name!.startsWith('claim:') ? [name!.slice(6)] : [],
  );
}

/**
 * A name made of a template. It always carries the hash, so that the claims of another person cannot produce it,
 * and no plain name looks like it.
 */
export function templatedName(template: string, identity: Identity, rule: string, longest = maxLength): string {
  const { claims, user, idp } = identity;
  const filled = template.replace(placeholder, (_, name: string) => {
    if (name === 'user') return user;
    if (name === 'identityProvider') return idp;
    if (name === 'rule') return rule;
    const claim = name.slice(6);
    return Object.hasOwn(claims, claim) ? (claims[claim]![0] ?? '') : '';
  });
  return marked(filled, identity, longest);
}

function marked(text: string, { idp, userSource, user }: Identity, longest: number): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([idp, userSource, user]))
    .digest('hex');
  const readable = text.toLowerCase().replace(/[^\w+=,.@-]/g, '_');
  return `${readable.slice(0, longest - hashLength - 1)}-${hash.slice(0, hashLength)}`;
}
