// What ends every sign-in, whatever the protocol: the old session ends, a new one opens, and the record is written. A
// refusal leaves a record too.
import { hintText, type IdentityHint } from '../../access/identity-hints.ts';
import type { Identity } from '../../access/model.ts';
import { principalKey } from '../../access/principal.ts';
import type { Audit, RequestFacts } from '../../audit/events.ts';
import type { Clock } from '../../clock.ts';
import { BrokerError, samlRefusal } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { type RandomBytes, randomSecret } from '../../random.ts';
import type { KeyValue } from '../../store/key-value.ts';
import type { SessionEntry } from '../session-entry.ts';
import type { Admits } from './admission.ts';
import type { KeptOut } from './kept-out.ts';
import type { PendingSignIn } from './pending-sign-in.ts';
import { type SignedInSession, sessionTtlMs } from './session.ts';
import type { SessionIndex } from './session-index.ts';
import type { SessionStore } from './session-store.ts';

/** The request that brought the answer. */
export interface AnswerRequest {
  /** From the login cookie; empty without one. */
  readonly browserSecret: string;
  readonly request: RequestFacts;
  /** Id of the session whose cookie came along, if one did: it ends. */
  readonly cookieSession: string | undefined;
  /** Names the browser's last session where its own cookie does not come along: that session ends too. */
  readonly endToken: string | undefined;
  /** Gives the browser the id of its new session. */
  readonly giveSession: (id: string) => void;
}

export interface SessionOpenerDeps {
  readonly sessions: SessionStore;
  readonly sessionIndex: SessionIndex;
  readonly audit: Audit;
  readonly log: Logger;
  /** Unusual values of a sign-in. */
  readonly hintsOf: (identity: Identity) => readonly IdentityHint[];
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly inOrder: KeyValue['inOrder'];
  readonly idleTimeoutMs: number;
  readonly admits: Admits;
  /** Undefined without a configured sender of offboarding signals. */
  readonly keptOut: KeptOut | undefined;
}

interface OpenedSession {
  /** Ends the session again. @throws BrokerError store_unavailable */
  readonly end: () => Promise<void>;
}

export interface SessionOpener {
  /**
   * @throws BrokerError saml_refused `expired` if the identity provider has ended this session meanwhile, store_unavailable or
   * audit_unavailable; access_denied for people whom the configuration denies
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

export function createSessionOpener(deps: SessionOpenerDeps): SessionOpener {
  const { sessions, audit, log, hintsOf, random, admits } = deps;
  const open = async (answer: AnswerRequest, session: SignedInSession, issuedAt: Date, oldHandle?: string) => {
    if (!admits(session.identity))
      throw new BrokerError('access_denied', 'the person or one of their groups is in deny');
    const id = randomSecret(random);
    const handle = sessions.handleOf(id);
    const end = async () => void (await sessions.destroyByHandle(handle));
    const { cookieSession, endToken } = answer;
    const ending = [
      oldHandle,
      cookieSession && sessions.handleOf(cookieSession),
      endToken && sessions.handleOfEndToken(endToken),
    ];
    try {
      await store(deps, { id, handle, session, issuedAt, request: answer.request }, [
        ...new Set(ending.filter((each) => each !== undefined)),
      ]);
      const { idp, user, authnContexts } = session.identity;
      const event = { event: 'sign_in', idp, user, assertionId: session.assertionId, authnContexts } as const;
      await audit.record(event, answer.request);
      const { requestId } = answer.request;
      for (const hint of hintsOf(session.identity)) log.warn({ requestId, idp, ...hint }, hintText(hint));
    } catch (error) {
      // The id stays secret. The session ends all the same if the store answers; the caller gets the first error.
      await end().catch(() => undefined);
      throw error;
    }
    answer.giveSession(id);
    return { end };
  };
  return {
    open,
    replace: async (answer, { oldSession, returnTo, forceAuthn, startedAt }, session, issuedAt) => {
      const asked = { ...session, askedAnewAt: forceAuthn ? startedAt : undefined };
      const { end } = await open(answer, asked, issuedAt, oldSession?.handle);
      // Another person answered the step-up: they are signed in, and what the first person had chosen is dropped.
      const isOther = oldSession !== undefined && oldSession.principal !== principalKey(session.identity);
      return { end, returnTo: isOther ? '/' : returnTo };
    },
    recordRefusal: async (request, idp, error) => {
      const known = error instanceof BrokerError ? error : undefined;
      const code = known?.code ?? 'internal';
      const detail = known?.message ?? 'unexpected error';
      const facts = refusalFacts(known);
      await audit.record({ event: 'sign_in_refused', idp, code, reason: known?.reason, detail, ...facts }, request);
    },
  };
}

interface NewSession {
  readonly id: string;
  readonly handle: string;
  readonly session: SignedInSession;
  readonly issuedAt: Date;
  readonly request: RequestFacts;
}

/** Findable before it is there, and asked about past logouts and signals afterwards: of one at the same time, one sees the other. */
async function store(
  { sessions, sessionIndex, keptOut, clock, inOrder, idleTimeoutMs }: SessionOpenerDeps,
  { id, handle, session, issuedAt, request }: NewSession,
  ending: readonly string[],
): Promise<void> {
  const now = clock.now();
  const entry: SessionEntry = {
    ...{ kind: 'browser', idp: session.identity.idp, user: session.identity.user },
    ...{ signedInAt: now.getTime(), expiresAt: session.expiresAt },
    ...{ userAgent: request.userAgent, address: request.sourceIp },
  };
  const end = async () => Promise.all(ending.map((old) => sessions.destroyByHandle(old)));
  const [, , , wasLoggedOut, refusal] = await inOrder([
    end,
    () => sessionIndex.register(session, handle, now),
    () => sessions.create(id, { signedIn: session }, sessionTtlMs(session, idleTimeoutMs, now), entry),
    () => sessionIndex.wasLoggedOut(session, issuedAt),
    async () => keptOut?.refusal(session.identity, issuedAt),
  ]);
  if (wasLoggedOut) throw samlRefusal('expired', 'the identity provider has ended this session');
  if (refusal) throw refusal;
}

/** What helps an operator of the other side; none of it is a secret. */
export function refusalFacts(
  error: BrokerError | undefined,
): Readonly<Partial<Record<'received' | 'expected' | 'algorithm', string>>> {
  const names = ['received', 'expected', 'algorithm'] as const;
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = error?.details[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}
