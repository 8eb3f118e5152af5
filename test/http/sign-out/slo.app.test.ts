import { describe, expect, test } from 'vitest';
import { escapeLikeDotNet, postedMessage } from '../../saml/support/logout-builder.ts';
import { type Browser, baseUrl, type TestApp, useApp } from '../support/app.ts';
import {
  isAlive,
  living,
  nameIdOf,
  post,
  readSent,
  redirect,
  requestFor,
  sessionIndexes,
  signedIn,
  sloUrl,
} from '../support/slo.ts';

const createApp = useApp();

type Send = (app: TestApp, browser: Browser, xml: string, relayState?: string) => ReturnType<typeof post>;
const bindings: readonly [string, Send][] = [
  [
    'Redirect',
    (app, browser, xml, relayState) => redirect(app, browser, xml, relayState === undefined ? {} : { relayState }),
  ],
  [
    'POST',
    (app, browser, xml, RelayState) =>
      post(browser, {
        SAMLRequest: postedMessage(app.idpKey, xml),
        ...(RelayState === undefined ? {} : { RelayState }),
      }),
  ],
];

describe.each(bindings)('a LogoutRequest by %s', (_, send) => {
  test('ends every session of its SessionIndex and no other, and is answered with Success', async () => {
    const app = await createApp();
    const [one, twin, other] = [
      await signedIn(app, 'alice', '_one'),
      await signedIn(app, 'alice', '_one'),
      await signedIn(app, 'alice', '_two'),
    ];
    const bob = await signedIn(app, 'bob', '_one');
    const answer = await send(app, app.browser(), requestFor(app, { message: { ID: '_asked' } }), "a'b c");
    expect(answer.status).toBe(303);
    const { xml, relayState } = readSent(app, answer.get('Location')!, 'SAMLResponse');
    expect(relayState).toBe("a'b c");
    expect(xml).toContain('InResponseTo="_asked"');
    expect(xml).toContain(`Destination="${app.adfs.ssoUrl}"`);
    expect(xml).toContain('<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>');
    expect(await living(one, twin, other, bob)).toEqual([false, false, true, true]);
    expect(app.audit.lines().at(-1)).toMatchObject({
      ...{ event: 'logout_requested', idp: 'adfs', nameId: 'alice@corp.example', sessionsEnded: 2 },
      logoutRequestId: '_asked',
    });
  });

  test('without SessionIndex ends all sessions of the person, and none of other users', async () => {
    const app = await createApp();
    const sessions = [await signedIn(app, 'alice', '_one'), await signedIn(app, 'alice', '_two')];
    const unlabelled = await signedIn(app, 'alice', null);
    const bob = await signedIn(app, 'bob', '_one');
    await send(app, app.browser(), requestFor(app, { sessionIndexes: '' }));
    expect(await living(...sessions, unlabelled, bob)).toEqual([false, false, false, true]);
  });

  test('ends several SessionIndexes at once, and what has none', async () => {
    const app = await createApp();
    const named = [await signedIn(app, 'alice', '_one'), await signedIn(app, 'alice', '_two')];
    const [other, unlabelled] = [await signedIn(app, 'alice', '_three'), await signedIn(app, 'alice', null)];
    await send(app, app.browser(), requestFor(app, { sessionIndexes: sessionIndexes('_one', '_two', '_nobody') }));
    expect(await living(...named, unlabelled, other)).toEqual([false, false, false, true]);
  });

  test('is used once: a replay does not end what was opened since', async () => {
    const app = await createApp();
    const xml = requestFor(app);
    const first = await signedIn(app, 'alice', '_one');
    expect((await send(app, app.browser(), xml)).status).toBe(303);
    expect(await isAlive(first)).toBe(false);
    app.clock.advance(1000);
    const later = await signedIn(app, 'alice', '_later');
    const replayed = await send(app, app.browser(), xml);
    expect(replayed.status).toBe(403);
    expect(app.audit.lines().at(-1)).toMatchObject({ event: 'logout_refused', reason: 'replay', idp: 'adfs' });
    expect(await isAlive(later)).toBe(true);
  });

  test('counts for an assertion that arrives after it [Core §3.7.3.1]', async () => {
    const app = await createApp();
    const browser = app.browser();
    const started = await browser.startLogin();
    await send(app, app.browser(), requestFor(app));
    const late = await browser.answer(started, 'alice', { sessionIndex: '_one' });
    expect(late.status).toBe(403);
    expect(app.audit.lines().at(-1)).toMatchObject({ event: 'sign_in_refused', reason: 'expired' });
    expect(await isAlive(browser)).toBe(false);
    expect(await isAlive(await signedIn(app, 'alice', '_two'))).toBe(true);
    expect(await isAlive(await signedIn(app, 'bob', '_one'))).toBe(true);
  });
});

