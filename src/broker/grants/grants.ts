// Sign-ins of the command line. A grant holds its own copy of the verified identity, which only its tokens' bearer can
// read; indexes under HMACs find it by its person and by the identity provider's session, so that it can be ended.
import { z } from 'zod';
import type { Identity } from '../../access/model.ts';
import { principalKey } from '../../access/principal.ts';
import type { Clock } from '../../clock.ts';
import { BrokerError } from '../../errors.ts';
import { type RandomBytes, randomSecret } from '../../random.ts';
import type { HashedIndex, IndexEntry } from '../../store/hashed-index.ts';
import { inBatches } from '../../store/in-batches.ts';
import type { ListedRecords } from '../../store/listed-records.ts';
import { deviceShape, type SessionEntry } from '../session-entry.ts';
import type { Admits } from '../sign-in/admission.ts';
import type { KeptOut } from '../sign-in/kept-out.ts';
import type { LogoutScope, NamedSessions } from '../sign-in/named-sessions.ts';
import type { OidcLogoutScope, OidcSessions } from '../sign-in/oidc-sessions.ts';
import { type SignedInSession, sessionShape } from '../sign-in/session.ts';

const summaryShape = z.object({
  device: deviceShape,
  /** Address from which the command line asked, as this server saw it. */
  sourceIp: z.string(),
  /** Milliseconds since 1970. */
  confirmedAt: z.number(),
});
type GrantSummary = Readonly<z.output<typeof summaryShape>>;

export const grantShape = summaryShape.extend({
  session: sessionShape,
  /** Until then the code has to be redeemed, in milliseconds since 1970; undefined once it was. */
  redeemBy: z.number().optional(),
});
export type Grant = Readonly<z.output<typeof grantShape>>;

export interface ListedGrant extends GrantSummary {
  /** For audit records and for ending it; opens nothing. */
  readonly name: string;
}

export interface Grants {
  /** @returns the secret from which the grant is read. @throws BrokerError access_denied or store_unavailable */
  open(session: SignedInSession, summary: GrantSummary): Promise<string>;
  /** Undefined where it has ended. @throws BrokerError store_unavailable */
  read(id: string): Promise<Grant | undefined>;
  /** The first tokens go out: from now on it lasts as long as its sign-in. @returns false if it has ended meanwhile */
  activate(id: string): Promise<boolean>;
  /** @returns whether this call ended it */
  end(id: string): Promise<boolean>;
  nameOf(id: string): string;
  /** The newest first. */
  list(person: Identity): Promise<ListedGrant[]>;
  /** Whether the person has any. */
  hasAny(person: Identity): Promise<boolean>;
  /** Ends one of the person's, or all. @returns how many ended */
  endOf(person: Identity, name?: string): Promise<number>;
  /** What an identity provider's logout means. @returns how many ended */
  endOfLogout(scope: LogoutScope): Promise<number>;
  /** The same of an OpenID provider. */
  endOfOidcLogout(scope: OidcLogoutScope): Promise<number>;
}

export interface GrantsDeps {
  readonly records: ListedRecords<Grant, SessionEntry>;
  readonly byPerson: HashedIndex;
  readonly byLogout: NamedSessions;
  readonly byOidcLogout: OidcSessions;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly admits: Admits;
  /** Undefined without a configured sender of offboarding signals. */
  readonly keptOut: KeptOut | undefined;
}

/** The code lives for a minute; after that a grant without tokens is nothing. */
const redeemMs = 90_000;

