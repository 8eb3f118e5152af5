// Rows A4 to A8: shape, encryption, status, issuer and signature of a response, each with one thing wrong.
import { describe } from 'vitest';
import { ISSUER, PROVIDER } from '../support/fixture.ts';
import { type AcceptedCase, damagedWith, type Expected, type RefusedCase, runCases } from '../support/saml-cases.ts';

const SHAPE: Expected = [400, 'InvalidIdentityToken', 'Invalid base64 SAMLResponse (Service: '];
const SIGNATURE: Expected = [400, 'InvalidIdentityToken', 'Response signature invalid'];
const WRONG_ISSUER: Expected = [400, 'InvalidIdentityToken', 'Issuer not present in specified provider (Service: '];
const ASSERTION = /<saml:Assertion[\s\S]*<\/saml:Assertion>/;
const SECOND = '<saml:Assertion ID="_2" Version="2.0" IssueInstant="2026-03-01T12:00:00Z"/>';
const XMLDSIG = 'http://www.w3.org/2000/09/xmldsig#';
const XMLDSIG_MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const XMLENC = 'http://www.w3.org/2001/04/xmlenc#';

const shapes: readonly RefusedCase[] = [
  ['A4 not base64', { members: { SAMLAssertion: 'base64SAML!' } }, SHAPE],
  ['A4 URL-encoded base64', { build: () => ({ encode: (xml) => encodeURIComponent(btoa(padTo1(xml))) }) }, SHAPE],
  ['A4 not XML', { members: { SAMLAssertion: btoa('not xml at all') } }, SHAPE],
  ['A4 bytes that are not UTF-8', { build: () => ({ encode: latin1 }) }, SHAPE],
  ['A4 a DTD', damagedWith(/^/, '<!DOCTYPE r [<!ENTITY e "x">]>'), SHAPE],
  ['A4 a processing instruction', damagedWith('<samlp:Status>', '<?x y?><samlp:Status>'), SHAPE],
  ['A4 another root', { build: () => ({ afterSigning: assertionAlone }) }, SHAPE],
  ['A4 SAML 1.1', damagedWith('Version="2.0"', 'Version="1.1"'), SHAPE],
  ['A4 no assertion', damagedWith(ASSERTION, ''), SHAPE],
  ['A4 two assertions', damagedWith('</samlp:Response>', `${SECOND}</samlp:Response>`), SHAPE],
  ['A4 an assertion in an extension', damagedWith('<samlp:Status>', `<x>${SECOND}</x><samlp:Status>`), SHAPE],
  ['A4 an ID used twice', damagedWith('<samlp:Status>', '<samlp:Status ID="_assertion">'), SHAPE],
  ['A4 a time with a zone', { parts: { notOnOrAfter: '2026-03-01T14:00:00+01:00' } }, SHAPE],
];

const contents: readonly RefusedCase[] = [
  [
    'A5 an encrypted assertion no key fits',
    damagedWith(ASSERTION, '<saml:EncryptedAssertion/>'),
    [400, 'InvalidIdentityToken', 'No private key of the specified provider decrypts the assertion'],
  ],
  [
    'A5 a plain assertion for a provider that requires encryption',
    { members: { PrincipalArn: PROVIDER.replace('rolegate', 'sealed') } },
    [400, 'InvalidIdentityToken', 'The specified provider requires an encrypted assertion'],
  ],
  [
    'A6 status Responder',
    { parts: { status: 'urn:oasis:names:tc:SAML:2.0:status:Responder' } },
    [403, 'IDPRejectedClaim', ''],
  ],
  ['A6 no status', damagedWith(/<samlp:Status>.*<\/samlp:Status>/, ''), [403, 'IDPRejectedClaim', '']],
  ['A7 another Issuer of the assertion', { parts: { issuer: `${ISSUER}/` } }, WRONG_ISSUER],
  ['A7 another Issuer of the response', { parts: { responseIssuer: 'urn:x' } }, WRONG_ISSUER],
];

