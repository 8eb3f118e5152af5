// Single logout in both directions and on both bindings, with relying parties on real sockets.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SAML } from '@node-saml/node-saml';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestClock } from '../../support/clock.ts';
import { createHttpBrowser, type HttpBrowser } from '../../support/http-browser.ts';
import type { Page } from '../../support/navigation.ts';
import { verifyWithXmlsec1 } from '../../support/xmlsec1.ts';
import {
  aliceCredentials,
  authnRequest,
  find,
  inflate,
  type Keys,
  makeKeys,
  party,
  readPosted,
  redirectUrl,
  startFixture,
  statusCodes,
} from './fixture.ts';
import { buildRedirectUrl, parseRawQuery, readRedirectMessage, verifyRedirectSignature } from './redirect-binding.ts';
import type { Adfs, RelyingPartyTrust } from './server.ts';
import { escapeXml, parseXml } from './xml.ts';

let keys: Keys;
let idp: Adfs;
let browser: HttpBrowser;
let sloServer: Server;
let sloUrl: string;
let signIn: { nameId: string; format: string; sessionIndex: string };

beforeAll(async () => {
  keys = await makeKeys();
});

beforeEach(async () => {
  // A party's logout endpoint that only shows what arrived; the browser stops there.
  sloServer = createServer((_request, response) => response.end('party'));
  await new Promise<void>((resolve) => sloServer.listen(0, '127.0.0.1', resolve));
  sloUrl = `http://127.0.0.1:${(sloServer.address() as AddressInfo).port}/saml/slo`;
  ({ idp } = await startFixture(keys, { relyingParties: [trust()], now: clock.now }));
  browser = createHttpBrowser({ now: clock.now });
  signIn = await signInAt(party.entityId);
});

afterEach(async () => {
  browser.close();
  await idp.close();
  sloServer.close();
  sloServer.closeAllConnections();
});

const clock = createTestClock();

function trust(more: Partial<RelyingPartyTrust> = {}): RelyingPartyTrust {
  return { ...party, sloUrl, signingCertificates: [keys.party.cert], ...more };
}

async function signInAt(issuer: string): Promise<typeof signIn> {
  const page = await browser.get(redirectUrl(idp, authnRequest(idp, { issuer })));
  const isForm = page.forms[0]?.fields.some(([name]) => name === 'Password') ?? false;
  const { root } = readPosted(isForm ? await browser.submit(page, 0, aliceCredentials) : page);
  const nameId = find(root, 'NameID');
  return {
    nameId: nameId?.text ?? '',
    format: nameId?.attributes.get('Format') ?? '',
    sessionIndex: find(root, 'AuthnStatement')?.attributes.get('SessionIndex') ?? '',
  };
}

function logoutRequest(change: { nameId?: string; attributes?: string; index?: string; header?: string } = {}): string {
  const nameIdAttributes = change.attributes ?? `Format="${signIn.format}"`;
  return (
    '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ' +
    `xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_logout" Version="2.0" Destination="${idp.ssoUrl}" ` +
    `IssueInstant="${clock.now().toISOString()}" ${change.header ?? ''}><saml:Issuer>${party.entityId}</saml:Issuer>` +
    `<saml:NameID ${nameIdAttributes}>${escapeXml(change.nameId ?? signIn.nameId)}</saml:NameID>` +
    `<samlp:SessionIndex>${change.index ?? signIn.sessionIndex}</samlp:SessionIndex></samlp:LogoutRequest>`
  );
}

function send(xml: string, key: string | undefined = keys.party.key): Promise<Page> {
  return browser.get(redirectUrl(idp, xml, { key, relayState: 'state' }));
}

/** What arrived at the party, its signature checked over the very octets. */
function arrived(page: Page, parameter: 'SAMLRequest' | 'SAMLResponse') {
  const url = new URL(page.url);
  expect(`${url.origin}${url.pathname}`).toBe(sloUrl);
  const message = readRedirectMessage(parseRawQuery(url.search.slice(1)), parameter);
  if (message.signature === undefined) throw new Error('the message is not signed');
  expect(message.signature.algorithm).toBe('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256');
  expect(verifyRedirectSignature(message.signature, [keys.signing.cert])).toBe(true);
  expect(verifyRedirectSignature(message.signature, [keys.party.cert])).toBe(false);
  return { root: parseXml(message.xml), url, relayState: message.relayState };
}

