// One pending request of one browser, answered once: other tabs, other browsers, other people, other times.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, authnStatement, conditionsElement, confirmation } from '../saml/support/response-builder.ts';
import { answerXml, beginLogin, formFor, type Login } from './support/login.ts';
import { alice, expectIdentity, expectRefused, expectSignedIn } from './support/oracle.ts';
import { startTarget, type Target } from './support/target.ts';
import type { Cookies } from './support/wire.ts';

let target: Target;
const startedAt = new Date(at(0));
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target?.close());
afterEach(() => target.clock.set(startedAt));

const good = (login: Login) => answerXml(target, login, 'assertion');
const bob = 'bob@corp.example';
const nameOf = (user: string) => `<NameID>${user}</NameID>`;

describe('another browser', () => {
  test('with no cookie gets nothing from an answer it stole, and the owner still signs in', async () => {
    const login = await beginLogin(target, 'adfs');
    const xml = good(login);
    await expectRefused(target, new Map(), formFor(login, xml), { reason: 'correlation', idp: undefined });
    await expectSignedIn(target, login, xml);
  });

  test('with its own pending sign-in gets nothing from an answer for another', async () => {
    const [victim, thief] = [await beginLogin(target, 'adfs'), await beginLogin(target, 'adfs')];
    const xml = good(victim);
    // Under the RelayState of either: the cookie fits one, the answer the other.
    await expectRefused(target, thief.cookies, formFor(victim, xml), { reason: 'correlation' });
    await expectRefused(target, thief.cookies, formFor(thief, xml), { reason: 'correlation', idp: 'adfs' });
    await expectSignedIn(target, victim, xml);
    await expectSignedIn(target, thief, good(thief));
  });

  test('cannot be signed in as the attacker by a form on a page (login CSRF)', async () => {
    const attacker = await beginLogin(target, 'adfs');
    const victim = await beginLogin(target, 'adfs');
    const xml = answerXml(target, attacker, 'assertion', { nameId: nameOf('mallory@corp.example') });
    await expectRefused(target, victim.cookies, formFor(attacker, xml), { reason: 'correlation' });
    await expectSignedIn(target, victim, good(victim));
  });

  const guesses: readonly (readonly [string, string])[] = [
    ['empty', ''],
    ['short', 'a'],
    ['of another alphabet', '!'.repeat(43)],
    ['that joins two secrets', `${'a'.repeat(43)}.${'b'.repeat(43)}`],
    ['of 8 KB', 'a'.repeat(8000)],
  ];
  for (const [name, value] of guesses) {
    test(`gets nothing with a cookie that is ${name}`, async () => {
      const login = await beginLogin(target, 'adfs');
      const cookies: Cookies = new Map([...login.cookies.keys()].map((cookie) => [cookie, value]));
      await expectRefused(target, cookies, formFor(login, good(login)), { reason: 'correlation' });
      await expectSignedIn(target, login, good(login));
    });
  }
});

describe('two tabs of one browser', () => {
  test('may end in either order, and their answers do not cross', async () => {
    const first = await beginLogin(target, 'adfs');
    const second = await beginLogin(target, 'message', first.cookies);
    const same = await beginLogin(target, 'adfs', first.cookies);
    const xml = good(first);
    await expectRefused(target, new Map(first.cookies), formFor(second, xml), {
      reason: ['issuer', 'correlation'],
      idp: 'message',
    });
    await expectRefused(target, new Map(first.cookies), formFor(same, xml), { reason: 'correlation', idp: 'adfs' });
    await expectSignedIn(target, same, good(same));
    await expectSignedIn(target, first, xml);
  });

  const states: readonly (readonly [string, (login: Login) => string])[] = [
    ['empty', () => ''],
    ['of an unknown party', () => 'a'.repeat(43)],
    ['cut', ({ relayState }) => relayState.slice(1)],
    ['in another case', ({ relayState }) => relayState.toUpperCase()],
    ['with white space', ({ relayState }) => `${relayState} `],
    ['of 10 KB', () => 'a'.repeat(10_000)],
    ['of a URL', () => 'https://evil.example.com/'],
  ];
  for (const [name, change] of states) {
    test(`establish no session by a RelayState that is ${name}`, async () => {
      const login = await beginLogin(target, 'adfs');
      const xml = good(login);
      const form = formFor({ ...login, relayState: change(login) }, xml);
      await expectRefused(target, login.cookies, form, { reason: 'correlation' });
      await expectSignedIn(target, login, xml);
    });
  }
});

describe('another identity provider', () => {
  test('cannot answer what was asked of one, under its own name or the other', async () => {
    const login = await beginLogin(target, 'adfs');
    const asMessage = answerXml(target, { ...login, idp: 'portal' }, 'both');
    await expectRefused(target, login.cookies, formFor(login, asMessage), { reason: 'issuer', idp: 'adfs' });
    const keys = { ...target.keys, adfs: target.keys.portal };
    const asAdfs = answerXml({ ...target, keys }, login, 'both');
    await expectRefused(target, login.cookies, formFor(login, asAdfs), { reason: 'signature', idp: 'adfs' });
    await expectSignedIn(target, login, good(login));
  });

  test('cannot sign the Response around the assertion of the one that was asked', async () => {
    const login = await beginLogin(target, 'adfs');
    const xml = answerXml(target, login, 'both', {}, { responseKey: target.keys.message });
    await expectRefused(target, login.cookies, formFor(login, xml), { reason: 'signature' });
    await expectSignedIn(target, login, good(login));
  });
});

