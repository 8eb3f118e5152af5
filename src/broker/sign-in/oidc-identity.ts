// From the claims of a verified ID token to the Identity that policy reads.
import type { Identity } from '../../access/model.ts';
import type { OpenidProvider } from '../../config/openid-provider.ts';
import { oidcRefusal } from '../../errors.ts';
import type { IdTokenClaims } from '../../oidc/relying-party.ts';
import { quoted } from '../../quoted.ts';

const maxUserLength = 256;

/** @param claimNames claims that some rule reads. @throws BrokerError openid_refused `attributes` */
export function identityFromClaims(
  claims: IdTokenClaims,
  { id, attributes }: Pick<OpenidProvider, 'id' | 'attributes'>,
  claimNames: readonly string[],
): Identity {
  // Entra ID leaves the groups out of a token that they would not fit in, and says where they are. No groups would be wrong.
  const elsewhere = claims['_claim_names'];
  const isElsewhere =
    typeof elsewhere === 'object' && elsewhere !== null && Object.hasOwn(elsewhere, attributes.groups);
  if (isElsewhere || claims['hasgroups'] === true || claims['hasgroups'] === 'true') {
    throw oidcRefusal('attributes', 'the token names a place to fetch the groups from instead of the groups');
  }
  const user = userOf(claims, attributes.user);
  const kept = claimNames.map((name) => [name, valuesOf(claims, name)] as const);
  // A sign-in precedes its token; an auth_time in the future would keep every step-up fresh until then.
  const authTime = typeof claims['auth_time'] === 'number' ? claims['auth_time'] : undefined;
  const signedInAt = Math.min(authTime ?? claims.iat, claims.iat);
  return {
    idp: id,
    user,
    userSource: attributes.user,
    displayName: valuesOf(claims, attributes.displayName)[0] ?? user,
    groups: [...new Set(valuesOf(claims, attributes.groups, attributes.groupsMember))],
    claims: Object.fromEntries(kept.filter(([, found]) => found.length > 0)),
    // Core §2: acr is one context, amr are the methods, such as `mfa` (RFC 8176).
    authnContexts: [...valuesOf(claims, 'acr'), ...valuesOf(claims, 'amr')],
    authnInstant: signedInAt * 1000,
    ...(authTime === undefined ? { isAuthnInstantGuessed: true } : {}),
  };
}

function userOf(claims: IdTokenClaims, name: string): string {
  const values = valuesOf(claims, name);
  const [value] = values;
  if (value === undefined || values.length > 1 || value.trim() === '' || value.length > maxUserLength) {
    throw oidcRefusal('attributes', 'not exactly one usable value of the user claim');
  }
  // Core §5.1: without verification, a user could enter another person's address. Some providers write it as text.
  if (name === 'email' && ![undefined, true, 'true'].includes(claims['email_verified'] as undefined)) {
    throw oidcRefusal('attributes', 'the provider has not verified this e-mail address');
  }
  return value;
}

/** Text only: an object is not turned into a string that a rule might match. @param member of objects, which counts */
function valuesOf(claims: IdTokenClaims, name: string, member?: string): string[] {
  return listOf(claims, name)
    .map((each) => (member !== undefined && isObject(each) && Object.hasOwn(each, member) ? each[member] : each))
    .filter((each) => typeof each === 'string');
}

function listOf(claims: IdTokenClaims, name: string): readonly unknown[] {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return Array.isArray(value) ? value : [value];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the groups claim has instead of text, for the operator; undefined where every group is text. */
export function unusableGroups(
  claims: IdTokenClaims,
  { groups, groupsMember }: OpenidProvider['attributes'],
): string | undefined {
  const all = listOf(claims, groups).filter((each) => each !== undefined);
  if (valuesOf(claims, groups, groupsMember).length === all.length) return undefined;
  const other = all.find((each) => typeof each !== 'string');
  if (!isObject(other)) return other === null ? 'null' : Array.isArray(other) ? 'lists' : `${typeof other}s`;
  return `objects with ${Object.keys(other).slice(0, 8).map(quoted).join(', ')}`;
}