export function createGrants(deps: GrantsDeps): Grants {
  const { records, clock, admits } = deps;
  const read = async (id: string) => {
    const grant = await records.read(id);
    // The store uses another clock; this one decides.
    const end = grant && Math.min(grant.session.expiresAt, grant.redeemBy ?? Number.POSITIVE_INFINITY);
    if (!grant || end === undefined || end <= clock.now().getTime()) return undefined;
    return admits(grant.session.identity) ? grant : undefined;
  };
  return {
    open: (session, summary) => openGrant(deps, session, summary),
    read,
    activate: async (id) => {
      const grant = await read(id);
      if (!grant) return false;
      await records.touch(id, grant.session.expiresAt - clock.now().getTime());
      return records.change(id, (value) => ({ ...value, redeemBy: undefined }));
    },
    end: (id) => records.destroyByHandle(records.handleOf(id)),
    nameOf: (id) => records.publicIdOf(records.handleOf(id)),
    list: (person) => listGrants(deps, person),
    hasAny: async (person) => {
      for (const { value } of (await deps.byPerson.find(principalKey(person), undefined)).reverse()) {
        if ((await records.entryOf(value))?.kind === 'cli') return true;
      }
      return false;
    },
    endOf: async (person, name) => {
      const entries = await deps.byPerson.find(principalKey(person), undefined);
      const meant = entries.filter(({ value }) => name === undefined || records.publicIdOf(value) === name);
      return endEach(records, deps.byPerson, meant);
    },
    endOfOidcLogout: async (scope) => endEach(records, deps.byOidcLogout, await deps.byOidcLogout.find(scope)),
    endOfLogout: async (scope) => {
      let ended = 0;
      for (const each of await deps.byLogout.find(scope)) {
        if (await records.destroyByHandle(each.entry.value)) ended++;
        await deps.byLogout.remove(each);
      }
      return ended;
    },
  };
}

/** Findable first, usable then: what cannot be ended must not exist. */
async function openGrant(deps: GrantsDeps, session: SignedInSession, summary: GrantSummary): Promise<string> {
  const { records, clock, random, byPerson, byLogout, byOidcLogout, keptOut } = deps;
  const now = clock.now().getTime();
  const ttlMs = session.expiresAt - now;
  const id = randomSecret(random);
  const value = records.handleOf(id);
  const { identity, nameId } = session;
  await byPerson.add(principalKey(identity), { label: '', value }, ttlMs);
  // Without NameID the identity provider has no way to name it.
  if (nameId) await byLogout.add({ ...session, nameId }, value, ttlMs);
  if (session.oidc) await byOidcLogout.add({ ...session, oidc: session.oidc }, value, ttlMs);
  // A response for AWS and an ID token belong to the browser's session and end with it.
  const own = { ...session, idpResponse: undefined, oidc: session.oidc && { ...session.oidc, idToken: undefined } };
  const grant: Grant = { ...summary, session: own, redeemBy: now + redeemMs };
  const entry: SessionEntry = {
    ...{ kind: 'cli', idp: identity.idp, user: identity.user, device: summary.device, address: summary.sourceIp },
    ...{ signedInAt: summary.confirmedAt, expiresAt: session.expiresAt },
  };
  await records.create(id, grant, redeemMs, entry);
  // Afterwards: a signal at the same time either finds the grant or is seen here.
  if (await keptOut?.isDisabled(identity)) {
    await records.destroyByHandle(value);
    throw new BrokerError('access_denied', 'an offboarding signal has disabled this user');
  }
  return id;
}

async function endEach(
  records: GrantsDeps['records'],
  index: Pick<HashedIndex, 'remove'>,
  entries: readonly IndexEntry[],
): Promise<number> {
  let ended = 0;
  for (const entry of entries) {
    if (await records.destroyByHandle(entry.value)) ended++;
    await index.remove(entry);
  }
  return ended;
}

async function listGrants({ byPerson, records }: GrantsDeps, person: Identity): Promise<ListedGrant[]> {
  const indexed = await byPerson.find(principalKey(person), undefined);
  const entries = await inBatches(indexed, ({ value }) => records.entryOf(value));
  const listed = entries.flatMap((entry, i): ListedGrant[] => {
    if (entry?.kind !== 'cli') return [];
    const { device, address, signedInAt } = entry;
    return [{ device, sourceIp: address, confirmedAt: signedInAt, name: records.publicIdOf(indexed[i]!.value) }];
  });
  return listed.sort((a, b) => b.confirmedAt - a.confirmedAt);
}
