// When the reference verifier checks an accepted response, and the outcome if it disagrees. It can only reject.
import type { Audit, RequestFacts } from '../../audit/events.ts';
import type { Clock } from '../../clock.ts';
import { BrokerError, samlRefusal } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { RandomBytes } from '../../random.ts';
import { type ReferenceInput, type ReferenceVerdict, referenceInput } from '../../saml/reference-input.ts';
import type { ValidatedResponse } from '../../saml/validate-response.ts';
import type { DistrustedIdps } from './distrusted-idps.ts';
import type { SignedInSession } from './session.ts';

type ReferenceMode = 'always' | 'sampled' | 'never';
export type SampleOutcome = 'agreed' | 'disagreed' | 'skipped';

/** Runs the reference verifier away from the event loop, with a bounded queue. */
export interface ReferenceVerifier {
  /** @throws Error if the queue is full, the time is up, or the worker has failed */
  check(input: ReferenceInput): Promise<ReferenceVerdict>;
  close?(): Promise<void>;
}

/** A sign-in whose session is open. */
interface OpenedSignIn {
  readonly session: SignedInSession;
  readonly request: RequestFacts;
  /** Ends the session and the CLI sessions that were opened with it. */
  readonly end: () => Promise<void>;
}

export interface ReferenceCheck {
  /**
   * Before the session opens.
   * @throws BrokerError saml_refused `signature` if the reference disagrees, verification_unavailable without its answer
   */
  before(validated: ValidatedResponse, session: SignedInSession, request: RequestFacts): Promise<void>;
  /** Checks a sample in the background. */
  after(validated: ValidatedResponse, opened: OpenedSignIn): void;
}

export interface ReferenceCheckDeps {
  readonly mode: ReferenceMode;
  readonly verifier: ReferenceVerifier;
  readonly distrusted: Omit<DistrustedIdps, 'remove'>;
  readonly audit: Audit;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly onSample: (outcome: SampleOutcome) => void;
}

/** One of this many responses is checked after its session has opened. */
const sampleOneIn = 100;
/** A process learns within this time that another one distrusts an IdP. */
const distrustedRefreshMs = 5000;

export function createReferenceCheck(deps: ReferenceCheckDeps): ReferenceCheck {
  const { mode, verifier, distrusted, audit, log, clock, random, onSample } = deps;
  /** Keys of an IdP whose first message the reference has confirmed; a message that arrives meanwhile waits for it. */
  const confirmations = new Map<string, Promise<boolean>>();
  const distrust = rememberDistrusted(distrusted, clock);
  const disagree = async (
    { identity: { idp, user }, assertionId }: SignedInSession,
    { detail, sessionEnded }: { detail: string; sessionEnded: boolean },
    request: RequestFacts,
  ): Promise<void> => {
    log.error({ idp, assertionId, detail }, 'the reference verifier disagrees with an accepted response');
    distrust.forget();
    await distrusted.add(idp);
    await audit.record({ event: 'verification_disagreed', idp, user, assertionId, detail, sessionEnded }, request);
  };
  const requireAgreement = async (
    validated: ValidatedResponse,
    session: SignedInSession,
    request: RequestFacts,
  ): Promise<void> => {
    const verdict = await ask(verifier, validated);
    if (verdict.agrees) return;
    await disagree(session, { detail: verdict.difference, sessionEnded: false }, request);
    throw samlRefusal('signature', `the reference verifier disagrees: ${verdict.difference}`);
  };
  return {
    before: async (validated, session, request) => {
      if (mode === 'never') return;
      const { idp } = session.identity;
      // New keys of the metadata, and each key that signs for the first time, are confirmed again.
      const key = JSON.stringify([idp, validated.evidence.usedCertificates, validated.evidence.signingCertificates]);
      const isSampled = mode === 'sampled' && !(await distrust.has(idp));
      // Of messages that arrive together the first is checked; the others wait, and are checked if it was not confirmed.
      const earlier = isSampled ? confirmations.get(key) : undefined;
      if (earlier && (await earlier.catch(() => false))) return;
      const confirmation = requireAgreement(validated, session, request).then(() => true);
      confirmations.set(key, confirmation);
      try {
        await confirmation;
      } catch (error) {
        if (confirmations.get(key) === confirmation) confirmations.delete(key);
        throw error;
      }
    },
    after: (validated, { session, request, end }) => {
      if (mode !== 'sampled' || random(4).readUInt32BE() % sampleOneIn !== 0) return;
      const sample = async () => {
        const verdict = await ask(verifier, validated).catch(() => undefined);
        onSample(verdict === undefined ? 'skipped' : verdict.agrees ? 'agreed' : 'disagreed');
        if (verdict === undefined || verdict.agrees) return;
        await end();
        await disagree(session, { detail: verdict.difference, sessionEnded: true }, request);
      };
      // Nothing waits for a sample: what it cannot do is an error in the log.
      void sample().catch((error: unknown) =>
        log.error({ detail: (error as Error).message }, 'reference sample failed'),
      );
    },
  };
}

/** The distrusted IdPs, as they were a few seconds ago. */
function rememberDistrusted(distrusted: ReferenceCheckDeps['distrusted'], clock: Clock) {
  let known: { readonly idps: readonly string[]; readonly readAt: number } | undefined;
  return {
    has: async (idp: string): Promise<boolean> => {
      const now = clock.now().getTime();
      if (!known || now - known.readAt > distrustedRefreshMs) known = { idps: await distrusted.list(), readAt: now };
      return known.idps.includes(idp);
    },
    forget: () => {
      known = undefined;
    },
  };
}

async function ask(verifier: ReferenceVerifier, validated: ValidatedResponse): Promise<ReferenceVerdict> {
  try {
    return await verifier.check(referenceInput(validated));
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new BrokerError('verification_unavailable', `no answer of the reference verifier: ${reason}`, { cause });
  }
}
