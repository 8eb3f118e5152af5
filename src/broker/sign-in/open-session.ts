// What ends every sign-in, whatever the protocol: the old session ends, a new one opens, and the record is written. A
// refusal leaves a record too.
import { principalKey } from '../../access/principal.ts';
import type { Audit, RequestFacts } from '../../audit/events.ts';
import type { Clock } from '../../clock.ts';
import { BrokerError, samlRefusal } from '../../errors.ts';
import type { SessionStore } from '../../store/session.ts';
import type { PendingSignIn } from './pending-sign-in.ts';
import type { SignedInSession } from './session.ts';
import type { SessionIndex } from './session-index.ts';

/** The request that brought the answer. */
export interface AnswerRequest {
  /** From the login cookie; empty without one. */
  readonly browserSecret: string;
  readonly request: RequestFacts;
  /** Opens the browser's new session, under a new id. `register` is told its handle before it can be used. */
  readonly openSession: (session: SignedInSession, register: (handle: string) => Promise<void>) => Promise<void>;
}

export interface SessionOpenerDeps {
  readonly sessions: SessionStore;
  readonly sessionIndex: SessionIndex;
  readonly audit: Audit;
  readonly clock: Clock;
}

interface OpenedSession {
  /** Ends the session again. @throws BrokerError store_unavailable */
  readonly end: () => Promise<void>;
}

export interface SessionOpener {
  /**
   * @throws BrokerError saml_refused `expired` if the identity provider has ended this session meanwhile, store_unavailable or
   * audit_unavailable
   */
  open(answer: AnswerRequest, session: SignedInSession, issuedAt: Date): Promise<OpenedSession>;
  /** Ends what the sign-in replaces, then opens. @throws as open */
  replace(
    answer: AnswerRequest,
    pending: PendingSignIn,
    session: SignedInSession,
    issuedAt: Date,
  ): Promise<OpenedSession & { readonly returnTo: string }>;
  recordRefusal(request: RequestFacts, idp: string | undefined, error: unknown): Promise<void>;
}

export function createSessionOpener({ sessions, sessionIndex, audit, clock }: SessionOpenerDeps): SessionOpener {
  const open: SessionOpener['open'] = async (answer, session, issuedAt) => {
    let opened: string | undefined;
    const end = async () => {
      if (opened !== undefined) await sessions.destroyByHandle(opened);
    };
    await answer.openSession(session, async (handle) => {
      opened = handle;
      await sessionIndex.register(session, handle, clock.now());
    });
    if (await sessionIndex.wasLoggedOut(session, issuedAt)) {
      await end();
      throw samlRefusal('expired', 'the identity provider has ended this session');
    }
    const { idp, user, authnContexts } = session.identity;
    try {
      await audit.record(
        { event: 'sign_in', idp, user, assertionId: session.assertionId, authnContexts },
        answer.request,
      );
    } catch (error) {
      // The cookie goes out with the 503 as well: a session must lead back to a recorded sign-in.
      await end();
      throw error;
    }
    return { end };
  };
  return {
    open,
    replace: async (answer, { oldSession, returnTo, forceAuthn, startedAt }, session, issuedAt) => {
      if (oldSession) await sessions.destroyByHandle(oldSession.handle);
      const { end } = await open(answer, { ...session, askedAnewAt: forceAuthn ? startedAt : undefined }, issuedAt);
      // Another person answered the step-up: they are signed in, and what the first person had chosen is dropped.
      const isOther = oldSession !== undefined && oldSession.principal !== principalKey(session.identity);
      return { end, returnTo: isOther ? '/' : returnTo };
    },
    recordRefusal: async (request, idp, error) => {
      const known = error instanceof BrokerError ? error : undefined;
      const code = known?.code ?? 'internal';
      const detail = known?.message ?? 'unexpected error';
      await audit.record({ event: 'sign_in_refused', idp, code, reason: known?.reason, detail }, request);
    },
  };
}
