// Single logout in both directions and on both bindings, with relying parties on real sockets.
import { SAML } from '@node-saml/node-saml';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestClock } from '../../../test/support/clock.ts';
import { createHttpBrowser, type HttpBrowser } from '../../../test/support/http-browser/http-browser.ts';
import type { Page } from '../../../test/support/http-browser/navigation.ts';
import { type PageServer, servePages } from '../../../test/support/page-server.ts';
import { verifyWithXmlsec1 } from '../../../test/support/xmlsec1.ts';
import { buildRedirectUrl } from '../../adfs/redirect-binding.ts';
import type { Adfs, RelyingPartyTrust } from '../../adfs/server.ts';
import {
  aliceCredentials,
  authnRequest,
  find,
  inflate,
  keys,
  party,
  postForm,
  readPosted,
  redirectUrl,
  startFixture,
  statusCodes,
} from './fixture.ts';
import {
  type Arrived,
  buildLogoutRequest,
  buildLogoutResponse,
  type Issued,
  type LogoutFields,
  readArrived,
  readIssued,
} from './logout-fixture.ts';

let idp: Adfs;
let browser: HttpBrowser;
let sloServer: PageServer;
let sloUrl: string;
let signIn: Issued;

beforeEach(async () => {
  // A party's logout endpoint that only shows what arrived; the browser stops there.
  sloServer = await servePages({ '/saml/slo': [200, {}, 'party'] });
  sloUrl = `http://127.0.0.1:${sloServer.port}/saml/slo`;
  ({ idp } = await startFixture(keys, { relyingParties: [trust()], now: clock.now }));
  browser = createHttpBrowser({ now: clock.now });
  signIn = await signInAt(party.entityId);
});

afterEach(async () => {
  browser.close();
  await idp.close();
  await sloServer.stop();
});

const clock = createTestClock();

function trust(more: Partial<RelyingPartyTrust> = {}): RelyingPartyTrust {
  return { ...party, sloUrl, signingCertificates: [keys.party.cert], ...more };
}

async function signInAt(issuer: string): Promise<Issued> {
  const page = await browser.get(redirectUrl(idp, authnRequest(idp, { issuer })));
  const isForm = page.forms[0]?.fields.some(([name]) => name === 'Password') ?? false;
  return readIssued(isForm ? await browser.submit(page, 0, aliceCredentials) : page);
}

function logoutRequest(change: LogoutFields = {}): string {
  const base = { destination: idp.ssoUrl, issueInstant: clock.now(), issuer: party.entityId };
  return buildLogoutRequest({ ...base, ...signIn, ...change });
}

function send(xml: string, key: string | undefined = keys.party.key): Promise<Page> {
  return browser.get(redirectUrl(idp, xml, { key, relayState: 'state' }));
}

function arrived(page: Page, parameter: 'SAMLRequest' | 'SAMLResponse'): Arrived {
  return readArrived(page, parameter, { sloUrl, signer: keys.signing.cert, stranger: keys.party.cert });
}

function logoutResponse(request: Page, issuer: string, status = 'Success'): string {
  const { root } = arrived(request, 'SAMLRequest');
  const inResponseTo = root.attributes.get('ID') ?? '';
  const xml = buildLogoutResponse({
    destination: idp.ssoUrl,
    issueInstant: clock.now(),
    issuer,
    inResponseTo,
    status,
  });
  return buildRedirectUrl({ location: idp.ssoUrl, parameter: 'SAMLResponse', xml, key: keys.party.key });
}

async function isSignedIn(): Promise<boolean> {
  const page = await browser.get(redirectUrl(idp, authnRequest(idp, { attributes: 'IsPassive="true"' })));
  return readPosted(page).statusCodes[0] === 'Success';
}

