// What follows a person from browser to browser and to the command line: favourite roles, and those they used last. Kept
// on the server, sealed, under the person's key; roles that a person no longer has stay in it and are not shown.
import { z } from 'zod';
import type { Identity } from '../access/model.ts';
import { principalKey } from '../access/principal.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { SharedRecords } from '../store/shared-records.ts';

interface RecentRole {
  readonly roleArn: string;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
}

export interface Preferences {
  /** ARNs, in the person's own order. @throws BrokerError store_unavailable */
  favourites(person: Identity): Promise<readonly string[]>;
  /** The last used first. @throws BrokerError store_unavailable */
  recents(person: Identity): Promise<readonly RecentRole[]>;
  /** In place of those before; doubles count once. @throws BrokerError store_unavailable */
  setFavourites(person: Identity, roleArns: readonly string[]): Promise<readonly string[]>;
  /** Adds one at the end, or takes it away. @throws BrokerError store_unavailable */
  setFavourite(person: Identity, roleArn: string, isFavourite: boolean): Promise<readonly string[]>;
  /**
   * Moves a favourite before another one, or to the end; a role that is not a favourite does not become one.
   * @throws BrokerError store_unavailable
   */
  moveFavourite(person: Identity, roleArn: string, before: string | undefined): Promise<readonly string[]>;
  /** Puts a role in front of the recents. Never throws: the credentials stay issued, and the log reports a failure. */
  rememberUse(person: Identity, roleArn: string): Promise<void>;
}

export const maxFavourites = 100;
export const maxRecents = 8;
/** A program may ask for one role again and again: within this time its uses are one. */
const sameUseMs = 60_000;

const dayMs = 86_400_000;
/** A person who stays away longer starts with empty lists. */
const keepMs = 400 * dayMs;

const favouritesShape = z.object({ writtenAt: z.number(), roleArns: z.array(z.string()) });
const recentsShape = z.array(z.object({ roleArn: z.string(), usedAt: z.number() }));

interface Dependencies {
  readonly records: SharedRecords;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Two records for each person: using a role at the same moment does not remove a favourite. */
export function createPreferences(dependencies: Dependencies): Preferences {
  return { ...createFavourites(dependencies), ...createRecents(dependencies) };
}

function createFavourites({ records, clock, log }: Dependencies) {
  const inTurn = createTurns();
  const nameOf = (person: Identity) => `favourites\0${principalKey(person)}`;
  const write = (name: string, roleArns: readonly string[]) =>
    records.write(name, { writtenAt: clock.now().getTime(), roleArns }, keepMs);
  const favourites = async (person: Identity): Promise<readonly string[]> => {
    const data = await records.read(nameOf(person), favouritesShape);
    // Reading renews: favourites end with the person's absence, not so long after the last change.
    if (data && clock.now().getTime() - data.writtenAt > dayMs) {
      await logFailure(log, 'favourites could not be renewed', () => write(nameOf(person), data.roleArns));
    }
    return data?.roleArns ?? [];
  };
  const change = (person: Identity, next: (before: readonly string[]) => readonly string[]) =>
    inTurn(nameOf(person), async () => {
      const roleArns = [...new Set(next(await favourites(person)))].slice(0, maxFavourites);
      await write(nameOf(person), roleArns);
      return roleArns;
    });
  return {
    favourites,
    setFavourites: (person: Identity, roleArns: readonly string[]) => change(person, () => roleArns),
    setFavourite: (person: Identity, roleArn: string, isFavourite: boolean) =>
      change(person, (before) => {
        const others = before.filter((each) => each !== roleArn);
        return isFavourite ? [...others, roleArn] : others;
      }),
    moveFavourite: (person: Identity, roleArn: string, before: string | undefined) =>
      change(person, (all) => {
        if (!all.includes(roleArn) || before === roleArn) return all;
        const others = all.filter((each) => each !== roleArn);
        const index = before === undefined ? -1 : others.indexOf(before);
        return index < 0 ? [...others, roleArn] : others.toSpliced(index, 0, roleArn);
      }),
  };
}

function createRecents({ records, clock, log }: Dependencies) {
  const inTurn = createTurns();
  const nameOf = (person: Identity) => `recents\0${principalKey(person)}`;
  const recents = async (person: Identity): Promise<readonly RecentRole[]> =>
    (await records.read(nameOf(person), recentsShape)) ?? [];
  const remember = async (person: Identity, roleArn: string): Promise<void> => {
    const before = await recents(person);
    const usedAt = clock.now().getTime();
    const isFirst = before[0]?.roleArn === roleArn;
    if (isFirst && usedAt - before[0]!.usedAt < sameUseMs) return;
    const others = before.filter((each) => each.roleArn !== roleArn);
    const all = [{ roleArn, usedAt }, ...others].slice(0, maxRecents);
    await records.write(nameOf(person), all, keepMs);
  };
  return {
    recents,
    rememberUse: (person: Identity, roleArn: string) =>
      logFailure(log, 'a used role could not be remembered', () =>
        inTurn(nameOf(person), () => remember(person, roleArn)),
      ),
  };
}

async function logFailure(log: Logger, message: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    log.warn({ detail: (error as Error).message }, message);
  }
}

/** Runs the actions for one name one after the other, so that several roles issued at once are all in the list. */
function createTurns() {
  const last = new Map<string, Promise<unknown>>();
  return <T>(name: string, action: () => Promise<T>): Promise<T> => {
    const turn = (last.get(name) ?? Promise.resolve()).then(action, action);
    last.set(name, turn);
    const forget = () => {
      if (last.get(name) === turn) last.delete(name);
    };
    turn.then(forget, forget);
    return turn;
  };
}
