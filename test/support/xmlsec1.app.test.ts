import { describe, expect, test } from 'vitest';
import { SignedXml } from 'xml-crypto';
import { type KeyPair, keyPair } from './key-pairs.ts';
import { verifyWithXmlsec1 } from './xmlsec1.ts';

const ASSERTION =
  '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a1"><saml:Issuer>idp</saml:Issuer></saml:Assertion>';

const [key, otherKey] = [keyPair('idp-signing'), keyPair('stranger')];

function sign(xml: string, signingKey: KeyPair): string {
  const signature = new SignedXml({
    privateKey: signingKey.key,
    publicCert: signingKey.cert,
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  });
  signature.addReference({
    xpath: "//*[local-name()='Assertion']",
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', 'http://www.w3.org/2001/10/xml-exc-c14n#'],
  });
  signature.computeSignature(xml);
  return signature.getSignedXml();
}

describe('verifyWithXmlsec1', () => {
  test('accepts a signature of the given certificate', async () => {
    await verifyWithXmlsec1(sign(ASSERTION, key), key.cert);
  });

  test('rejects a changed document', async () => {
    const changed = sign(ASSERTION, key).replace('>idp<', '>other<');
    await expect(verifyWithXmlsec1(changed, key.cert)).rejects.toThrow(/xmlsec1 does not verify/);
  });

  test('rejects a signature of another key, although the document brings its certificate along', async () => {
    const signed = sign(ASSERTION, otherKey);
    expect(signed).toContain('X509Certificate');
    await verifyWithXmlsec1(signed, otherKey.cert);
    await expect(verifyWithXmlsec1(signed, key.cert)).rejects.toThrow(/xmlsec1 does not verify/);
  });

  test('rejects a document without a signature', async () => {
    await expect(verifyWithXmlsec1(ASSERTION, key.cert)).rejects.toThrow(/xmlsec1 does not verify/);
  });

  test('finds the signed element of any vocabulary it is told', async () => {
    const xml = '<x:Assertion xmlns:x="urn:example" ID="_x"><x:Value>1</x:Value></x:Assertion>';
    await verifyWithXmlsec1(sign(xml, key), key.cert, [{ element: 'Assertion', namespace: 'urn:example' }]);
    await expect(verifyWithXmlsec1(sign(xml, key), key.cert)).rejects.toThrow(/xmlsec1 does not verify/);
  });
});
