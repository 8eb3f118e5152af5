// What an answer to a sign-in is judged by: the identity provider's keys and settings, and what was asked.
import type { KeyObject } from 'node:crypto';
import type { Asked, Expectations } from '../../saml/expectations.ts';
import {
  acceptResponse,
  receiveResponse,
  type ValidatedResponse,
  validateResponse,
} from '../../saml/validate-response.ts';
import { isUnknownKey } from '../../saml/xml/verify-signature.ts';
import type { IdpDirectory } from '../idp-metadata/idp-directory.ts';

export interface ValidateDeps {
  readonly idps: IdpDirectory;
  readonly serviceProvider: {
    readonly entityId: string;
    readonly acsUrl: string;
    readonly decryptionKeys: readonly KeyObject[];
  };
}

/** One IdP, one verifier: its keys, its rules. @throws BrokerError saml_refused, not_found or idp_unavailable */
export async function validate(
  deps: ValidateDeps,
  idp: string,
  message: string,
  now: Date,
  asked: Asked,
  received = receiveResponse(message, expectationsOf(deps, idp, asked), now),
): Promise<ValidatedResponse> {
  try {
    return acceptResponse(received, expectationsOf(deps, idp, asked), now);
  } catch (error) {
    if (!isUnknownKey(error) || !(await deps.idps.reread(idp))) throw error;
    return validateResponse(message, expectationsOf(deps, idp, asked), now);
  }
}

export function expectationsOf({ idps, serviceProvider }: ValidateDeps, idp: string, asked: Asked): Expectations {
  const { config, metadata } = idps.find(idp);
  return {
    idp: {
      entityId: metadata.entityId,
      signingCertificates: metadata.signingCertificates,
      decryptionKeys: serviceProvider.decryptionKeys,
      wantAssertionsSigned: config.wantAssertionsSigned,
      wantResponseSigned: config.wantResponseSigned,
    },
    acsUrl: serviceProvider.acsUrl,
    spEntityId: serviceProvider.entityId,
    clockSkewMs: config.clockSkewMs,
    ...asked,
  };
}
