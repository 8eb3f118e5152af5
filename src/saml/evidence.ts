// What a second verifier needs to check the first one's work. Plain data: it can be handed to a worker thread.

export interface Evidence {
  /** The Response as it was received, decoded. */
  readonly xml: string;
  /** What was in its EncryptedAssertion. */
  readonly decrypted: string | undefined;
  /** The canonical octets that were digested, of each element that is signed. */
  readonly responseOctets: string | undefined;
  readonly assertionOctets: string | undefined;
  /** PEM: the keys of the identity provider. */
  readonly signingCertificates: readonly string[];
  /** Those of them whose keys signed this message. */
  readonly usedCertificates: readonly string[];
}
