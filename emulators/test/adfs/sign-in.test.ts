// Walks through password sign-ins and single sign-on as a browser does.
import { describe, expect, test } from 'vitest';
import { keyPair } from '../../../test/support/key-pairs.ts';
import { verifyWithXmlsec1 } from '../../../test/support/xmlsec1.ts';
import { claimTypes } from '../../adfs/names.ts';
import {
  alice,
  aliceCredentials,
  authnRequest,
  claimValues,
  party,
  postForm,
  readPosted,
  redirectUrl,
} from './fixture.ts';
import { authnInstant, isLoginForm, useWalk } from './walk.ts';

const walk = useWalk();
const { start, open, request, signInAs } = walk;

const forced = { attributes: 'ForceAuthn="true"' };

describe('a password sign-in', () => {
  test('answers the request with a signed assertion and its RelayState', async () => {
    const browser = await start();
    const posted = readPosted(await signInAs(browser));
    expect(posted).toMatchObject({ action: party.acsUrl, relayState: 'relay', statusCodes: ['Success'] });
    expect(posted.root.attributes.get('InResponseTo')).toBe('_request');
    expect(claimValues(posted.root, claimTypes.upn)).toEqual([alice.upn]);
    await verifyWithXmlsec1(posted.xml, walk.keys.signing.cert);
    expect(walk.idp.events.map((event) => event.type)).toEqual([
      'authn-request',
      'credentials-accepted',
      'token-issued',
    ]);
  });

  test('works by the POST binding too, signed, with the form bringing the request back', async () => {
    const trust = { ...party, requireSignedRequests: true, signingCertificates: [walk.keys.party.cert] };
    const browser = await start({ relyingParties: [trust] });
    const form = await browser.post(walk.idp.ssoUrl, {
      ...postForm(authnRequest(walk.idp), walk.keys.party),
      RelayState: 'a"b',
    });
    const posted = readPosted(await browser.submit(form, 0, aliceCredentials));
    expect(posted).toMatchObject({ relayState: 'a"b', statusCodes: ['Success'] });
  });

  for (const name of ['ALICE', 'corp\\Alice', 'Alice@CORP.example', ' alice ']) {
    test(`takes the name ${JSON.stringify(name)}`, async () => {
      const browser = await start();
      expect(readPosted(await signInAs(browser, { ...aliceCredentials, UserName: name })).statusCodes).toEqual([
        'Success',
      ]);
    });
  }

  test('asks again after a wrong password or name, and says the same for both', async () => {
    const browser = await start();
    const wrong = await signInAs(browser, { ...aliceCredentials, Password: 'wrong' });
    const unknown = await signInAs(browser, { ...aliceCredentials, UserName: 'nobody' });
    expect(isLoginForm(wrong) && isLoginForm(unknown)).toBe(true);
    expect(wrong.body).toContain('Incorrect user ID or password');
    expect(unknown.body).toBe(wrong.body);
    expect(browser.cookies(walk.idp.ssoUrl)).toEqual({});
    expect(readPosted(await browser.submit(wrong, 0, aliceCredentials)).statusCodes).toEqual(['Success']);
  });

  test('is locked for a while after several failures, even for the right password', async () => {
    const browser = await start({ lockout: { failures: 3, seconds: 60 } });
    for (let i = 0; i < 3; i++) await signInAs(browser, { ...aliceCredentials, Password: 'wrong' });
    expect(isLoginForm(await signInAs(browser))).toBe(true);
    expect(walk.idp.events.at(-1)).toMatchObject({ type: 'lockout', eventId: 1210, user: 'alice' });
    expect(readPosted(await signInAs(open(), { ...aliceCredentials, UserName: 'bob' })).statusCodes).toEqual([
      'Success',
    ]);
    walk.clock.advance(60_000);
    expect(readPosted(await signInAs(browser)).statusCodes).toEqual(['Success']);
  });

  test('shows no password, and the hint only where there is one', async () => {
    const plain = await request(await start());
    expect(plain.body).not.toContain('correct horse');
    expect(plain.body).not.toContain('class="hint"');
    expect((await request(await start({ hint: 'Try alice <b>' }))).body).toContain('Try alice &lt;b&gt;');
  });

  test('sets a cookie for /adfs that scripts do not see, over http and https', async () => {
    const login = await signInAs(await start());
    expect(login.headers['set-cookie']?.[0]).toMatch(/^MSISAuth=[\w-]+; Path=\/adfs; HttpOnly; SameSite=Lax$/);
    await start({ tls: keyPair('tls-localhost') });
    const secure = await signInAs(open(keyPair('tls-ca').cert));
    expect(secure.headers['set-cookie']?.[0]).toMatch(/; Secure; SameSite=None$/);
  });
});

describe('single sign-on', () => {
  test('answers a second request silently, with the time of the password', async () => {
    const browser = await start();
    const first = readPosted(await signInAs(browser));
    walk.clock.advance(600_000);
    const second = readPosted(await request(browser, { id: '_second' }));
    expect(second.root.attributes.get('InResponseTo')).toBe('_second');
    expect(authnInstant(second)).toBe(authnInstant(first));
    expect(second.root.attributes.get('IssueInstant')).not.toBe(first.root.attributes.get('IssueInstant'));
    expect(readPosted(await request(browser, { attributes: 'IsPassive="true"' })).statusCodes).toEqual(['Success']);
  });

  test('works when another site sends the browser here', async () => {
    const browser = await start();
    await signInAs(browser);
    const url = redirectUrl(walk.idp, authnRequest(walk.idp));
    const elsewhere = { url: 'https://broker.corp.test/', hops: [], forms: [], status: 200, headers: {}, body: '' };
    const page = await browser.follow({ ...elsewhere, json: () => undefined }, url);
    expect(readPosted(page).statusCodes).toEqual(['Success']);
  });

  test('ends after its lifetime', async () => {
    const browser = await start({ ssoLifetimeSeconds: 3600 });
    await signInAs(browser);
    walk.clock.advance(3_599_000);
    expect(isLoginForm(await request(browser))).toBe(false);
    walk.clock.advance(1_000);
    expect(isLoginForm(await request(browser))).toBe(true);
  });

  test('is not enough for ForceAuthn: the password is asked again and counts as new', async () => {
    const browser = await start();
    await signInAs(browser);
    walk.clock.advance(600_000);
    const form = await request(browser, forced);
    expect(isLoginForm(form)).toBe(true);
    const posted = readPosted(await browser.submit(form, 0, aliceCredentials));
    expect(authnInstant(posted)).toBe(walk.clock.now().toISOString());
  });

  test('cannot be forced and passive at once', async () => {
    const browser = await start();
    await signInAs(browser);
    const page = await request(browser, { attributes: 'ForceAuthn="true" IsPassive="true"' });
    expect(readPosted(page).statusCodes).toEqual(['Responder', 'NoPassive']);
  });

  test('belongs to the user who entered a password last', async () => {
    const browser = await start();
    await signInAs(browser);
    const bob = readPosted(await signInAs(browser, { ...aliceCredentials, UserName: 'bob' }, forced));
    expect(claimValues(bob.root, claimTypes.upn)).toEqual(['bob@corp.example']);
    expect(claimValues(readPosted(await request(browser)).root, claimTypes.upn)).toEqual(['bob@corp.example']);
  });
});
