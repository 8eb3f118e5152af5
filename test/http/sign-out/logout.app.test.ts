import { describe, expect, test } from 'vitest';
import { postedMessage } from '../../saml/support/logout-builder.ts';
import { statusElement } from '../../saml/support/response-builder.ts';
import { useApp } from '../support/app.ts';
import { answerTo, isAlive, living, post, redirect, signedIn, signOut } from '../support/slo.ts';

const createApp = useApp();
const html = { Accept: 'text/html' };

describe('signing out in the portal', () => {
  test('ends the session first, then asks the IdP with the NameID and SessionIndex that it gave', async () => {
    const app = await createApp();
    const alice = await signedIn(app, 'alice', '_one');
    const left = await alice.postForm('/logout', {});
    expect([left.status, left.get('Location')]).toEqual([
      303,
      expect.stringMatching(/^\/logout\/continue\?state=_[0-9a-f]{40}$/),
    ]);
    expect(await isAlive(alice)).toBe(false);
    const { xml } = await signOut(app, await signedIn(app, 'alice', '_one'));
    expect(xml).toContain(
      '<saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">alice@corp.example</saml:NameID>' +
        '<samlp:SessionIndex>_one</samlp:SessionIndex></samlp:LogoutRequest>',
    );
    expect(xml).toContain(`Destination="${app.adfs.ssoUrl}" NotOnOrAfter="2026-03-02T09:05:00Z"`);
  });

  test('ends the other sessions of the same SessionIndex, of this person only', async () => {
    const app = await createApp();
    const [alice, twin, other] = [
      await signedIn(app, 'alice', '_one'),
      await signedIn(app, 'alice', '_one'),
      await signedIn(app, 'alice', '_two'),
    ];
    const bob = await signedIn(app, 'bob', '_one');
    await signOut(app, alice);
    expect(await living(alice, twin, other, bob)).toEqual([false, false, true, true]);
    expect(app.audit.lines().at(-1)).toMatchObject({ event: 'sign_out', user: 'alice@corp.example', otherSessions: 1 });
  });

  test.each([
    ['Success', '/signed-out', 'complete'],
    ['Responder', '/signed-out?elsewhere=failed', 'failed'],
  ])('ends on a page after the answer %s: %s', async (code, location, outcome) => {
    const app = await createApp();
    const alice = await signedIn(app, 'alice', '_one');
    const asked = await signOut(app, alice);
    const done = await redirect(app, alice, answerTo(app, asked, statusElement(code)), asked);
    expect([done.status, done.get('Location')]).toEqual([303, location]);
    const record = { event: 'logout_answered', outcome, idp: 'adfs', user: 'alice@corp.example', status: code };
    expect(app.audit.lines().at(-1)).toMatchObject(record);
    const page = await alice.get(location, html);
    expect(page.text).toContain('You are signed out');
    expect(page.text.includes('could not sign you out')).toBe(outcome === 'failed');
    expect(page.text).not.toContain('http-equiv');
  });

  test('says when the company could not reach every application', async () => {
    const app = await createApp();
    const alice = await signedIn(app, 'alice', '_one');
    const asked = await signOut(app, alice);
    const partial = '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:PartialLogout"/>';
    const xml = answerTo(app, asked, statusElement('Success', partial));
    const done = await post(alice, { SAMLResponse: postedMessage(app.idpKey, xml), RelayState: asked.relayState });
    expect([done.status, done.get('Location')]).toEqual([303, '/signed-out?elsewhere=partial']);
    expect((await alice.get(done.get('Location')!, html)).text).toContain('some applications did not answer');
  });

  test('shows the same way again when the page is loaded again, and none once it was answered', async () => {
    const app = await createApp();
    const alice = await signedIn(app, 'alice', '_one');
    const asked = await signOut(app, alice);
    const path = `/logout/continue?state=${asked.relayState}`;
    expect((await alice.get(path, html)).status).toBe(200);
    await redirect(app, alice, answerTo(app, asked), asked);
    const again = await alice.get(path, html);
    expect([again.status, again.get('Location')]).toEqual([303, '/signed-out?elsewhere=unasked']);
  });

  const here = [303, '/signed-out?elsewhere=unasked'];
  test.each([
    ['the IdP gave no NameID', { nameId: null }, (raw: Record<string, unknown>) => raw],
    ['XML cannot carry the SessionIndex that came', { sessionIndex: 'a&#9;b' }, (raw: Record<string, unknown>) => raw],
    [
      'we have no key',
      {},
      (raw: Record<string, unknown>) => {
        const { signing: _dropped, ...serviceProvider } = raw['serviceProvider'] as Record<string, unknown>;
        return { ...raw, serviceProvider };
      },
    ],
  ])('stays here where %s', async (_, overrides, adjust) => {
    const app = await createApp(adjust);
    const alice = app.browser();
    const edit = (xml: string) => xml.replace('a&amp;#9;b', 'a&#9;b');
    await alice.answer(await alice.startLogin(), 'alice', { ...overrides, editAssertion: edit });
    expect(await isAlive(alice)).toBe(true);
    const left = await alice.postForm('/logout', {});
    expect([left.status, left.get('Location')]).toEqual(here);
    expect(await isAlive(alice)).toBe(false);
    expect((await alice.get(here[1] as string, html)).text).toContain('close the browser');
  });

  test('stays here without a session, and asks the IdP only in the browser that signed out', async () => {
    const app = await createApp();
    const left = await app.browser().postForm('/logout', {});
    expect([left.status, left.get('Location')]).toEqual(here);
    const { relayState } = await signOut(app, await signedIn(app, 'alice', '_one'));
    const stranger = await signedIn(app, 'bob', '_two');
    for (const path of [
      `/logout/continue?state=${relayState}`,
      '/logout/continue',
      '/logout/continue?state=a&state=b',
    ]) {
      const next = await stranger.get(path, html);
      expect([next.status, next.get('Location')]).toEqual(here);
    }
  });
});