describe('a LogoutRequest', () => {
  test('for all sessions keeps out assertions from before it, and lets who signs in again', async () => {
    const app = await createApp();
    const issueInstant = new Date(app.clock.now().getTime() - 1);
    await redirect(app, app.browser(), requestFor(app, { sessionIndexes: '' }));
    const early = app.browser();
    const assertion = {
      sessionIndex: '_one',
      editAssertion: (xml: string) =>
        xml.replace(/IssueInstant="[^"]*"/, `IssueInstant="${issueInstant.toISOString()}"`),
    };
    expect((await early.answer(await early.startLogin(), 'alice', assertion)).status).toBe(403);
    expect(await isAlive(await signedIn(app, 'alice', '_one'))).toBe(true);
  });

  test.each([
    [
      'says unspecified, as the assertion did',
      'ends',
      { Format: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified' },
    ],
    [
      'names the IdP and us as qualifiers',
      'ends',
      { NameQualifier: 'IDP', SPNameQualifier: `${baseUrl}/saml/metadata` },
    ],
    [
      'has a Format that the assertion left open',
      'ends',
      { Format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent' },
    ],
    ['has another NameQualifier', 'stays', { NameQualifier: 'urn:other' }],
    ['has another SPNameQualifier', 'stays', { SPNameQualifier: 'urn:other' }],
  ])('whose NameID %s: the session %s', async (_, outcome, attributes) => {
    const app = await createApp();
    const session = await signedIn(app, 'alice', '_one');
    const own = Object.entries(attributes).map(([name, value]) => [name, value === 'IDP' ? app.adfs.entityId : value]);
    const nameId = nameIdOf('alice', Object.fromEntries(own));
    expect((await redirect(app, app.browser(), requestFor(app, { nameId }))).status).toBe(303);
    expect(await isAlive(session)).toBe(outcome === 'stays');
  });

  test('about an unknown user is answered with Success', async () => {
    const app = await createApp();
    const answer = await redirect(app, app.browser(), requestFor(app, { nameId: nameIdOf('carol') }));
    expect(readSent(app, answer.get('Location')!, 'SAMLResponse').relayState).toBeUndefined();
    expect(app.audit.lines().at(-1)).toMatchObject({ event: 'logout_requested', sessionsEnded: 0 });
  });

  test('gets its RelayState back up to 80 bytes [Bindings §3.4.3], octets as .NET writes them', async () => {
    const app = await createApp();
    for (const [relayState, echoed] of [
      ['ä'.repeat(40), 'ä'.repeat(40)],
      [`${'ä'.repeat(40)}x`, undefined],
      ['line\nfeed', undefined],
    ] as const) {
      const answer = await redirect(app, app.browser(), requestFor(app), { relayState, encode: escapeLikeDotNet });
      expect(readSent(app, answer.get('Location')!, 'SAMLResponse').relayState).toBe(echoed);
    }
  });

  test('without a signing key: ends the session, and publishes no SingleLogoutService', async () => {
    const app = await createApp((raw) => {
      const { signing: _dropped, ...serviceProvider } = raw['serviceProvider'] as Record<string, unknown>;
      return { ...raw, serviceProvider };
    });
    const session = await signedIn(app, 'alice', '_one');
    const answer = await redirect(app, app.browser(), requestFor(app));
    expect([answer.status, answer.get('Location')]).toEqual([303, '/signed-out']);
    expect(await isAlive(session)).toBe(false);
    expect((await app.browser().get('/saml/metadata')).text).not.toContain('SingleLogoutService');
  });

  test('finds its address in our metadata, for both bindings', async () => {
    const { text } = await (await createApp()).browser().get('/saml/metadata');
    for (const binding of ['HTTP-Redirect', 'HTTP-POST']) {
      expect(text).toContain(
        `<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:${binding}" Location="${sloUrl}">`,
      );
    }
    expect(text.indexOf('SingleLogoutService')).toBeLessThan(text.indexOf('AssertionConsumerService'));
  });
});
