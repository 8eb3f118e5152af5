// The one file that knows node-saml. It is used for a single thing: from a gated message and the keys of one IdP, the
// bytes that were signed. What those bytes mean is judged in validate-response.ts and nowhere else.
import type { KeyObject } from 'node:crypto';
import { type Profile, SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { samlRefusal } from '../errors.ts';
import type { GatedResponse } from './gate.ts';

export interface VerificationKeys {
  /** PEM, of one IdP. */
  readonly signingCertificates: readonly string[];
  readonly assertionIsSigned: boolean;
  /** The key that opened an encrypted assertion. */
  readonly decryptionKey: KeyObject | undefined;
}

/**
 * The assertion as it was signed: every Signature in the message has been verified with a key of this IdP.
 * @throws BrokerError saml_refused `signature`
 */
export async function verifiedAssertion(gated: GatedResponse, keys: VerificationKeys): Promise<string> {
  const verifier = new SignatureVerifier({
    idpCert: [...keys.signingCertificates],
    issuer: 'rolegate',
    callbackUrl: 'https://rolegate.invalid/saml/acs',
    // Correlation and audience are judged on the verified bytes, with our clock.
    audience: false,
    validateInResponseTo: ValidateInResponseTo.never,
    // A Signature that is present must verify: node-saml passes over a bad one where it was not told to want it.
    wantAuthnResponseSigned: gated.responseIsSigned,
    wantAssertionsSigned: keys.assertionIsSigned,
    ...(keys.decryptionKey ? { decryptionPvk: pemOf(keys.decryptionKey) } : {}),
    signatureAlgorithm: 'sha256',
  });
  try {
    await verifier.validatePostResponseAsync({ SAMLResponse: gated.base64 });
  } catch (cause) {
    throw samlRefusal('signature', `signature not verified: ${(cause as Error).message.slice(0, 80)}`);
  }
  if (verifier.verifiedXml === undefined) throw samlRefusal('signature', 'nothing in the message was verified');
  return verifier.verifiedXml;
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

// node-saml calls this method with exactly the bytes whose digest was signed, then starts its own, laxer reading of
// them. Stopping here keeps the first and leaves the second out.
class SignatureVerifier extends SAML {
  verifiedXml: string | undefined;

  protected override async processValidlySignedAssertionAsync(
    xml: string,
  ): Promise<{ profile: Profile; loggedOut: boolean }> {
    this.verifiedXml = xml;
    return { profile: { issuer: '', nameID: '', nameIDFormat: '' } as Profile, loggedOut: false };
  }
}
