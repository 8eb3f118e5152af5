import { describe, expect, test } from 'vitest';
import { postedMessage, redirectedQuery } from '../../saml/support/logout-builder.ts';
import { partOf, replaceValue, without } from '../../saml/support/redirected.ts';
import { keyPair } from '../../support/key-pairs.ts';
import { type Browser, type TestApp, useApp } from '../support/app.ts';
import { type Asked, answerTo, isAlive, post, redirect, responseFor, signedIn, signOut } from '../support/slo.ts';

const createApp = useApp();
const html = { Accept: 'text/html' };

interface Refused {
  readonly name: string;
  readonly reason: string;
  readonly send: (app: TestApp, alice: Browser, asked: Asked) => Promise<{ status: number; text: string }>;
}

const refused: readonly Refused[] = [
  {
    name: 'in another browser',
    reason: 'correlation',
    send: (app, _alice, asked) => redirect(app, app.browser(), answerTo(app, asked), asked),
  },
  {
    name: 'with the RelayState of a pending login [G4c]',
    reason: 'correlation',
    send: async (app, alice, asked) => {
      const { relayState, requestId } = await alice.startLogin();
      return redirect(app, alice, answerTo(app, { ...asked, requestId }), { relayState });
    },
  },
  {
    name: 'to another request',
    reason: 'correlation',
    send: (app, alice, asked) => redirect(app, alice, answerTo(app, { ...asked, requestId: '_other' }), asked),
  },
  {
    name: 'without signature',
    reason: 'signature',
    send: (app, alice, asked) => {
      const query = redirectedQuery(app.idpKey, answerTo(app, asked), { relayState: asked.relayState });
      return alice.get(`/saml/slo?${without(without(query, 'Signature'), 'SigAlg')}`, html);
    },
  },
  {
    name: 'with the signature of another message',
    reason: 'signature',
    send: async (app, alice, asked) => {
      const stranger = keyPair('stranger');
      const query = redirectedQuery(stranger, answerTo(app, asked), { relayState: asked.relayState });
      const donor = partOf(redirectedQuery(app.idpKey, responseFor(app)), 'Signature').slice(10);
      return alice.get(`/saml/slo?${replaceValue(query, 'Signature', donor)}`, html);
    },
  },
  {
    name: 'posted without a signature',
    reason: 'signature',
    send: (app, alice, asked) => {
      const SAMLResponse = Buffer.from(answerTo(app, asked)).toString('base64');
      return post(alice, { SAMLResponse, RelayState: asked.relayState });
    },
  },
];

describe('a LogoutResponse is refused, and the pending logout stays,', () => {
  for (const { name, reason, send } of refused) {
    test(name, async () => {
      const app = await createApp();
      const alice = await signedIn(app, 'alice', '_one');
      const asked = await signOut(app, alice);
      const answer = await send(app, alice, asked);
      expect(answer.status).toBe(403);
      expect(answer.text).toContain('The sign-out message was not accepted');
      expect(app.audit.lines().at(-1)).toMatchObject({ event: 'logout_refused', reason });
      expect((await redirect(app, alice, answerTo(app, asked), asked)).get('Location')).toBe('/signed-out');
    });
  }

  test('the second time', async () => {
    const app = await createApp();
    const alice = await signedIn(app, 'alice', '_one');
    const asked = await signOut(app, alice);
    const xml = answerTo(app, asked);
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => redirect(app, alice, xml, asked)));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 403, 403, 403, 403]);
  });
});

describe('logins and logouts are apart [G4c]', () => {
  test('the id and RelayState of a LogoutRequest answer no login', async () => {
    const app = await createApp();
    const browser = await signedIn(app, 'alice', '_one');
    const { requestId, relayState } = await signOut(app, browser);
    const started = await browser.startLogin();
    for (const forged of [
      { ...started, requestId },
      { ...started, relayState },
      { ...started, requestId, relayState },
    ]) {
      expect((await browser.answer(forged, 'alice')).status).toBe(403);
    }
    expect(await isAlive(browser)).toBe(false);
    expect((await browser.answer(started, 'alice')).status).toBe(303);
  });

  test('a LogoutResponse at the AssertionConsumerService establishes no session', async () => {
    const app = await createApp();
    const browser = app.browser();
    const { requestId, relayState } = await browser.startLogin();
    const xml = responseFor(app, { message: { InResponseTo: requestId, Destination: app.config.acsUrl } });
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', ...html };
    const fields = { SAMLResponse: postedMessage(app.idpKey, xml), RelayState: relayState };
    const body = new URLSearchParams(fields).toString();
    expect((await browser.send('POST', '/saml/acs', { headers, body })).status).toBe(403);
    expect(await isAlive(browser)).toBe(false);
  });
});
