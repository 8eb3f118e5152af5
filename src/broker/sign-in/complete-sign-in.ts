// From a posted SAMLResponse to a session. The order is the promise: look up what this browser asked for, validate,
// claim the assertion's id, take the pending login; only who wins both gets a session.
import type { RequestFacts } from '../../audit/events.ts';
import { BrokerError, requireSaml, samlRefusal } from '../../errors.ts';
import { acceptUnsolicited } from './accept-unsolicited.ts';
import { type PendingSamlLogin, pendingLoginSecret } from './pending-sign-in.ts';
import type { PostedForm, PostedResponse } from './posted-response.ts';
import { claimAssertion, keepResponse, replaceSession, type SignInDeps, toSession, validateAnswer } from './sign-in.ts';

/** @returns where to go on. @throws BrokerError saml_refused, store_unavailable or audit_unavailable */
export async function completeLogin(deps: SignInDeps, form: PostedForm): Promise<string> {
  let idp: string | undefined;
  try {
    const posted = { ...form, samlResponse: only(form.samlResponse), relayState: only(form.relayState ?? '') };
    const secret = pendingLoginSecret(posted.browserSecret, posted.relayState);
    // Sealed by us: what opens is a PendingSamlLogin.
    const pending = (await deps.pendingLogins.peek(secret)) as PendingSamlLogin | undefined;
    if (!pending) return await acceptUnsolicited(deps, posted);
    idp = pending.idp;
    return await answerPending(deps, posted, pending, secret);
  } catch (error) {
    await recordRefusal(deps, form.request, idp, error);
    throw error;
  }
}

/** Twice, or not at all: which one would be meant? */
function only(value: unknown): string {
  if (typeof value === 'string') return value;
  throw samlRefusal('malformed', 'not exactly one SAMLResponse and at most one RelayState in the form');
}

async function answerPending(
  deps: SignInDeps,
  posted: PostedResponse,
  pending: PendingSamlLogin,
  secret: string,
): Promise<string> {
  const now = deps.clock.now();
  const assertion = await validateAnswer(deps, pending.idp, posted.samlResponse, now, {
    inResponseTo: pending.requestId,
    authenticatedAfter: pending.forceAuthn ? new Date(pending.startedAt) : undefined,
  });
  const session = toSession(deps, pending.idp, assertion, now, pending.stepUpRole);
  await claimAssertion(deps, assertion, now);
  const taken = await deps.pendingLogins.take(secret);
  requireSaml(taken !== undefined, 'replay', 'this pending login was answered before');
  const kept = await keepResponse(deps, posted, { session, assertion, now });
  return replaceSession(deps, posted, { pending, session: kept, issuedAt: assertion.issueInstant });
}

/** Every refusal leaves one record. */
export async function recordRefusal(
  deps: Pick<SignInDeps, 'audit'>,
  request: RequestFacts,
  idp: string | undefined,
  error: unknown,
) {
  const known = error instanceof BrokerError ? error : undefined;
  await deps.audit.record(
    {
      event: 'sign_in_refused',
      idp,
      code: known?.code ?? 'internal',
      reason: known?.reason,
      detail: known?.message ?? 'unexpected error',
    },
    request,
  );
}
