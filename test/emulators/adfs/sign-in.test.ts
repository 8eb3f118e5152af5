// Walks through sign-ins as a browser does: password, single sign-on, second factor, and what stops them.

import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { TestClock } from '../../support/clock.ts';
import { createHttpBrowser, type HttpBrowser } from '../../support/http-browser.ts';
import type { Page } from '../../support/navigation.ts';
import { verifyWithXmlsec1 } from '../../support/xmlsec1.ts';
import { makeKeyPair } from '../keys.ts';
import {
  alice,
  aliceCredentials,
  authnRequest,
  claimValues,
  find,
  type Keys,
  makeKeys,
  type PostedResponse,
  party,
  postForm,
  type RequestFields,
  readPosted,
  redirectUrl,
  startFixture,
} from './fixture.ts';
import { claimTypes } from './names.ts';
import type { Adfs, AdfsOptions } from './server.ts';

let keys: Keys;
let idp: Adfs;
let clock: TestClock;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  keys = await makeKeys();
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options: Partial<AdfsOptions> = {}): Promise<HttpBrowser> {
  const fixture = await startFixture(keys, options);
  ({ idp, clock } = fixture);
  cleanups.push(fixture.idp.close);
  return open();
}

function open(ca?: string): HttpBrowser {
  const browser = createHttpBrowser({ now: () => clock.now(), ...(ca === undefined ? {} : { ca }) });
  cleanups.push(browser.close);
  return browser;
}

function request(browser: HttpBrowser, fields: RequestFields = {}, relayState = 'relay'): Promise<Page> {
  return browser.get(redirectUrl(idp, authnRequest(idp, fields), { relayState }));
}

async function signInAs(
  browser: HttpBrowser,
  credentials = aliceCredentials,
  fields: RequestFields = {},
): Promise<Page> {
  return browser.submit(await request(browser, fields), 0, credentials);
}

function isLoginForm(page: Page): boolean {
  return page.forms[0]?.fields.some(([name]) => name === 'Password') ?? false;
}

function authnInstant(posted: PostedResponse): string | undefined {
  return find(posted.root, 'AuthnStatement')?.attributes.get('AuthnInstant');
}

const forced = { attributes: 'ForceAuthn="true"' };

describe('a password sign-in', () => {
  test('answers the request with a signed assertion and its RelayState', async () => {
    const browser = await start();
    const posted = readPosted(await signInAs(browser));
    expect(posted).toMatchObject({ action: party.acsUrl, relayState: 'relay', statusCodes: ['Success'] });
    expect(posted.root.attributes.get('InResponseTo')).toBe('_request');
    expect(claimValues(posted.root, claimTypes.upn)).toEqual([alice.upn]);
    await verifyWithXmlsec1(posted.xml, keys.signing.cert);
    expect(idp.events.map((event) => event.type)).toEqual(['authn-request', 'credentials-accepted', 'token-issued']);
  });

  test('works by the POST binding too, signed, with the form bringing the request back', async () => {
    const trust = { ...party, requireSignedRequests: true, signingCertificates: [keys.party.cert] };
    const browser = await start({ relyingParties: [trust] });
    const form = await browser.post(idp.ssoUrl, { ...postForm(authnRequest(idp), keys.party), RelayState: 'a"b' });
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
    expect(browser.cookies(idp.ssoUrl)).toEqual({});
    expect(readPosted(await browser.submit(wrong, 0, aliceCredentials)).statusCodes).toEqual(['Success']);
  });

  test('is locked for a while after several failures, even for the right password', async () => {
    const browser = await start({ lockout: { failures: 3, seconds: 60 } });
    for (let i = 0; i < 3; i++) await signInAs(browser, { ...aliceCredentials, Password: 'wrong' });
    expect(isLoginForm(await signInAs(browser))).toBe(true);
    expect(idp.events.at(-1)).toMatchObject({ type: 'lockout', eventId: 1210, user: 'alice' });
    expect(readPosted(await signInAs(open(), { ...aliceCredentials, UserName: 'bob' })).statusCodes).toEqual([
      'Success',
    ]);
    clock.advance(60_000);
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
    const ca = await makeKeyPair('Test CA', { isCa: true });
    const tls = await makeKeyPair('localhost', { ca, altNames: ['127.0.0.1'] });
    await start({ tls });
    const secure = await signInAs(open(ca.cert));
    expect(secure.headers['set-cookie']?.[0]).toMatch(/; Secure; SameSite=None$/);
  });
});

