// Recent activity for pages: the last entries of each person, and counters for each day. For display only: the audit trail is
// the record. Nothing here delays or fails a request: entries wait in memory, and `flush` writes them in the background.
import { z } from 'zod';
import type { Audit, AuditEvent, RequestFacts } from '../../audit/events.ts';
import type { Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import { type RandomBytes, randomSecret } from '../../random.ts';
import type { HashedIndex } from '../../store/hashed-index.ts';
import type { KeyValue } from '../../store/key-value.ts';
import type { SharedRecords } from '../../store/shared-records.ts';
import { type ActivityDay, addDay, emptyDay } from './activity-day.ts';
import { activityOf, countsOf } from './activity-of.ts';

const entryShape = z.object({
  kind: z.enum(['sign_in', 'credentials', 'console', 'refused']),
  /** ISO 8601 */
  time: z.string(),
  /** Undefined for a sign-in. */
  roleArn: z.string().optional(),
  /** Why it was refused: a code of the error table. */
  code: z.string().optional(),
  accessKeyId: z.string().optional(),
  /** When credentials or a console session expire. ISO 8601 */
  expiresAt: z.string().optional(),
  requestId: z.string(),
  sourceIp: z.string(),
  /** Name of the CLI session, and its machine as it described itself; undefined in a browser. */
  cliSession: z.string().optional(),
  machine: z.string().optional(),
});
export type ActivityEntry = Readonly<z.output<typeof entryShape>>;

export interface Person {
  readonly idp: string;
  readonly user: string;
}

/**
 * The interface for pages and the API:
 * - `ofPerson(person)`: up to `maxEntries` entries of the last 30 days, the newest first.
 * - `perDay(days)`: one `ActivityDay` for each of the last days (UTC), the newest first: sign-ins, credentials, consoles,
 *   refusals, and how often each role was used, of all processes.
 * - `record(event, request)`: what the audit trail recorded; other events are ignored.
 */
export interface Activity {
  /** Never throws and never waits. */
  record(event: AuditEvent, request: RequestFacts | undefined): void;
  /** @throws BrokerError store_unavailable */
  ofPerson(person: Person): Promise<readonly ActivityEntry[]>;
  /** @param days from 1 to 30. @throws BrokerError store_unavailable */
  perDay(days: number): Promise<readonly ActivityDay[]>;
  /** Writes what waits. Never throws. */
  flush(): Promise<void>;
}

export interface ActivityDeps {
  /** One record for each person. */
  readonly people: SharedRecords;
  /** One record for each process and day. */
  readonly days: SharedRecords;
  /** Which processes have a record of a day. */
  readonly processes: HashedIndex;
  readonly inOrder: KeyValue['inOrder'];
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
}

export const maxEntries = 50;
const maxDays = 30;
const dayMs = 86_400_000;
const ttlMs = maxDays * dayMs;
/** Entries that wait; further ones are dropped. */
const maxWaiting = 2000;
/** People whose entries are written in one trip: other requests get their turn between. */
const batchSize = 100;

export function createActivity(deps: ActivityDeps): Activity {
  const { processes, clock, random, log } = deps;
  const people = createEntriesOfPeople(deps);
  const process = randomSecret(random);
  let waiting = new Map<string, ActivityEntry[]>();
  let waitingCount = 0;
  let today = { ...emptyDay(dateOf(clock.now().getTime())), isChanged: false };
  const writeDay = async ({ isChanged, ...day }: typeof today) => {
    if (!isChanged) return;
    await processes.add(day.date, { label: process, value: process }, ttlMs + dayMs);
    await deps.days.write(`${day.date} ${process}`, day, ttlMs + dayMs);
  };
  const writeAll = async (entries: readonly NamedEntries[], day: typeof today) => {
    const [ofDay, ofPeople] = await Promise.allSettled([writeDay(day), people.add(entries)]);
    if (ofDay.status === 'rejected') today.isChanged = true;
    const failed = [ofDay, ofPeople].find((result) => result.status === 'rejected');
    if (failed) log.warn({ detail: (failed.reason as Error).message, people: entries.length }, 'activity not stored');
  };
  // One after the other: a caller that reads next sees what a flush before its own still writes.
  let lastFlush: Promise<void> = Promise.resolve();
  const flush = () => {
    const [entries, day] = [[...waiting], { ...today }];
    [waiting, waitingCount, today.isChanged] = [new Map(), 0, false];
    lastFlush = lastFlush.then(() => writeAll(entries, day));
    return lastFlush;
  };
  const record: Activity['record'] = (event, request) => {
    const now = clock.now();
    const date = dateOf(now.getTime());
    if (date !== today.date) {
      void flush(); // reports its failures
      today = { ...emptyDay(date), isChanged: false };
    }
    const counts = countsOf(event);
    if (counts) today = { ...addDay(today, counts), isChanged: true };
    const found = activityOf(event, request);
    if (!found || waitingCount >= maxWaiting) return;
    const name = nameOf(found.person);
    waiting.set(name, [...(waiting.get(name) ?? []), { ...found.entry, time: now.toISOString() }]);
    waitingCount++;
  };
  return {
    record,
    flush,
    ofPerson: async (person) => {
      await flush();
      return people.read(nameOf(person));
    },
    perDay: async (days) => {
      await flush();
      const now = clock.now().getTime();
      const dates = Array.from({ length: Math.min(days, maxDays) }, (_, index) => dateOf(now - index * dayMs));
      return Promise.all(dates.map((date) => readDay(date, deps)));
    },
  };
}

type NamedEntries = readonly [name: string, entries: readonly ActivityEntry[]];

function createEntriesOfPeople({ people, inOrder, clock }: ActivityDeps) {
  const read = async (name: string) => (await people.read(name, z.array(entryShape))) ?? [];
  // Two processes at the same moment: the later one wins, and an entry is missing on a page.
  const addTo = async (some: readonly NamedEntries[]) => {
    const [known] = await inOrder([() => Promise.all(some.map(([name]) => read(name)))]);
    const earliest = new Date(clock.now().getTime() - ttlMs).toISOString();
    const write = ([name, entries]: NamedEntries, index: number) => {
      const kept = (known[index] ?? []).filter(({ time }) => time > earliest);
      return people.write(name, [...entries].reverse().concat(kept).slice(0, maxEntries), ttlMs);
    };
    await inOrder([() => Promise.all(some.map(write))]);
  };
  return {
    read,
    add: async (all: readonly NamedEntries[]) => {
      for (let start = 0; start < all.length; start += batchSize) await addTo(all.slice(start, start + batchSize));
    },
  };
}

/** The audit trail as it was; each record counts as activity as well, once it is written. */
export function observed(audit: Audit, activity: Activity): Audit {
  return {
    record: async (event, request) => {
      await audit.record(event, request);
      activity.record(event, request);
    },
  };
}

async function readDay(date: string, { days, processes }: ActivityDeps): Promise<ActivityDay> {
  const names = new Set((await processes.find(date, undefined)).map(({ value }) => value));
  const found = await Promise.all([...names].map((name) => days.read(`${date} ${name}`, dayShape)));
  return found.reduce<ActivityDay>((sum, day) => (day ? addDay(sum, day) : sum), emptyDay(date));
}

const dayShape = z.object({
  date: z.string(),
  signIns: z.number(),
  credentials: z.number(),
  consoles: z.number(),
  refusals: z.number(),
  roles: z.record(z.string(), z.number()),
});

function nameOf({ idp, user }: Person): string {
  return JSON.stringify([idp, user]);
}

/** UTC. */
function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
