// Signed requests: when they are demanded, and what their signatures must cover.
import { SAML } from '@node-saml/node-saml';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHttpBrowser, type HttpBrowser } from '../../../test/support/http-browser/http-browser.ts';
import type { Page } from '../../../test/support/http-browser/navigation.ts';
import type { Adfs, RelyingPartyTrust } from '../../adfs/server.ts';
import { authnRequest, keys, party, postForm, redirectUrl, startFixture } from './fixture.ts';

let idp: Adfs;
let browser: HttpBrowser;

beforeEach(async () => {
  ({ idp } = await startFixture(keys));
  browser = createHttpBrowser();
});

afterEach(async () => {
  browser.close();
  await idp.close();
});

function trustWith(trust: Partial<RelyingPartyTrust>): void {
  idp.setRelyingParties([{ ...party, ...trust }]);
}

function signedOnly(): void {
  trustWith({ requireSignedRequests: true, signingCertificates: [keys.signing.cert, keys.party.cert] });
}

function expectError(page: Page, code: string, eventId: number): void {
  expect(page.status).toBe(400);
  expect(page.body).toContain(code);
  expect(page.forms).toEqual([]);
  expect(idp.events.at(-1)).toMatchObject({ type: 'error', code, eventId });
}

function expectLogin(page: Page): void {
  expect(page.status).toBe(200);
  expect(page.forms[0]?.fields.map(([name]) => name)).toEqual(
    expect.arrayContaining(['UserName', 'Password', 'AuthMethod']),
  );
}

describe('a signature', () => {
  test('of a configured key is accepted on both bindings, whichever certificate it is', async () => {
    signedOnly();
    const key = keys.party.key;
    expectLogin(await browser.get(redirectUrl(idp, authnRequest(idp), { key, relayState: "a b'(c)!~%2f" })));
    expectLogin(await browser.post(idp.ssoUrl, postForm(authnRequest(idp), keys.party)));
  });

  test('is demanded where the trust says so [MSIS7085]', async () => {
    signedOnly();
    expectError(await browser.get(redirectUrl(idp, authnRequest(idp))), 'MSIS7085', 303);
    expectError(await browser.post(idp.ssoUrl, postForm(authnRequest(idp))), 'MSIS7085', 303);
  });

  test('is judged even where it is not demanded [MSIS0038]', async () => {
    trustWith({ signingCertificates: [keys.party.cert] });
    const { key } = keys.secondarySigning;
    expectError(await browser.get(redirectUrl(idp, authnRequest(idp), { key })), 'MSIS0038', 303);
    expectError(await browser.post(idp.ssoUrl, postForm(authnRequest(idp), keys.secondarySigning)), 'MSIS0038', 303);
  });

  test('needs a certificate on the trust [MSIS0037]', async () => {
    const { key } = keys.party;
    expectError(await browser.get(redirectUrl(idp, authnRequest(idp), { key })), 'MSIS0037', 303);
  });

  test('has to have the algorithm of the trust [MSIS7093, event 378]', async () => {
    signedOnly();
    const { key } = keys.party;
    const url = redirectUrl(idp, authnRequest(idp), { key, algorithm: 'rsa-sha1' });
    expectError(await browser.get(url), 'MSIS7093', 378);
    trustWith({ signingCertificates: [keys.party.cert], signatureAlgorithm: 'rsa-sha1' });
    expectLogin(await browser.get(url));
  });

  test('covers the octets as they were sent [Bindings §3.4.4.1]', async () => {
    signedOnly();
    const url = redirectUrl(idp, authnRequest(idp), { key: keys.party.key, relayState: 'state' });
    expectLogin(await browser.get(url));
    expectError(await browser.get(url.replace('RelayState=state', 'RelayState=%73tate')), 'MSIS0038', 303);
    expectError(await browser.get(url.replace('RelayState=state', 'RelayState=other')), 'MSIS0038', 303);
  });

  test('covers the posted message: a changed or wrapped request is refused', async () => {
    signedOnly();
    const { SAMLRequest = '' } = postForm(authnRequest(idp), keys.party);
    const signed = Buffer.from(SAMLRequest, 'base64').toString('utf8');
    const post = (xml: string) => browser.post(idp.ssoUrl, { SAMLRequest: Buffer.from(xml).toString('base64') });
    expectLogin(await post(signed));
    expectError(await post(signed.replace('_request"', '_other"')), 'MSIS0038', 303);
    expectError(await post(signed.replace('<saml:Issuer>', '<saml:Issuer Format="x">')), 'MSIS0038', 303);
  });

  test('makes the Destination necessary [Bindings §3.4.5.2]', async () => {
    signedOnly();
    const xml = authnRequest(idp, { destination: null });
    expectError(await browser.get(redirectUrl(idp, xml, { key: keys.party.key })), 'MSIS7012', 364);
  });

  test('of node-saml is accepted on both bindings', async () => {
    signedOnly();
    const options = {
      callbackUrl: party.acsUrl,
      entryPoint: idp.ssoUrl,
      issuer: party.entityId,
      idpCert: keys.signing.cert,
      privateKey: keys.party.key,
      publicCert: keys.party.cert,
      signatureAlgorithm: 'sha256',
      digestAlgorithm: 'sha256',
      disableRequestedAuthnContext: true,
      identifierFormat: null,
    } as const;
    const redirect = new SAML(options);
    expectLogin(await browser.get(await redirect.getAuthorizeUrlAsync('relay', undefined, {})));
    const post = new SAML({ ...options, skipRequestCompression: true, authnRequestBinding: 'HTTP-POST' });
    const message = await post.getAuthorizeMessageAsync('relay');
    expectLogin(await browser.post(idp.ssoUrl, { SAMLRequest: String(message['SAMLRequest']), RelayState: 'relay' }));
  });
});
