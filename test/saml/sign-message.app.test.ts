// What others make of an AuthnRequest by HTTP-POST: the OASIS schema, and xmlsec1 for its signature.
import { createPrivateKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { authnRequestXml, signedAuthnRequestXml } from '../../src/saml/authn-request.ts';
import { createFileSigner } from '../../src/signer.ts';
import { keyPair } from '../support/key-pairs.ts';
import { verifyWithXmlsec1 } from '../support/xmlsec1.ts';
import { validateWithXsd } from '../support/xsd.ts';

const key = keyPair('sp-signing');
const signer = { signer: createFileSigner(createPrivateKey(key.key)), certificate: key.cert };
const request = {
  id: '_4c1d',
  issueInstant: new Date('2026-03-02T09:00:00Z'),
  destination: 'https://idp.example.com/sso?a=1&b=<2>',
  issuer: 'https://rolegate.example.com/saml/metadata?é\u2028',
  acsUrl: 'https://rolegate.example.com/saml/acs',
  forceAuthn: true,
  requestedContexts: ['urn:a', 'urn:"b"'],
};

test('a signed AuthnRequest is valid by schema and verifies with xmlsec1, and a changed one does not', async () => {
  const xml = await signedAuthnRequestXml(request, signer);
  await validateWithXsd(xml, 'protocol');
  await verifyWithXmlsec1(xml, key.cert);
  await expect(verifyWithXmlsec1(xml.replace('/acs', '/acx'), key.cert)).rejects.toThrow(/does not verify/);
});

test('the Signature is one element behind the Issuer, with the certificate, and changes nothing else', async () => {
  const xml = await signedAuthnRequestXml(request, signer);
  const [signature] = /<ds:Signature .*<\/ds:Signature>/.exec(xml)!;
  expect(xml).toContain(`</saml:Issuer>${signature}<samlp:NameIDPolicy`);
  expect(xml.replace(signature, '')).toBe(authnRequestXml(request));
  expect(signature).toContain(`<ds:X509Certificate>${key.cert.replace(/-----[^-]+-----|\s/g, '')}<`);
  const algorithms = [...signature.matchAll(/Algorithm="([^"]+)"/g)].map(([, uri]) => uri!.split('/').at(-1));
  expect(algorithms).toEqual([
    'xml-exc-c14n#',
    'xmldsig-more#rsa-sha256',
    'xmldsig#enveloped-signature',
    'xml-exc-c14n#',
    'xmlenc#sha256',
  ]);
});