describe('single sign-on', () => {
  test('answers a second request silently, with the time of the password', async () => {
    const browser = await start();
    const first = readPosted(await signInAs(browser));
    clock.advance(600_000);
    const second = readPosted(await request(browser, { id: '_second' }));
    expect(second.root.attributes.get('InResponseTo')).toBe('_second');
    expect(authnInstant(second)).toBe(authnInstant(first));
    expect(second.root.attributes.get('IssueInstant')).not.toBe(first.root.attributes.get('IssueInstant'));
    expect(readPosted(await request(browser, { attributes: 'IsPassive="true"' })).statusCodes).toEqual(['Success']);
  });

  test('works when another site sends the browser here', async () => {
    const browser = await start();
    await signInAs(browser);
    const url = redirectUrl(idp, authnRequest(idp));
    const elsewhere = { url: 'https://broker.corp.test/', hops: [], forms: [], status: 200, headers: {}, body: '' };
    const page = await browser.follow({ ...elsewhere, json: () => undefined }, url);
    expect(readPosted(page).statusCodes).toEqual(['Success']);
  });

  test('ends after its lifetime', async () => {
    const browser = await start({ ssoLifetimeSeconds: 3600 });
    await signInAs(browser);
    clock.advance(3_599_000);
    expect(isLoginForm(await request(browser))).toBe(false);
    clock.advance(1_000);
    expect(isLoginForm(await request(browser))).toBe(true);
  });

  test('is not enough for ForceAuthn: the password is asked again and counts as new', async () => {
    const browser = await start();
    await signInAs(browser);
    clock.advance(600_000);
    const form = await request(browser, forced);
    expect(isLoginForm(form)).toBe(true);
    const posted = readPosted(await browser.submit(form, 0, aliceCredentials));
    expect(authnInstant(posted)).toBe(clock.now().toISOString());
  });

  test('cannot be forced and passive at once', async () => {
    const browser = await start();
    await signInAs(browser);
    const page = await request(browser, { attributes: 'ForceAuthn="true" IsPassive="true"' });
    expect(readPosted(page).statusCodes).toEqual(['Responder', 'NoPassive']);
  });

  test('belongs to whoever entered a password last', async () => {
    const browser = await start();
    await signInAs(browser);
    const bob = readPosted(await signInAs(browser, { ...aliceCredentials, UserName: 'bob' }, forced));
    expect(claimValues(bob.root, claimTypes.upn)).toEqual(['bob@corp.example']);
    expect(claimValues(readPosted(await request(browser)).root, claimTypes.upn)).toEqual(['bob@corp.example']);
  });
});

describe('a second factor', () => {
  const wanting = (name: string) => ({
    content: `<samlp:RequestedAuthnContext><saml:AuthnContextClassRef>${name}</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>`,
  });
  const microsoft = 'http://schemas.microsoft.com/claims/multipleauthn';
  const code = { VerificationCode: '123456' };

  for (const name of [microsoft, 'https://refeds.org/profile/mfa']) {
    test(`is asked for after the password when ${name} is requested`, async () => {
      const browser = await start();
      const codeForm = await signInAs(browser, aliceCredentials, wanting(name));
      expect(codeForm.forms[0]?.fields.map(([field]) => field)).toContain('VerificationCode');
      expect(codeForm.body).toContain('123456');
      const posted = readPosted(await browser.submit(codeForm, 0, code));
      expect(find(posted.root, 'AuthnContextClassRef')?.text).toBe(name);
      expect(claimValues(posted.root, claimTypes.authnMethodsReferences)).toEqual(
        expect.arrayContaining(['urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport', microsoft]),
      );
      expect(isLoginForm(await request(browser, wanting(name)))).toBe(false);
    });
  }

  test('lifts a session that had only the password, whose time stays', async () => {
    const browser = await start();
    const first = readPosted(await signInAs(browser));
    clock.advance(60_000);
    const posted = readPosted(await browser.submit(await request(browser, wanting(microsoft)), 0, code));
    expect(authnInstant(posted)).toBe(authnInstant(first));
    expect(readPosted(await request(browser, wanting(microsoft))).statusCodes).toEqual(['Success']);
  });

  test('is not passed with another code, without the password, or after five minutes', async () => {
    const browser = await start({ oneTimeCode: '654321' });
    const form = await signInAs(browser, aliceCredentials, wanting(microsoft));
    const again = await browser.submit(form, 0, code);
    expect(again.body).toContain('This code is not right');
    const forged = await browser.submit(again, 0, { VerificationCode: '654321', Context: 'forged' });
    expect(isLoginForm(forged)).toBe(true);
    clock.advance(300_000);
    expect(isLoginForm(await browser.submit(again, 0, { VerificationCode: '654321' }))).toBe(true);
    const fresh = await signInAs(browser, aliceCredentials, wanting(microsoft));
    expect(readPosted(await browser.submit(fresh, 0, { VerificationCode: '654321' })).statusCodes).toEqual(['Success']);
  });

  test('cannot be got around by an IsPassive request on a password session', async () => {
    const browser = await start();
    await signInAs(browser);
    const page = await request(browser, { ...wanting(microsoft), attributes: 'IsPassive="true"' });
    expect(readPosted(page).statusCodes).toEqual(['Responder', 'NoPassive']);
  });
});

