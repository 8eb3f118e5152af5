// Takes a SAML message off the wire: decodes either binding, finds the relying party trust and judges the signature.

import { AdfsError } from './errors.ts';
import { saml, signatureAlgorithms } from './names.ts';
import { type RawQuery, readRedirectMessage, verifyRedirectSignature } from './redirect-binding.ts';
import { verifyEnveloped } from './signing.ts';
import type { RelyingPartyTrust } from './types.ts';
import { childOf, parseXml, type XmlElement } from './xml.ts';

/** A message whose signature, if it has one, is good and by its issuer. */
export interface SamlMessage {
  readonly root: XmlElement;
  readonly id: string;
  readonly trust: RelyingPartyTrust;
  readonly relayState: string | undefined;
  readonly isSigned: boolean;
}

/** Where a message came from: the raw query of a GET, or the form fields of a POST. */
export type MessageSource =
  | { readonly binding: 'Redirect'; readonly query: RawQuery; readonly parameter: 'SAMLRequest' | 'SAMLResponse' }
  | { readonly binding: 'POST'; readonly value: string; readonly relayState: string | undefined };

interface Decoded {
  readonly xml: string;
  readonly relayState: string | undefined;
  readonly verify: (certificates: readonly string[]) => Verdict;
}

type Verdict =
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'valid'; readonly signedXml: string; readonly algorithm: string }
  | { readonly kind: 'invalid'; readonly algorithm: string };

/**
 * Reads and authenticates a message.
 *
 * @throws AdfsError MSIS7012 malformed, other destination, unknown issuer; MSIS0037, MSIS0038, MSIS7093 signature
 */
export function readSamlMessage(
  source: MessageSource,
  context: { readonly trusts: readonly RelyingPartyTrust[]; readonly destination: string },
): SamlMessage {
  const decoded = decode(source);
  const unverified = parse(decoded.xml);
  const issuer = childOf(unverified, saml, 'Issuer')?.text.trim() ?? '';
  // Identifiers are compared as exact strings: case and trailing slash count.
  const trust = context.trusts.find((candidate) => candidate.entityId === issuer);
  if (trust === undefined) {
    throw new AdfsError('MSIS7012', `MSIS3020: there is no relying party trust with identifier '${issuer}'`, {
      eventId: 184,
      relyingParty: issuer,
    });
  }
  const verdict = judge(decoded, trust);
  const isSigned = verdict.kind === 'valid';
  const root = isSigned ? parse(verdict.signedXml) : unverified;
  requireHeader(root, isSigned, context.destination, trust);
  return { root, id: root.attributes.get('ID') ?? '', trust, relayState: decoded.relayState, isSigned };
}

function decode(source: MessageSource): Decoded {
  try {
    if (source.binding === 'POST') {
      const xml = Buffer.from(source.value, 'base64').toString('utf8');
      return { xml, relayState: source.relayState, verify: (certificates) => verifyEnveloped(xml, certificates) };
    }
    const message = readRedirectMessage(source.query, source.parameter);
    const { signature, xml, relayState } = message;
    const verify = (certificates: readonly string[]): Verdict => {
      if (signature === undefined) return { kind: 'unsigned' };
      const { algorithm } = signature;
      const isValid = verifyRedirectSignature(signature, certificates);
      return isValid ? { kind: 'valid', signedXml: xml, algorithm } : { kind: 'invalid', algorithm };
    };
    return { xml, relayState, verify };
  } catch (cause) {
    throw new AdfsError('MSIS7012', 'the SAML message could not be decoded', { cause });
  }
}

function parse(xml: string): XmlElement {
  try {
    return parseXml(xml);
  } catch (cause) {
    throw new AdfsError('MSIS7012', 'the SAML message is not acceptable XML', { cause });
  }
}

function judge(decoded: Decoded, trust: RelyingPartyTrust): Verdict {
  const certificates = trust.signingCertificates ?? [];
  const verdict = decoded.verify(certificates);
  if (verdict.kind === 'unsigned') return verdict;
  const refuse = (code: string, message: string, eventId: number) =>
    new AdfsError(code, message, { eventId, relyingParty: trust.entityId });
  if (certificates.length === 0) {
    throw refuse('MSIS0037', `no signature verification certificate found for issuer '${trust.entityId}'`, 303);
  }
  const expected = signatureAlgorithms[trust.signatureAlgorithm ?? 'rsa-sha256'];
  if (verdict.algorithm !== expected) {
    throw refuse('MSIS7093', `the message is signed with '${verdict.algorithm}', expected is '${expected}'`, 378);
  }
  if (verdict.kind === 'invalid') throw refuse('MSIS0038', 'the SAML message has a wrong signature', 303);
  return verdict;
}

function requireHeader(root: XmlElement, isSigned: boolean, destination: string, trust: RelyingPartyTrust): void {
  const refuse = (message: string) => new AdfsError('MSIS7012', message, { relyingParty: trust.entityId });
  if (root.attributes.get('Version') !== '2.0') throw refuse('the message is not SAML 2.0');
  if (!/^[A-Za-z_][\w.-]*$/.test(root.attributes.get('ID') ?? '')) throw refuse('the message has no usable ID');
  if (Number.isNaN(Date.parse(root.attributes.get('IssueInstant') ?? ''))) throw refuse('IssueInstant is not a time');
  const named = root.attributes.get('Destination');
  // Bindings §3.4.5.2, §3.5.5.2: a signed message MUST name its destination, and it MUST be this endpoint.
  if (named === undefined ? isSigned : named !== destination) throw refuse(`the Destination is not '${destination}'`);
}
