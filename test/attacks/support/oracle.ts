// What a refusal is, in five parts, and what a sign-in is. Every attack is judged by these two and by nothing else; the
// fifth part, that the pending login survives, is the twin's in attack.ts.
import { expect } from 'vitest';
import type { SamlReason } from '../../../src/errors.ts';
import { formFor, type Login } from './login.ts';
import { developer, type Target } from './target.ts';
import type { Answer, Cookies } from './wire.ts';

const acs = '/saml/acs';

export interface Refusal {
  readonly reason: SamlReason | readonly SamlReason[];
  /** The identity provider that the audit record names; undefined where the broker cannot know it. */
  readonly idp?: string | undefined;
}

/** Posts a form that must not sign anybody in, from the browser of these cookies. */
export async function expectRefused(
  target: Target,
  cookies: Cookies,
  form: URLSearchParams | string,
  refusal: Refusal,
  headers: Record<string, string> = {},
): Promise<void> {
  const [records, events] = [target.audit.length, target.sts.length];
  const answer = await target.wire.post(acs, form, cookies, headers);
  expect(recordsSince(target, records), 'exactly one record with its reason').toEqual([
    expect.objectContaining({
      event: 'sign_in_refused',
      code: 'saml_refused',
      reason: typeof refusal.reason === 'string' ? refusal.reason : expect.toBeOneOf([...refusal.reason]),
      requestId: answer.requestId,
    }),
  ]);
  if (refusal.idp !== undefined) expect(target.audit.at(-1)).toHaveProperty('idp', refusal.idp);
  expect(answer.status, 'a refusal of the client').toBe(403);
  expect(pageOf(answer), 'the one page').toBe(await genericPage(target));
  expect((await target.wire.get('/api/v1/me', cookies)).status, 'no session').toBe(401);
  const body = { roleArn: developer };
  expect((await target.wire.call('/api/v1/credentials', body, cookies)).status, 'no credentials').toBe(401);
  expect(target.sts.length, 'no call of STS').toBe(events);
}

/** Posts a message that must sign in alice only, with the one role of her one group. */
export async function expectSignedIn(target: Target, login: Login, xml: string, user = alice): Promise<void> {
  const records = target.audit.length;
  const answer = await target.wire.post(acs, formFor(login, xml), login.cookies);
  expect(recordsSince(target, records)).toEqual([expect.objectContaining({ event: 'sign_in', idp: login.idp, user })]);
  expect([answer.status, answer.location]).toEqual([303, '/']);
  await expectIdentity(target, login.cookies, user);
}

export const alice = 'alice@corp.example';

/** Whose session these cookies are; with the roles that the groups of the good message give. */
export async function expectIdentity(target: Target, cookies: Cookies, user = alice): Promise<void> {
  const me = await target.wire.get('/api/v1/me', cookies);
  expect([me.status, (JSON.parse(me.body) as { user?: unknown }).user]).toEqual([200, user]);
  const { roles } = JSON.parse((await target.wire.get('/api/v1/roles', cookies)).body) as { roles: Role[] };
  expect(roles.map(({ roleName, stepUp }) => [roleName, stepUp === null])).toEqual([
    ['Developer', true],
    ['Operator', false],
  ]);
}

interface Role {
  readonly roleName: string;
  readonly stepUp: unknown;
}

function recordsSince(target: Target, count: number): readonly Record<string, unknown>[] {
  return target.audit.slice(count);
}

const pages = new WeakMap<Target, Promise<string>>();

/** What everybody is told, whatever was wrong: read once, from a post without anything. */
function genericPage(target: Target): Promise<string> {
  const known = pages.get(target) ?? target.wire.post(acs, '', new Map()).then(pageOf);
  pages.set(target, known);
  return known;
}

function pageOf({ body, requestId }: Answer): string {
  expect(body, 'the request id is on the page').toContain(requestId);
  return body.replaceAll(requestId, 'REQUEST-ID');
}