describe('a LogoutRequest', () => {
  test('ends the session and is answered with a signed LogoutResponse', async () => {
    const { root, relayState, url } = arrived(await send(logoutRequest()), 'SAMLResponse');
    expect([statusCodes(root), relayState]).toEqual([['Success'], 'state']);
    expect(root.attributes.get('InResponseTo')).toBe('_logout');
    expect(root.attributes.get('Destination')).toBe(sloUrl);
    // As .NET writes it, so that a party has to verify the octets it received.
    expect(url.search).toContain('SigAlg=http%3a%2f%2fwww.w3.org');
    expect(await isSignedIn()).toBe(false);
  });

  test('without a signature is refused and ends nothing [MSIS7074]', async () => {
    const page = await browser.get(redirectUrl(idp, logoutRequest()));
    expect(page.status).toBe(400);
    expect(page.body).toContain('MSIS7074');
    expect(await isSignedIn()).toBe(true);
  });

  test('past its NotOnOrAfter is refused, before it is not', async () => {
    const expiring = (seconds: number) => ({
      notOnOrAfter: new Date(clock.now().getTime() + seconds * 1000).toISOString(),
    });
    expect((await send(logoutRequest(expiring(0)))).status).toBe(400);
    expect(statusCodes(arrived(await send(logoutRequest(expiring(1))), 'SAMLResponse').root)).toEqual(['Success']);
  });

  const mismatches = [
    { name: 'another NameID', change: { nameId: 'bob@corp.example' } },
    { name: 'the NameID in other case', change: { nameId: 'ALICE@corp.example' } },
    { name: 'a NameID without its Format', change: { format: null } },
    { name: 'an unknown SessionIndex', change: { sessionIndex: '_other' } },
    { name: 'a qualifier the NameID did not have', change: { spNameQualifier: 'urn:x' } },
  ];
  for (const { name, change } of mismatches) {
    test(`with ${name} does not correspond to the session [event 368]`, async () => {
      const { root } = arrived(await send(logoutRequest(change)), 'SAMLResponse');
      expect(statusCodes(root)).toEqual(['Requester']);
      expect(idp.events.at(-1)).toMatchObject({ type: 'error', eventId: 368 });
      expect(await isSignedIn()).toBe(true);
    });
  }

  test('from a browser without a session does not correspond either [event 368]', async () => {
    browser.clearCookies();
    expect(statusCodes(arrived(await send(logoutRequest()), 'SAMLResponse').root)).toEqual(['Requester']);
  });

  test('of node-saml works, and node-saml accepts the answer', async () => {
    const provider = new SAML({
      callbackUrl: party.acsUrl,
      entryPoint: idp.ssoUrl,
      logoutUrl: idp.ssoUrl,
      issuer: party.entityId,
      idpCert: keys.signing.cert,
      privateKey: keys.party.key,
      signatureAlgorithm: 'sha256',
    });
    const user = { ...signIn, issuer: idp.entityId, nameID: signIn.nameId, nameIDFormat: signIn.format };
    const page = await browser.get(await provider.getLogoutUrlAsync(user, 'state', {}));
    const { url } = arrived(page, 'SAMLResponse');
    const container = Object.fromEntries(url.searchParams);
    const { loggedOut } = await provider.validateRedirectAsync(container, url.search.slice(1));
    expect(loggedOut).toBe(true);
  });

  test('may come by POST, and is answered by POST where the trust wants that', async () => {
    expect((await browser.post(idp.ssoUrl, postForm(logoutRequest()))).body).toContain('MSIS7074');
    idp.setRelyingParties([trust({ sloBinding: 'POST' })]);
    const page = await browser.post(idp.ssoUrl, { ...postForm(logoutRequest(), keys.party), RelayState: 'state' });
    const { xml, action, relayState } = readPosted(page);
    expect({ action, relayState }).toEqual({ action: sloUrl, relayState: 'state' });
    await verifyWithXmlsec1(xml, keys.signing.cert);
  });
});

describe('a logout with several parties', () => {
  const second = 'http://127.0.0.1:9/second';

  async function signInAtBoth(more: Partial<RelyingPartyTrust> = {}): Promise<void> {
    idp.setRelyingParties([trust(), trust({ entityId: second, ...more })]);
    await signInAt(second);
  }

  for (const [status, expected] of [
    ['Success', ['Success']],
    ['Responder', ['Success', 'PartialLogout']],
  ] as const) {
    test(`asks the others first, and answers ${expected.join('/')} after their ${status}`, async () => {
      await signInAtBoth();
      const asked = await send(logoutRequest());
      expect(find(arrived(asked, 'SAMLRequest').root, 'NameID')?.text).toBe(signIn.nameId);
      const answered = await browser.get(logoutResponse(asked, second, status));
      const { root, relayState } = arrived(answered, 'SAMLResponse');
      expect([statusCodes(root), relayState]).toEqual([expected, 'state']);
      expect(root.attributes.get('InResponseTo')).toBe('_logout');
    });
  }

  test('tells of a partial logout when a party has no logout endpoint', async () => {
    idp.setRelyingParties([trust(), { ...party, entityId: second }]);
    await signInAt(second);
    const { root } = arrived(await send(logoutRequest()), 'SAMLResponse');
    expect(statusCodes(root)).toEqual(['Success', 'PartialLogout']);
  });

  test('takes an answer only of the party it asked, and once', async () => {
    await signInAtBoth();
    const asked = await send(logoutRequest());
    expect((await browser.get(logoutResponse(asked, party.entityId))).status).toBe(400);
    const url = logoutResponse(asked, second);
    expect((await browser.get(url)).status).toBe(200);
    expect((await browser.get(url)).status).toBe(400);
  });
});

describe('a logout that begins at the identity provider', () => {
  test('ends the session and sends a signed LogoutRequest to the parties', async () => {
    await signInAt(party.entityId);
    const page = await browser.get(`${idp.ssoUrl}?wa=wsignout1.0`);
    const { root, url } = arrived(page, 'SAMLRequest');
    expect(root.name).toBe('LogoutRequest');
    expect(root.attributes.get('NotOnOrAfter')).toBe(new Date(clock.now().getTime() + 300_000).toISOString());
    const nameId = find(root, 'NameID');
    expect([nameId?.text, nameId?.attributes.get('Format')]).toEqual([signIn.nameId, signIn.format]);
    const indexes = root.children.filter((child) => child.name === 'SessionIndex').map((child) => child.text);
    expect(indexes).toHaveLength(2);
    expect(indexes).toContain(signIn.sessionIndex);
    expect(inflate(url, 'SAMLRequest')).toMatch(/^<samlp:LogoutRequest /);
    expect(await isSignedIn()).toBe(false);
  });

  test('shows a closing page when the parties have answered, or without a session', async () => {
    const asked = await browser.get(`${idp.ssoUrl}?wa=wsignout1.0`);
    for (const url of [logoutResponse(asked, party.entityId), `${idp.ssoUrl}?wa=wsignout1.0`]) {
      const page = await browser.get(url);
      expect(page.body).toContain('You have been signed out.');
      expect(page.body).not.toContain('Not every site');
    }
  });

  test('says so when a party could not be asked', async () => {
    idp.setRelyingParties([party]);
    expect((await browser.get(`${idp.ssoUrl}?wa=wsignout1.0`)).body).toContain('Not every site confirmed');
  });
});