async function isSignedIn(): Promise<boolean> {
  const page = await browser.get(redirectUrl(idp, authnRequest(idp, { attributes: 'IsPassive="true"' })));
  return readPosted(page).statusCodes[0] === 'Success';
}

describe('a LogoutRequest', () => {
  test('ends the session and is answered with a signed LogoutResponse', async () => {
    const { root, relayState, url } = arrived(await send(logoutRequest()), 'SAMLResponse');
    expect(statusCodes(root)).toEqual(['Success']);
    expect(root.attributes.get('InResponseTo')).toBe('_logout');
    expect(root.attributes.get('Destination')).toBe(sloUrl);
    expect(relayState).toBe('state');
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
    const header = (seconds: number) => ({
      header: `NotOnOrAfter="${new Date(clock.now().getTime() + seconds * 1000).toISOString()}"`,
    });
    expect((await send(logoutRequest(header(0)))).status).toBe(400);
    expect(statusCodes(arrived(await send(logoutRequest(header(1))), 'SAMLResponse').root)).toEqual(['Success']);
  });

  const mismatches = [
    { name: 'another NameID', change: { nameId: 'bob@corp.example' } },
    { name: 'the NameID in other case', change: { nameId: 'ALICE@corp.example' } },
    { name: 'a NameID without its Format', change: { attributes: '' } },
    { name: 'an unknown SessionIndex', change: { index: '_other' } },
    {
      name: 'a qualifier the NameID did not have',
      change: {
        attributes: 'Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified" SPNameQualifier="urn:x"',
      },
    },
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
    const user = {
      issuer: idp.entityId,
      nameID: signIn.nameId,
      nameIDFormat: signIn.format,
      sessionIndex: signIn.sessionIndex,
    };
    const page = await browser.get(await provider.getLogoutUrlAsync(user, 'state', {}));
    const { url } = arrived(page, 'SAMLResponse');
    const container = Object.fromEntries(url.searchParams);
    const { loggedOut } = await provider.validateRedirectAsync(container, url.search.slice(1));
    expect(loggedOut).toBe(true);
  });

  test('is answered by POST where the trust wants that', async () => {
    idp.setRelyingParties([trust({ sloBinding: 'POST' })]);
    const page = await send(logoutRequest());
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

  function logoutResponse(request: Page, issuer: string, status = 'Success'): string {
    const { root } = arrived(request, 'SAMLRequest');
    const xml =
      '<samlp:LogoutResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_answer" Version="2.0" ' +
      `IssueInstant="${clock.now().toISOString()}" Destination="${idp.ssoUrl}" ` +
      `InResponseTo="${root.attributes.get('ID')}"><Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">${issuer}</Issuer>` +
      `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${status}"/></samlp:Status>` +
      '</samlp:LogoutResponse>';
    return buildRedirectUrl({ location: idp.ssoUrl, parameter: 'SAMLResponse', xml, key: keys.party.key });
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
      expect(statusCodes(root)).toEqual(expected);
      expect(root.attributes.get('InResponseTo')).toBe('_logout');
      expect(relayState).toBe('state');
    });
  }

  test('tells of a partial logout when a party has no logout endpoint', async () => {
    idp.setRelyingParties([trust(), { ...party, entityId: second }]);
    await signInAt(second);
    expect(statusCodes(arrived(await send(logoutRequest()), 'SAMLResponse').root)).toEqual([
      'Success',
      'PartialLogout',
    ]);
  });

  test('takes an answer once, and only of the party it asked', async () => {
    await signInAtBoth();
    const asked = await send(logoutRequest());
    const url = logoutResponse(asked, second);
    expect((await browser.get(url)).status).toBe(200);
    expect((await browser.get(url)).status).toBe(400);
    expect((await browser.get(logoutResponse(asked, party.entityId))).status).toBe(400);
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

  test('ends on a page of its own when the parties have answered, or when nobody was signed in', async () => {
    idp.setRelyingParties([{ ...party }]);
    expect((await browser.get(`${idp.ssoUrl}?wa=wsignout1.0`)).body).toContain('Not every site confirmed');
    const again = await browser.get(`${idp.ssoUrl}?wa=wsignout1.0`);
    expect(again.body).toContain('You have been signed out.');
    expect(again.body).not.toContain('Not every site');
  });
});
