// The forged copy of a message: another person, another group. Whatever lets it in shows by these.

/** The same text for an attacker who wants to be an administrator; with new ids unless they are to be kept. */
export function toEvil(xml: string, { keepIds = false } = {}): string {
  const evil = xml.replaceAll('alice@', 'admin@').replaceAll('AWS-Dev', 'AWS-Admin');
  return keepIds ? evil : evil.replace(/\b_(assertion|response)-/g, '_evil-$1-');
}

/** A signed message in pieces. */
export interface Pieces {
  readonly xml: string;
  /** The Assertion as it is in the message, with its Signature where it has one. */
  readonly assertion: string;
  readonly bare: string;
  /** The Assertion's Signature, or that of the Response. */
  readonly signature: string;
  /** An unsigned copy of the Assertion for another user. */
  readonly evil: string;
}

const signaturePattern = /<ds:Signature .*?<\/ds:Signature>/s;

export function takeApart(xml: string): Pieces {
  const assertion = /<Assertion .*<\/Assertion>/s.exec(xml)![0];
  const bare = assertion.replace(signaturePattern, '');
  const signature = (signaturePattern.exec(assertion) ?? signaturePattern.exec(xml))![0];
  return { xml, assertion, bare, signature, evil: toEvil(bare) };
}