const signatures: readonly RefusedCase[] = [
  ['A8 unsigned', { build: () => ({ sign: 'none' }) }, SIGNATURE],
  ['A8 only the response signed', { build: () => ({ sign: 'response' }) }, SIGNATURE],
  ['A8 a key that no metadata names', { build: ({ stranger }) => ({ key: stranger.key }) }, SIGNATURE],
  [
    'A8 that key with its certificate in KeyInfo',
    { build: ({ stranger }) => ({ key: stranger.key, afterSigning: (xml) => withKeyInfo(xml, stranger.cert) }) },
    SIGNATURE,
  ],
  ['A8 content changed after signing', damagedWith('alice-id', 'mallory'), SIGNATURE],
  ['A8 signature value changed', { build: () => ({ afterSigning: flipSignature }) }, SIGNATURE],
  ['A8 RSA-SHA1', { build: () => ({ signatureAlgorithm: `${XMLDSIG}rsa-sha1` }) }, SIGNATURE],
  ['A8 a SHA-1 digest', { build: () => ({ digestAlgorithm: `${XMLDSIG}sha1` }) }, SIGNATURE],
  ['A8 a reference to an element of another ID', { build: () => ({ afterSigning: wrapSignature }) }, SIGNATURE],
  [
    'A8 a signature that covers the whole response',
    { build: () => ({ sign: 'response', afterSigning: moveInside }) },
    SIGNATURE,
  ],
  [
    'A8 a wrong signature on the response besides a right one',
    { build: () => ({ sign: 'both', afterSigning: (xml) => xml.replace('</samlp:Status>', ' </samlp:Status>') }) },
    SIGNATURE,
  ],
];

const accepted: readonly AcceptedCase[] = [
  ['the plain response', {}],
  ['assertion and response signed', { build: () => ({ sign: 'both' }) }],
  ['the second key of the metadata', { build: ({ second }) => ({ key: second.key }) }],
  ['RSA-SHA512 and SHA-512', algorithms(`${XMLDSIG_MORE}rsa-sha512`, `${XMLENC}sha512`)],
  [
    'a KeyInfo, which nobody reads',
    { build: ({ stranger }) => ({ afterSigning: (xml) => withKeyInfo(xml, stranger.cert) }) },
  ],
  ['a response without Issuer', { parts: { responseIssuer: 'none' } }],
  ['an XML declaration', damagedWith(/^/, '<?xml version="1.0" encoding="UTF-8"?>')],
  ['base64 in lines', { build: () => ({ encode: (xml) => (btoa(xml).match(/.{1,76}/g) ?? []).join('\r\n') }) }],
  ['text that has to be escaped', { parts: { nameId: 'o&apos;neil &amp; &lt;sons&gt; &#13;' } }],
];

describe('rows A4 to A8', () => runCases([...shapes, ...contents, ...signatures], accepted));

function algorithms(signatureAlgorithm: string, digestAlgorithm: string): AcceptedCase[1] {
  return { build: () => ({ signatureAlgorithm, digestAlgorithm }) };
}

/** Length 1 modulo 3, so that the base64 text ends in the signs that URL encoding changes. */
function padTo1(xml: string): string {
  return xml.padEnd(Math.ceil(xml.length / 3) * 3 + 1);
}

function latin1(xml: string): string {
  return Buffer.from(xml.replace('alice-id', 'al\u00efce'), 'latin1').toString('base64');
}

function assertionAlone(xml: string): string {
  const text = ASSERTION.exec(xml)?.[0] ?? '';
  return text.replace('<saml:Assertion', '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"');
}

function withKeyInfo(xml: string, certificate: string): string {
  const data = certificate.replace(/-----[A-Z ]+-----|\s/g, '');
  const info = `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${data}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`;
  return xml.replace('</ds:SignatureValue>', `</ds:SignatureValue>${info}`);
}

function flipSignature(xml: string): string {
  return xml.replace(
    /(<ds:SignatureValue>)(.)/,
    (_whole, tag: string, sign: string) => tag + (sign === 'A' ? 'B' : 'A'),
  );
}

/** Wrapping: the signature still names `_assertion`, but the assertion that is read calls itself `_forged`. */
function wrapSignature(xml: string): string {
  return xml.replace('ID="_assertion"', 'ID="_forged"').replace('alice-id', 'mallory');
}

/** Takes a genuine signature over the response and hangs it into the assertion. */
function moveInside(xml: string): string {
  const signature = /<ds:Signature[\s\S]*<\/ds:Signature>/.exec(xml)?.[0] ?? '';
  const [before = '', after = ''] = xml.replace(signature, '').split('<saml:Subject>');
  return `${before}${signature}<saml:Subject>${after}`;
}
