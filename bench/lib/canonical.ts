// Verifying a response without reading XML: the cost that no verifier can avoid. Works for messages of lib/idp.ts only,
// because it knows where they differ from their canonical form.
import { createHash, type KeyObject, verify } from 'node:crypto';

/** Exclusive C14N of an assertion of lib/idp.ts without its Signature: xmlns goes first, an empty element gets an end tag. */
export function canonicalAssertion(assertion: string): string {
  const head = assertion.indexOf('>');
  const xmlns = assertion.indexOf(' xmlns="');
  const empty = assertion.indexOf(' />');
  return (
    `<Assertion${assertion.slice(xmlns, head)}${assertion.slice('<Assertion'.length, xmlns)}` +
    `${assertion.slice(head, empty)}></SubjectConfirmationData>${assertion.slice(empty + 3)}`
  );
}

/** Exclusive C14N of a SignedInfo of lib/idp.ts: it inherits one declaration, and its empty elements get end tags. */
export function canonicalSignedInfo(signedInfo: string): string {
  return `<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"${signedInfo.slice('<ds:SignedInfo'.length).replace(/<(ds:\w+)([^>]*) \/>/g, '<$1$2></$1>')}`;
}

/** The floor: SHA-256 of the assertion and one RSA verification. Returns the ID of the assertion, undefined if refused. */
export function verifyFloor(base64: string, key: KeyObject): string | undefined {
  const xml = Buffer.from(base64, 'base64').toString('utf8');
  const start = xml.indexOf('<Assertion ');
  const signature = xml.indexOf('<ds:Signature', start);
  const signatureEnd = xml.indexOf('</ds:Signature>', signature) + '</ds:Signature>'.length;
  const end = xml.lastIndexOf('</samlp:Response>');
  const canonical = canonicalAssertion(xml.slice(start, signature) + xml.slice(signatureEnd, end));
  const digest = createHash('sha256').update(canonical).digest('base64');
  const signedInfo = between(xml, '<ds:SignedInfo', '</ds:SignedInfo>', signature);
  if (!signedInfo.includes(`<ds:DigestValue>${digest}</ds:DigestValue>`)) return undefined;
  const value = between(xml, '<ds:SignatureValue>', '</ds:SignatureValue>', signature);
  const bytes = Buffer.from(value.slice('<ds:SignatureValue>'.length), 'base64');
  const isGood = verify('sha256', Buffer.from(canonicalSignedInfo(`${signedInfo}</ds:SignedInfo>`)), key, bytes);
  return isGood
    ? xml.slice(start + '<Assertion ID="'.length, xml.indexOf('"', start + '<Assertion ID="'.length))
    : undefined;
}

function between(xml: string, from: string, to: string, after: number): string {
  const start = xml.indexOf(from, after);
  return xml.slice(start, xml.indexOf(to, start));
}
