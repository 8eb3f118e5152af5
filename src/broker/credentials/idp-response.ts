// The identity provider's own response, for the mode `forward`: sealed in the store for a few minutes under a secret that
// stands in the session only. A session that has ended takes the secret with it, and nobody can open the response any more.
import { principalKey } from '../../access/principal.ts';
import { BrokerError } from '../../errors.ts';
import { type RandomBytes, randomSecret } from '../../random.ts';
import type { Assertion } from '../../saml/validate-response.ts';
import type { OneTimeStore } from '../../store/one-time.ts';
import type { SignedInSession } from '../sign-in/session.ts';

export interface IdpResponses {
  /** @returns the session as it is to be opened. @throws BrokerError store_unavailable */
  keep(response: string, assertion: Assertion, session: SignedInSession, now: Date): Promise<SignedInSession>;
  /** The base64 text as it was received. @throws BrokerError reauthentication_required or store_unavailable */
  read(session: SignedInSession, asked: ForwardedWish, now: Date): Promise<string>;
  /** The person has signed out. @throws BrokerError store_unavailable */
  end(session: SignedInSession): Promise<void>;
}

export interface ForwardedWish {
  readonly roleArn: string;
  readonly purpose: 'credentials' | 'console';
}

export interface IdpResponsesDeps {
  readonly store: OneTimeStore;
  readonly random: RandomBytes;
  /** Claims by which a role is offered: who has no usable response has none of them. */
  readonly claimNames: readonly string[];
}

/** STS redeems within 5 minutes of issue; a minute is for the way and for clocks. */
const keptMs = 4 * 60_000;
/** STS API: SAMLAssertion. */
const maxLength = 100_000;

interface Kept {
  readonly response: string;
  readonly principal: string;
  readonly assertionId: string;
}

export function createIdpResponses({ store, random, claimNames }: IdpResponsesDeps): IdpResponses {
  return {
    keep: async (response, assertion, session, now) => {
      // STS cannot read what was encrypted for us.
      if (assertion.isEncrypted || response.length > maxLength) return without(session, claimNames);
      const until = Math.min(assertion.issuedAt.getTime() + keptMs, session.expiresAt);
      const ttlMs = Math.min(until - now.getTime(), keptMs);
      if (ttlMs <= 0) return session;
      const secret = randomSecret(random);
      const kept: Kept = { response, principal: principalKey(session.identity), assertionId: session.assertionId };
      await store.put(secret, kept, ttlMs);
      return { ...session, idpResponse: { secret, until: now.getTime() + ttlMs } };
    },
    read: async (session, asked, now) => {
      const { idpResponse, identity, assertionId } = session;
      if (!idpResponse || idpResponse.until <= now.getTime()) throw reauthenticationRequired(asked);
      // Sealed by us: what opens is a Kept.
      const kept = (await store.peek(idpResponse.secret)) as Kept | undefined;
      const isOwn = kept?.principal === principalKey(identity) && kept.assertionId === assertionId;
      if (!kept || !isOwn) throw reauthenticationRequired(asked);
      return kept.response;
    },
    end: async ({ idpResponse }) => {
      if (idpResponse) await store.take(idpResponse.secret);
    },
  };
}

/** The way back is the portal's own: `/?resume=…`, behind one button. */
export function reauthenticationRequired({ roleArn, purpose }: ForwardedWish, cause?: unknown): BrokerError {
  const returnTo = `/?${new URLSearchParams({ resume: purpose, role: roleArn })}`;
  const reauthenticationUrl = `/login?${new URLSearchParams({ return_to: returnTo })}`;
  const message = 'no response of the identity provider that AWS would still take: it has to be a new one';
  return new BrokerError('reauthentication_required', message, { details: { roleArn, reauthenticationUrl }, cause });
}

function without(session: SignedInSession, names: readonly string[]): SignedInSession {
  const { identity } = session;
  const claims = Object.entries(identity.claims).filter(([name]) => !names.includes(name));
  return { ...session, identity: { ...identity, claims: Object.fromEntries(claims) } };
}
