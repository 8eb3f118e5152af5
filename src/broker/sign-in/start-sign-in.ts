// Sends a browser to a SAML identity provider and remembers what was asked.
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { type RandomBytes, randomXmlId } from '../../random.ts';
import { authnRequestXml, signedAuthnRequestXml } from '../../saml/authn-request.ts';
import { type PostForm, postForm } from '../../saml/post-binding.ts';
import { redirectUrl } from '../../saml/redirect-binding.ts';
import type { MessageSigner } from '../../saml/sign-message.ts';
import type { OneTimeStore } from '../../store/one-time.ts';
import type { IdpDirectory } from '../idp-metadata/idp-directory.ts';
import {
  boundOf,
  pendingSecret,
  pendingSignIn,
  pendingSignInShape,
  pendingTtlMs,
  type SignInRequest,
  signInState,
} from './pending-sign-in.ts';

export const pendingSamlSignInShape = pendingSignInShape.extend({
  /** ID of our AuthnRequest. */
  requestId: z.string(),
});
export type PendingSamlSignIn = Readonly<z.output<typeof pendingSamlSignInShape>>;

export interface StartDeps {
  readonly idps: IdpDirectory;
  readonly pendingSignIns: OneTimeStore<PendingSamlSignIn>;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly serviceProvider: {
    readonly entityId: string;
    readonly acsUrl: string;
    readonly signing: MessageSigner | undefined;
  };
}

/** How the browser goes to the identity provider. */
export type SignInStep = { readonly url: string } | { readonly form: PostForm };

/** @throws BrokerError not_found, idp_unavailable, store_unavailable, signing_unavailable or signing_refused */
export async function startSignIn(
  { idps, pendingSignIns, clock, random, serviceProvider }: StartDeps,
  request: SignInRequest,
): Promise<SignInStep> {
  const { ssoRedirectUrl, ssoPostUrl } = idps.find(request.idp).metadata;
  const destination = ssoRedirectUrl ?? ssoPostUrl!;
  const now = clock.now();
  const relayState = signInState(random, now);
  const requestId = randomXmlId(random);
  const pending: PendingSamlSignIn = { ...pendingSignIn(request, now), requestId };
  const secret = pendingSecret(request.browserSecret, relayState);
  await pendingSignIns.put(secret, pending, pendingTtlMs, boundOf(request));
  const { entityId, acsUrl, signing } = serviceProvider;
  const message = {
    ...{ id: requestId, issueInstant: now, destination, issuer: entityId, acsUrl, forceAuthn: pending.forceAuthn },
    requestedContexts: request.stepUp?.contexts ?? [],
  };
  if (ssoRedirectUrl === undefined) {
    const xml = signing ? await signedAuthnRequestXml(message, signing) : authnRequestXml(message);
    return { form: postForm('SAMLRequest', { destination, xml, relayState }) };
  }
  const xml = authnRequestXml(message);
  const signer = signing?.signer;
  return { url: await redirectUrl({ destination, parameter: 'SAMLRequest', xml, relayState, signer }) };
}