describe('loop detection', () => {
  test('refuses the sixth sign-in within 20 seconds from one browser for one party [MSIS7042]', async () => {
    const other = { ...party, entityId: 'urn:other' };
    const browser = await start({ relyingParties: [party, other] });
    await signInAs(browser);
    for (let i = 0; i < 4; i++) {
      clock.advance(1_000);
      expect(readPosted(await request(browser)).statusCodes).toEqual(['Success']);
    }
    const refused = await request(browser);
    expect(refused.status).toBe(400);
    expect(refused.body).toContain('MSIS7042');
    expect(idp.events.at(-1)).toMatchObject({ type: 'error', code: 'MSIS7042', relyingParty: party.entityId });
    expect(readPosted(await request(browser, { issuer: 'urn:other' })).statusCodes).toEqual(['Success']);
    expect(readPosted(await signInAs(open())).statusCodes).toEqual(['Success']);
    clock.advance(20_000);
    expect(readPosted(await request(browser)).statusCodes).toEqual(['Success']);
  });

  test('can be switched off', async () => {
    const browser = await start({ loopDetection: false });
    await signInAs(browser);
    for (let i = 0; i < 8; i++) expect(readPosted(await request(browser)).statusCodes).toEqual(['Success']);
  });
});

describe('IdP-initiated sign-on', () => {
  const page = '/adfs/ls/idpinitiatedsignon.aspx';

  test('lists the parties, and answers for the chosen one without InResponseTo', async () => {
    const browser = await start();
    const list = await browser.get(`${idp.url}${page}`);
    expect(list.body).toContain('You are not signed in.');
    const href = /href="(\/adfs\/ls\/idpinitiated[^"]+)"/.exec(list.body)?.[1] ?? '';
    const posted = readPosted(await browser.submit(await browser.follow(list, href), 0, aliceCredentials));
    expect(posted).toMatchObject({ action: party.acsUrl, relayState: undefined, statusCodes: ['Success'] });
    expect(posted.xml).not.toContain('InResponseTo');
    expect((await browser.get(`${idp.url}${page}`)).body).toContain('You are signed in as Alice');
  });

  test('takes party and RelayState doubly escaped from RelayState', async () => {
    const browser = await start();
    const inner = `RPID=${encodeURIComponent(party.entityId)}&RelayState=${encodeURIComponent('/console?a=b&c=d')}`;
    for (const query of [
      `RelayState=${encodeURIComponent(inner)}`,
      `loginToRp=${encodeURIComponent(party.entityId)}&RelayState=${encodeURIComponent(inner)}`,
    ]) {
      browser.clearCookies();
      const form = await browser.get(`${idp.url}${page}?${query}`);
      const posted = readPosted(await browser.submit(form, 0, aliceCredentials));
      expect(posted).toMatchObject({ relayState: '/console?a=b&c=d', statusCodes: ['Success'] });
    }
  });

  test('refuses a party without a trust, and drops the RelayState of another party', async () => {
    const browser = await start();
    const unknown = await browser.get(`${idp.url}${page}?loginToRp=urn:unknown`);
    expect(unknown.status).toBe(400);
    expect(unknown.body).toContain('MSIS7012');
    const inner = `RPID=urn:other&RelayState=x`;
    const query = `loginToRp=${encodeURIComponent(party.entityId)}&RelayState=${encodeURIComponent(inner)}`;
    const form = await browser.get(`${idp.url}${page}?${query}`);
    expect(readPosted(await browser.submit(form, 0, aliceCredentials)).relayState).toBeUndefined();
  });
});
