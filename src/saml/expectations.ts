// What the answer to one sign-in request has to fit.
import type { KeyObject } from 'node:crypto';

/** What one pending login expects of the answer. */
export interface Expectations {
  readonly idp: {
    readonly entityId: string;
    /** PEM */
    readonly signingCertificates: readonly string[];
    /** The broker's keys, for encrypted assertions; without any they are refused. */
    readonly decryptionKeys: readonly KeyObject[];
    readonly wantAssertionsSigned: boolean;
    readonly wantResponseSigned: boolean;
  };
  readonly acsUrl: string;
  readonly spEntityId: string;
  /** ID of the AuthnRequest that is answered; undefined for an unsolicited response. */
  readonly inResponseTo: string | undefined;
  readonly clockSkewMs: number;
  /** With ForceAuthn: the person must have signed in after this moment. */
  readonly authenticatedAfter?: Date | undefined;
}
