// The identity provider's own response, for the mode `forward`: sealed in the store for a few minutes under a secret that only
// the session holds. When the session ends, the secret is gone and the response cannot be opened any more.
import { z } from 'zod';
import { principalKey } from '../../access/principal.ts';
import { BrokerError } from '../../errors.ts';
import { type RandomBytes, randomSecret } from '../../random.ts';
import type { Assertion } from '../../saml/validate-response.ts';
import type { OneTimeStore } from '../../store/one-time.ts';
import type { SignedInSession } from '../sign-in/session.ts';
import type { Purpose } from './granted-role.ts';

export interface IdpResponses {
  /** @returns the session as it is to be opened. @throws BrokerError store_unavailable */
  keep(response: string, assertion: Assertion, session: SignedInSession, now: Date): Promise<SignedInSession>;
  /** The base64 text as it was received. @throws BrokerError reauthentication_required or store_unavailable */
  read(session: SignedInSession, roleArn: string, purpose: Purpose, now: Date): Promise<string>;
  /** The person has signed out. @throws BrokerError store_unavailable */
  end(session: SignedInSession): Promise<void>;
}

/** STS redeems within 5 minutes of issue; a minute is for the way and for clocks. */
const keptMs = 4 * 60_000;
/** STS API: SAMLAssertion. */
const maxLength = 100_000;

export const storedResponseShape = z.object({ response: z.string(), principal: z.string(), assertionId: z.string() });
type StoredResponse = Readonly<z.output<typeof storedResponseShape>>;

export function createIdpResponses({
  store,
  random,
  claimNames,
}: {
  readonly store: OneTimeStore<StoredResponse>;
  readonly random: RandomBytes;
  /** Claims that offer a role: a person whose response cannot be forwarded loses them. */
  readonly claimNames: readonly string[];
}): IdpResponses {
  return {
    keep: async (response, assertion, session, now) => {
      // STS cannot read what was encrypted for us.
      if (assertion.isEncrypted || response.length > maxLength) {
        const claims = Object.entries(session.identity.claims).filter(([name]) => !claimNames.includes(name));
        return { ...session, identity: { ...session.identity, claims: Object.fromEntries(claims) } };
      }
      const until = Math.min(assertion.issuedAt.getTime() + keptMs, session.expiresAt);
      const ttlMs = Math.min(until - now.getTime(), keptMs);
      if (ttlMs <= 0) return session;
      const secret = randomSecret(random);
      const principal = principalKey(session.identity);
      const stored: StoredResponse = { response, principal, assertionId: session.assertionId };
      await store.put(secret, stored, ttlMs);
      return { ...session, idpResponse: { secret, until: now.getTime() + ttlMs } };
    },
    read: async (session, roleArn, purpose, now) => {
      const { idpResponse, identity, assertionId } = session;
      if (!idpResponse || idpResponse.until <= now.getTime()) throw reauthenticationRequired(roleArn, purpose);
      const stored = await store.peek(idpResponse.secret);
      const isOwn = stored?.principal === principalKey(identity) && stored.assertionId === assertionId;
      if (!stored || !isOwn) throw reauthenticationRequired(roleArn, purpose);
      return stored.response;
    },
    end: async ({ idpResponse }) => {
      if (idpResponse) await store.take(idpResponse.secret);
    },
  };
}

/** The HTTP layer makes the address of the sign-in, which comes back to the role. */
export function reauthenticationRequired(roleArn: string, purpose: Purpose, cause?: unknown): BrokerError {
  const message = 'no response of the identity provider that AWS would still take: it has to be a new one';
  return new BrokerError('reauthentication_required', message, { details: { roleArn, purpose }, cause });
}
