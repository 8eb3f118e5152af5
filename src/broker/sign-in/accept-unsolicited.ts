// IdP-initiated sign-in: a response that nobody asked for (Profiles §4.1.5). Off unless an IdP's configuration allows it,
// because whoever can make a browser post can sign it in as somebody else.
import { samlRefusal } from '../../errors.ts';
import { responseIssuer } from '../../saml/gate.ts';
import type { KnownIdp } from '../idp-metadata/idp-directory.ts';
import type { PostedResponse } from './posted-response.ts';
import { claimAssertion, keepResponse, openSession, type SignInDeps, toSession, validateAnswer } from './sign-in.ts';

/** @returns where to go on. @throws BrokerError saml_refused or store_unavailable */
export async function acceptUnsolicited(deps: SignInDeps, posted: PostedResponse): Promise<string> {
  const { config } = findCandidate(deps, posted.samlResponse);
  const now = deps.clock.now();
  // Without a request there is no InResponseTo: one that is there belongs to a login of somebody else.
  const nothingAsked = { inResponseTo: undefined, authenticatedAfter: undefined };
  const assertion = await validateAnswer(deps, config.id, posted.samlResponse, now, nothingAsked);
  const session = toSession(deps, config.id, assertion, now, undefined);
  await claimAssertion(deps, assertion, now);
  const kept = await keepResponse(deps, posted, { session, assertion, now });
  await openSession(deps, posted, kept, assertion.issueInstant);
  // RelayState is a hint that anybody may have written: it picks from our list or is nothing.
  return config.unsolicited.returnTo.find((path) => path === posted.relayState) ?? '/';
}

// The Issuer is not verified yet. It only says whose keys and rules are to be applied, all of them.
function findCandidate({ idps }: SignInDeps, message: string): KnownIdp {
  const allowed = idps.list().filter((idp) => idp.unsolicited.allowed);
  const refusal = samlRefusal('correlation', 'this browser has no pending login for this RelayState');
  if (allowed.length === 0) throw refusal;
  const issuer = responseIssuer(message);
  const candidate = allowed.map((idp) => idps.find(idp.id)).find(({ metadata }) => metadata.entityId === issuer);
  if (!candidate) throw refusal;
  return candidate;
}
