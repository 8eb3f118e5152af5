// What the answer to one sign-in request has to fit.
import type { KeyObject } from 'node:crypto';

/** What was asked for. */
export interface Asked {
  /** ID of the AuthnRequest that is answered; undefined for an unsolicited response. */
  readonly inResponseTo: string | undefined;
  /** With ForceAuthn: the person must have signed in after this moment. */
  readonly authenticatedAfter?: Date | undefined;
}

/** What one pending login expects of the answer. */
export interface Expectations extends Asked {
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
  readonly clockSkewMs: number;
}
