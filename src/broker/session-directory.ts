// The sessions of all people, of browsers and of command lines, for administrators: lists them, and ends them in every process.
import { foldedName } from '../access/denied.ts';
import type { Audit, RequestFacts } from '../audit/events.ts';
import type { Entries, Listed } from '../store/entries.ts';
import { machineOf, type SessionEntry } from './session-entry.ts';

/** Which sessions: one, those of a user (of one identity provider, or of any), those of an identity provider, or all. */
export interface SessionFilter {
  readonly id?: string | undefined;
  readonly user?: string | undefined;
  readonly idp?: string | undefined;
  /** The user's name in another system may differ in case and in forms of Unicode. */
  readonly anySpelling?: boolean;
}

interface ListedSession {
  /** Names the session, and opens nothing. */
  readonly id: string;
  readonly kind: SessionEntry['kind'];
  readonly idp: string;
  readonly user: string;
  readonly signedInAt: Date;
  readonly expiresAt: Date;
  readonly machine: string;
  readonly address: string;
}

export interface SessionDirectory {
  /** The newest first, at most `maxListed`. @throws BrokerError store_unavailable */
  list(filter: SessionFilter): Promise<{ readonly total: number; readonly sessions: readonly ListedSession[] }>;
  /** @throws BrokerError store_unavailable */
  isLive(id: string): Promise<boolean>;
  /**
   * Ends them at once: the next request with one of them is refused, in whatever process. Sessions that open meanwhile may live on.
   * @param by who wants it, for the audit record
   * @returns how many ended. @throws BrokerError store_unavailable or audit_unavailable
   */
  end(filter: SessionFilter, by: string, request?: RequestFacts): Promise<number>;
  /** Ends those that a reloaded configuration refuses; recorded if there were any. @returns how many. @throws as `end` */
  endRefused(isRefused: (person: { readonly idp: string; readonly user: string }) => boolean): Promise<number>;
}

const maxListed = 1000;
/** A walk through a Cluster misses what moves between its nodes meanwhile: the walks end with one that finds nothing. */
const maxPasses = 10;

export function createSessionDirectory({
  entries,
  records,
  audit,
}: {
  readonly entries: Entries<SessionEntry>;
  /** Of each kind, what ends one by its handle. */
  readonly records: Readonly<Record<SessionEntry['kind'], { destroyByHandle(handle: string): Promise<boolean> }>>;
  readonly audit: Audit;
}): SessionDirectory {
  const endOnce = async (meant: AsyncIterable<Listed<SessionEntry>>, ended: Record<SessionEntry['kind'], number>) => {
    let count = 0;
    for await (const { record, entry } of meant) {
      if (!(await records[entry.kind].destroyByHandle(record.handle))) continue;
      ended[entry.kind]++;
      count++;
    }
    return count;
  };
  const endAll = async (walk: () => AsyncIterable<Listed<SessionEntry>>, passes = maxPasses) => {
    const ended = { browser: 0, cli: 0 };
    for (let pass = 1; pass <= passes; pass++) {
      const count = await endOnce(walk(), ended);
      if (pass > 1 && count === 0) break;
    }
    return { browserSessions: ended.browser, cliSessions: ended.cli };
  };
  return {
    list: async (filter) => {
      const sessions: ListedSession[] = [];
      let total = 0;
      for await (const listed of matching(entries, filter)) {
        total++;
        sessions.push(toListed(listed));
        // Twice the limit at most is in memory.
        if (sessions.length >= 2 * maxListed) keepNewest(sessions);
      }
      keepNewest(sessions);
      return { total, sessions };
    },
    isLive: async (id) => (await entries.find(id)) !== undefined,
    end: async (filter, by, request) => {
      const { id, user, idp } = filter;
      const counts = await endAll(() => matching(entries, filter), id === undefined ? maxPasses : 1);
      await audit.record({ event: 'sessions_ended', by, session: id, idp, user, ...counts }, request);
      return counts.browserSessions + counts.cliSessions;
    },
    endRefused: async (isRefused) => {
      const counts = await endAll(() => only(entries.all(), ({ entry }) => isRefused(entry)));
      const total = counts.browserSessions + counts.cliSessions;
      const facts = { by: 'configuration', session: undefined, idp: undefined, user: undefined };
      if (total > 0) await audit.record({ event: 'sessions_ended', ...facts, ...counts }, undefined);
      return total;
    },
  };
}

async function* matching(entries: Entries<SessionEntry>, { id, user, idp, anySpelling = false }: SessionFilter) {
  const spelled = (name: string) => (anySpelling ? foldedName(name) : name);
  const isMeant = ({ entry }: Listed<SessionEntry>) =>
    (user === undefined || spelled(entry.user) === spelled(user)) && (idp === undefined || entry.idp === idp);
  if (id !== undefined) {
    const found = await entries.find(id);
    if (found && isMeant(found)) yield found;
    return;
  }
  yield* only(entries.all(), isMeant);
}

async function* only(all: AsyncIterable<Listed<SessionEntry>>, isMeant: (listed: Listed<SessionEntry>) => boolean) {
  for await (const listed of all) if (isMeant(listed)) yield listed;
}

function toListed({ id, entry }: Listed<SessionEntry>): ListedSession {
  const { kind, idp, user, signedInAt, expiresAt, address } = entry;
  const times = { signedInAt: new Date(signedInAt), expiresAt: new Date(expiresAt) };
  return { id, kind, idp, user, ...times, machine: machineOf(entry), address };
}

function keepNewest(sessions: ListedSession[]): void {
  sessions.sort((a, b) => b.signedInAt.getTime() - a.signedInAt.getTime());
  sessions.length = Math.min(sessions.length, maxListed);
}
