// A PrefixList below CanonicalizationMethod: taken where it changes nothing, since verifiers differ in whether they obey it.
import { createPrivateKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { verifyEnveloped } from '../../../src/saml/xml/verify-signature.ts';
import { messageLimits, readXml } from '../../../src/saml/xml/xml-reader.ts';
import { fillIn } from '../../attacks/differential/sign.ts';
import { placeholders } from '../../attacks/differential/signature-source.ts';
import { keyPair } from '../../support/key-pairs.ts';
import { thrownBy } from '../support/redirected.ts';

const dsig = 'http://www.w3.org/2000/09/xmldsig#';
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const { digest, value } = placeholders('Response');
const key = keyPair('fuzzing');

function signed(prefixes: string): string {
  const method = `<ds:CanonicalizationMethod Algorithm="${exclusive}"><ec:InclusiveNamespaces xmlns:ec="${exclusive}" PrefixList="${prefixes}"/></ds:CanonicalizationMethod>`;
  const transforms = `<ds:Transforms><ds:Transform Algorithm="${dsig}enveloped-signature"/><ds:Transform Algorithm="${exclusive}"/></ds:Transforms>`;
  const reference = `<ds:Reference URI="#_r">${transforms}<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>${digest}</ds:DigestValue></ds:Reference>`;
  const info = `<ds:SignedInfo>${method}<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>${reference}</ds:SignedInfo>`;
  const signature = `<ds:Signature xmlns:ds="${dsig}">${info}<ds:SignatureValue>${value}</ds:SignatureValue></ds:Signature>`;
  const xml = `<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:x="urn:x" ID="_r">${signature}</p:Response>`;
  return fillIn(xml, 'Response', createPrivateKey(key.key), '');
}

const verified = (prefixes: string) => verifyEnveloped(readXml(signed(prefixes), messageLimits), [key.cert]);

test.each(['ds', 'unknown', '#default'])('%s has no effect', (prefixes) => {
  expect(verified(prefixes).certificate).toBe(key.cert);
});

test.each(['x', 'ds x', 'p'])('%s has an effect', (prefixes) => {
  expect(thrownBy(() => verified(prefixes))).toMatchObject({ code: 'saml_refused', reason: 'algorithm' });
});