describe('another time', () => {
  test('a pending login ends after ten minutes, however good the answer', async () => {
    const login = await beginLogin(target, 'adfs');
    target.clock.advance(10 * 60_000 + 1);
    await expectRefused(target, login.cookies, formFor(login, fresh(login)), { reason: 'correlation' });
  });

  test('a pending login that is almost ten minutes old is answered', async () => {
    const login = await beginLogin(target, 'adfs');
    target.clock.advance(10 * 60_000 - 1000);
    await expectSignedIn(target, login, fresh(login));
  });

  /** A message of this minute. */
  const fresh = (login: Login) =>
    answerXml(target, login, 'assertion', {
      response: { IssueInstant: at(590) },
      assertion: { IssueInstant: at(590) },
      confirmations: confirmation({ NotOnOrAfter: at(900) }),
      conditions: conditionsElement({ NotOnOrAfter: at(3600) }),
    });
});

describe('the same answer again', () => {
  test('is refused to the browser that used it', async () => {
    const login = await beginLogin(target, 'adfs');
    const xml = good(login);
    await expectSignedIn(target, login, xml);
    const cookies = onlyLogin(login.cookies);
    await expectRefused(target, cookies, formFor(login, xml), { reason: 'correlation' });
  });

  test('is refused in the next login of that browser', async () => {
    const first = await beginLogin(target, 'adfs');
    const xml = good(first);
    await expectSignedIn(target, first, xml);
    const next = await beginLogin(target, 'adfs', onlyLogin(first.cookies));
    await expectRefused(target, next.cookies, formFor(next, xml), { reason: 'correlation', idp: 'adfs' });
    await expectSignedIn(target, next, good(next));
  });

  test('posted twenty times at once signs in once', async () => {
    const login = await beginLogin(target, 'adfs');
    const xml = good(login);
    const records = target.audit.length;
    const posts = Array.from({ length: 20 }, () =>
      target.wire.post('/saml/acs', formFor(login, xml), onlyLogin(login.cookies)),
    );
    const statuses = (await Promise.all(posts)).map(({ status }) => status).sort();
    expect(statuses).toEqual([303, ...Array.from({ length: 19 }, () => 403)]);
    const events = target.audit.slice(records).map(({ event }) => event);
    expect(events.filter((event) => event === 'sign_in')).toHaveLength(1);
    expect(events.filter((event) => event === 'sign_in_refused')).toHaveLength(19);
  });
});

describe('a session', () => {
  test('gets a new id at sign-in: one that was planted is worth nothing', async () => {
    const planted = '__Host-rolegate';
    const login = await beginLogin(target, 'adfs', new Map([[planted, 's%3Aplanted.signature']]));
    await expectSignedIn(target, login, good(login));
    expect(login.cookies.get(planted)).not.toContain('planted');
  });

  test('ends when its browser signs in again', async () => {
    const first = await beginLogin(target, 'adfs');
    await expectSignedIn(target, first, good(first));
    const old = new Map(first.cookies);
    const second = await beginLogin(target, 'adfs', first.cookies);
    await expectSignedIn(target, second, good(second));
    expect((await target.wire.get('/api/v1/me', old)).status).toBe(401);
  });
});

describe('a step-up', () => {
  const operator = encodeURIComponent('arn:aws:iam::444455556666:role/Operator');
  const action = '/console?role=payments-dev/Operator';
  const now = { authnStatements: authnStatement({ AuthnInstant: at(0) }) };

  async function beginStepUp(): Promise<Login> {
    const first = await beginLogin(target, 'adfs');
    await expectSignedIn(target, first, good(first));
    return beginLogin(target, 'adfs', first.cookies, `&step_up=${operator}&return_to=${encodeURIComponent(action)}`);
  }

  const post = (login: Login, xml: string) => target.wire.post('/saml/acs', formFor(login, xml), login.cookies);

  test('by the same person goes on with the action', async () => {
    const login = await beginStepUp();
    expect((await post(login, answerXml(target, login, 'assertion', now))).location).toBe(action);
    await expectIdentity(target, login.cookies, alice);
  });

  test('by another person drops the action: they are signed in as themselves, the first session is dead', async () => {
    const login = await beginStepUp();
    const old = new Map(login.cookies);
    const xml = answerXml(target, login, 'assertion', { ...now, nameId: nameOf(bob) });
    expect((await post(login, xml)).location).toBe('/');
    await expectIdentity(target, login.cookies, bob);
    expect((await target.wire.get('/api/v1/me', old)).status).toBe(401);
  });

  test('by a sign-in from before it was asked is refused, and the session that asked goes on', async () => {
    const login = await beginStepUp();
    const answer = await post(login, good(login));
    expect(answer.status).toBe(403);
    expect(target.audit.at(-1)).toMatchObject({ event: 'sign_in_refused', reason: 'authn_context', idp: 'adfs' });
    await expectIdentity(target, login.cookies, alice);
    expect((await post(login, answerXml(target, login, 'assertion', now))).location).toBe(action);
  });
});

function onlyLogin(cookies: Cookies): Cookies {
  return new Map([...cookies].filter(([name]) => name.endsWith('-login')));
}
