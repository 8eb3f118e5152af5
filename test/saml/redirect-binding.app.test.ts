import { createPrivateKey, createVerify, X509Certificate } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { keys, party, startFixture } from '../../emulators/test/adfs/fixture.ts';
import { authnRequestXml } from '../../src/saml/authn-request.ts';
import { redirectUrl } from '../../src/saml/redirect-binding.ts';
import { createFileSigner } from '../../src/signer.ts';
import { createHttpBrowser } from '../support/http-browser/http-browser.ts';
import { keyPair } from '../support/key-pairs.ts';

const pair = keyPair('sp-signing');
const signer = createFileSigner(createPrivateKey(pair.key));

const xml = '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">Grüße 😀</samlp:AuthnRequest>';
const message = { destination: 'https://adfs.example.com/adfs/ls/', parameter: 'SAMLRequest' as const, xml };

/** The query as it goes over the wire, not as a URL class would write it again. */
function rawQuery(url: string): string {
  return url.slice(url.indexOf('?') + 1);
}

function verifies(query: string, certificate: string): boolean {
  const at = query.lastIndexOf('&Signature=');
  const signature = decodeURIComponent(query.slice(at + '&Signature='.length));
  const { publicKey } = new X509Certificate(certificate);
  return createVerify('RSA-SHA256').update(query.slice(0, at)).verify(publicKey, signature, 'base64');
}

describe('redirectUrl [Bindings §3.4.4]', () => {
  test('carries the message deflated, base64, then percent-encoded', async () => {
    const url = await redirectUrl({ ...message, relayState: undefined, signer: undefined });
    const parameters = [...new URL(url).searchParams];
    expect(parameters.map(([name]) => name)).toEqual(['SAMLRequest']);
    expect(inflateRawSync(Buffer.from(parameters[0]![1], 'base64')).toString('utf8')).toBe(xml);
    // RFC 3986 §2.3: nothing but unreserved characters and escapes, in capitals.
    expect(rawQuery(url)).toMatch(/^SAMLRequest=(?:[\w.~-]|%[0-9A-F]{2})+$/);
  });

  test('has its parameters in the order that is signed', async () => {
    const url = await redirectUrl({ ...message, relayState: 'state_1-2', signer });
    expect([...new URL(url).searchParams.keys()]).toEqual(['SAMLRequest', 'RelayState', 'SigAlg', 'Signature']);
    expect(new URL(url).searchParams.get('SigAlg')).toBe('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256');
  });

  for (const relayState of [undefined, '', 'aZ09_-', "space ' ( ) ! ~ * & = + % ü 😀"]) {
    test(`is signed over the very octets of the URL, with RelayState ${JSON.stringify(relayState)}`, async () => {
      const query = rawQuery(await redirectUrl({ ...message, relayState, signer }));
      expect(new URLSearchParams(query).get('RelayState')).toBe(relayState ?? null);
      expect(verifies(query, pair.cert)).toBe(true);
      expect(verifies(query, keyPair('stranger').cert)).toBe(false);
      expect(verifies(query.replace('SAMLRequest=', 'SAMLRequest=x'), pair.cert)).toBe(false);
    });
  }

  test('keeps the query of the endpoint outside the signed octets', async () => {
    const url = await redirectUrl({ ...message, destination: `${message.destination}?a=b`, relayState: 'r', signer });
    expect(url).toContain('/adfs/ls/?a=b&SAMLRequest=');
    expect(verifies(url.slice(url.indexOf('SAMLRequest=')), pair.cert)).toBe(true);
  });

  test('carries a response as well', async () => {
    const url = await redirectUrl({ ...message, parameter: 'SAMLResponse', relayState: undefined, signer });
    expect([...new URL(url).searchParams.keys()]).toEqual(['SAMLResponse', 'SigAlg', 'Signature']);
  });

  test('is understood by an AD FS that demands signed requests', async () => {
    const trust = { ...party, requireSignedRequests: true, signingCertificates: [pair.cert] };
    const { idp, clock } = await startFixture(keys, { relyingParties: [trust] });
    const browser = createHttpBrowser();
    try {
      const request = {
        ...{
          id: '_r',
          issueInstant: clock.now(),
          destination: idp.ssoUrl,
          issuer: party.entityId,
          acsUrl: party.acsUrl,
        },
        ...{ forceAuthn: false, requestedContexts: [] },
      };
      const asked = { destination: idp.ssoUrl, parameter: 'SAMLRequest' as const, xml: authnRequestXml(request) };
      const signed = await browser.get(await redirectUrl({ ...asked, relayState: 'r', signer }));
      expect(signed.status).toBe(200);
      expect(signed.body).toContain('Password');
      const unsigned = await browser.get(await redirectUrl({ ...asked, relayState: 'r', signer: undefined }));
      expect(unsigned.status).toBe(400);
    } finally {
      browser.close();
      await idp.close();
    }
  });
});
