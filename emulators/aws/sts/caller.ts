// What policies can ask about a caller and a request.

import type { EstateIndex } from '../estate.ts';
import type { ReceivedRequest } from '../received-request.ts';
import { isoSeconds, userOf, type World } from '../world.ts';
import type { IssuedCredentials, Principal } from './credentials.ts';

/** The ARNs by which a policy may name a principal: itself, and the role or user behind it. */
export function namesOf({ arn, issuerArn }: Principal): readonly string[] {
  return issuerArn === undefined ? [arn] : [arn, issuerArn];
}

/** The condition keys that tell about caller and request, whatever the operation. */
export function callerContext(
  world: World,
  request: ReceivedRequest,
  { principal }: IssuedCredentials,
): Map<string, readonly string[]> {
  return new Map([...requestContext(request), ...principalContext(world, principal, request.now)]);
}

const TYPES: Partial<Readonly<Record<Principal['kind'], string>>> = {
  root: 'Account',
  user: 'User',
  session: 'User',
  'federated-user': 'FederatedUser',
};

/** The condition keys that tell about a principal. */
export function principalContext(world: World, principal: Principal, now: Date): Map<string, readonly string[]> {
  const { issuedAt, issuerArn, mfaAt, sourceIdentity, kind } = principal;
  const type = TYPES[kind] ?? 'AssumedRole';
  const context = new Map<string, readonly string[]>([
    // IAM: of a role's session this is the role.
    ['aws:principalarn', [type === 'AssumedRole' ? (issuerArn ?? principal.arn) : principal.arn]],
    ['aws:principalaccount', [principal.accountId]],
    ['aws:principaltype', [type]],
    ['aws:userid', [principal.userId]],
  ]);
  if (type === 'User') context.set('aws:username', [(issuerArn ?? principal.arn).split('/').at(-1) ?? '']);
  if (issuedAt !== undefined) {
    context.set('aws:tokenissuetime', [isoSeconds(issuedAt)]);
    // IAM: long-term keys never carry the MFA keys, so `BoolIfExists` lets them pass.
    context.set('aws:multifactorauthpresent', [String(mfaAt !== undefined)]);
  }
  if (mfaAt !== undefined) context.set('aws:multifactorauthage', [secondsBetween(mfaAt, now)]);
  if (sourceIdentity !== undefined) context.set('aws:sourceidentity', [sourceIdentity]);
  for (const [key, value] of tagsOf(world.estate(), principal)) {
    context.set(`aws:principaltag/${key.toLowerCase()}`, [value]);
  }
  return context;
}

/** The condition keys of any request, signed or not. */
export function requestContext(request: ReceivedRequest): [string, readonly string[]][] {
  return [
    ['aws:sourceip', [request.sourceIp]],
    ['aws:currenttime', [isoSeconds(request.now)]],
    ['aws:epochtime', [String(Math.floor(request.now.getTime() / 1000))]],
    ['aws:requestedregion', [request.host.region]],
    ['aws:useragent', [request.userAgent]],
  ];
}

/** A session tag wins over the tag of its role or user. */
function tagsOf(estate: EstateIndex, principal: Principal): readonly (readonly [string, string])[] {
  const issuer = principal.issuerArn ?? principal.arn;
  const own = estate.roles.get(issuer)?.role.tags ?? userOf(estate, issuer)?.user.tags ?? {};
  return [...Object.entries(own), ...(principal.tags ?? [])];
}

function secondsBetween(from: Date, to: Date): string {
  return String(Math.floor((to.getTime() - from.getTime()) / 1000));
}
