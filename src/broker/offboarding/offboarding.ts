// Ends a person's access when the company's identity system says so: by security events that transmitters push, or by SCIM.
import type { Audit, RequestFacts } from '../../audit/events.ts';
import type { Clock } from '../../clock.ts';
import { BrokerError } from '../../errors.ts';
import type { SecurityEvent, SignalKind } from '../../oidc/security-event.ts';
import type { OneTimeStore } from '../../store/one-time.ts';
import type { SessionDirectory } from '../session-directory.ts';
import type { AccountState, KeptOut, OffboardedPerson } from '../sign-in/kept-out.ts';
import { refusalFacts } from '../sign-in/open-session.ts';

export interface Transmitter {
  readonly config: {
    readonly id: string;
    readonly identityProvider: string;
    readonly issuer: string;
    readonly maxAgeMs: number;
    readonly clockSkewMs: number;
  };
  /** @throws BrokerError openid_refused or idp_unavailable */
  readonly read: (token: string) => Promise<SecurityEvent>;
}

export interface Signal extends OffboardedPerson {
  readonly kind: SignalKind | 'account-deleted';
  /** Id in the configuration of who sent it, for audit records: `events:okta`, `scim:entra`. */
  readonly by: string;
  readonly occurredAt: Date;
  /** `jti` of its token. */
  readonly eventId?: string;
}

export interface Offboarding {
  /**
   * Carries out a pushed token; one that came before has no effect.
   * @throws BrokerError openid_refused, not_found, idp_unavailable, store_unavailable or audit_unavailable
   */
  receive(transmitter: string, token: unknown, request: RequestFacts): Promise<void>;
  /** Sessions end in every process with their next request. @throws BrokerError store_unavailable or audit_unavailable */
  carryOut(signal: Signal, request: RequestFacts): Promise<void>;
  /** @throws BrokerError store_unavailable */
  stateOf(person: OffboardedPerson): Promise<AccountState>;
  /** @param by as in `Signal`, or the protocol where the sender is unknown. @throws BrokerError audit_unavailable */
  recordRefusal(by: string, error: unknown, request: RequestFacts): Promise<void>;
}

export interface OffboardingDeps {
  readonly transmitters: ReadonlyMap<string, Transmitter>;
  readonly directory: SessionDirectory;
  readonly keptOut: KeptOut;
  readonly usedTokens: OneTimeStore<never>;
  readonly audit: Audit;
  readonly clock: Clock;
}

export function createOffboarding(deps: OffboardingDeps): Offboarding {
  const { transmitters, keptOut, audit } = deps;
  const recordRefusal: Offboarding['recordRefusal'] = async (by, error, request) => {
    const known = error instanceof BrokerError ? error : undefined;
    const [code, detail] = [known?.code ?? 'internal', known?.message ?? 'unexpected error'];
    const facts = { code, reason: known?.reason, detail, ...refusalFacts(known) };
    await audit.record({ event: 'offboarding_refused', by, ...facts }, request);
  };
  return {
    receive: async (id, token, request) => {
      const transmitter = transmitters.get(id);
      if (!transmitter) throw new BrokerError('not_found', 'no such transmitter');
      try {
        if (typeof token !== 'string') throw new BrokerError('bad_request', 'not a body of application/secevent+jwt');
        await receiveToken(deps, transmitter, token, request);
      } catch (error) {
        await recordRefusal(`events:${id}`, error, request);
        throw error;
      }
    },
    carryOut: (signal, request) => carryOut(deps, signal, request),
    stateOf: keptOut.stateOf,
    recordRefusal,
  };
}

async function receiveToken(
  deps: OffboardingDeps,
  { config: { id, identityProvider: idp, issuer, maxAgeMs, clockSkewMs }, read }: Transmitter,
  token: string,
  request: RequestFacts,
): Promise<void> {
  const { usedTokens, audit } = deps;
  const { jti: eventId, signal } = await read(token);
  const by = `events:${id}`;
  // RFC 8935 §2: a transmitter repeats what it believes lost, and is told that it arrived.
  const mark = JSON.stringify([issuer, eventId]);
  if (await usedTokens.findMark(mark)) return;
  if (signal) await carryOut(deps, { ...signal, idp, by, eventId }, request);
  else await audit.record({ event: 'offboarding_ignored', by, eventId }, request);
  // Last: if anything before fails, the same token still has its effect.
  await usedTokens.claim(mark, maxAgeMs + 2 * clockSkewMs);
}

/** Marks first: a sign-in at the same time is either ended here or sees the mark. */
async function carryOut(
  { keptOut, directory, audit, clock }: OffboardingDeps,
  { kind, idp, user, by, occurredAt, eventId }: Signal,
  request: RequestFacts,
): Promise<void> {
  const person = { idp, user };
  const facts = { event: 'offboarding_received', by, signal: kind, ...person, ...(eventId && { eventId }) } as const;
  if (kind === 'account-enabled') {
    const isNewest = await keptOut.setState(person, 'enabled', occurredAt);
    await audit.record({ ...facts, ...(isNewest ? {} : { outdated: true }) }, request);
    return;
  }
  if (kind !== 'session-revoked') await keptOut.setState(person, 'disabled', occurredAt);
  await keptOut.revoke(person, new Date(Math.min(occurredAt.getTime(), clock.now().getTime())));
  const sessionsEnded = await directory.end({ ...person, anySpelling: true }, by, request);
  await audit.record({ ...facts, sessionsEnded }, request);
  // Last: a deletion that failed before is repeated by its sender, and a deleted user would not be found.
  if (kind === 'account-deleted') await keptOut.setState(person, 'deleted', occurredAt);
}
