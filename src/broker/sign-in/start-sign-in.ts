// Sends a browser to an identity provider and remembers what was asked.
import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { type RandomBytes, randomSecret, randomXmlId } from '../../random.ts';
import { authnRequestXml } from '../../saml/authn-request.ts';
import { redirectUrl } from '../../saml/redirect-binding.ts';
import type { OneTimeStore } from '../../store/one-time.ts';
import type { IdpDirectory } from '../idp-metadata/idp-directory.ts';
import {
  type PendingSamlLogin,
  pendingLoginOf,
  pendingLoginSecret,
  pendingLoginTtlMs,
  type StartLogin,
} from './pending-sign-in.ts';

export interface StartLoginDeps {
  readonly idps: IdpDirectory;
  readonly pendingLogins: OneTimeStore;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly serviceProvider: {
    readonly entityId: string;
    readonly acsUrl: string;
    readonly signingKey: KeyObject | undefined;
  };
}

/** @returns the URL at the identity provider. @throws BrokerError not_found, idp_unavailable or store_unavailable */
export async function startLogin(deps: StartLoginDeps, input: StartLogin): Promise<string> {
  const { metadata } = deps.idps.find(input.idp);
  const now = deps.clock.now();
  const relayState = randomSecret(deps.random);
  const requestId = randomXmlId(deps.random);
  const pending: PendingSamlLogin = { ...pendingLoginOf(input, now), requestId };
  await deps.pendingLogins.put(pendingLoginSecret(input.browserSecret, relayState), pending, pendingLoginTtlMs);
  const { entityId, acsUrl, signingKey } = deps.serviceProvider;
  const xml = authnRequestXml({
    id: requestId,
    issueInstant: now,
    destination: metadata.ssoRedirectUrl,
    issuer: entityId,
    acsUrl,
    forceAuthn: pending.forceAuthn,
    requestedContexts: input.stepUp?.stepUp?.contexts ?? [],
  });
  return redirectUrl({ destination: metadata.ssoRedirectUrl, parameter: 'SAMLRequest', xml, relayState, signingKey });
}
