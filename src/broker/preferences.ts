// What follows a person from browser to browser and to the command line: favourite roles, and those they used last. Kept
// on the server, sealed, under the person's key; roles that a person no longer has stay in it and are not shown.
import { z } from 'zod';
import type { Identity } from '../access/model.ts';
import { principalKey } from '../access/principal.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { SharedRecords } from '../store/shared-records.ts';

export interface RecentRole {
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
   * Puts a favourite before another one, or at the end; what is no favourite stays none.
   * @throws BrokerError store_unavailable
   */
  moveFavourite(person: Identity, roleArn: string, before: string | undefined): Promise<readonly string[]>;
  /** Puts a role in front of the recents. Never throws: what was issued stays issued, and the log says what is missing. */
  rememberUse(person: Identity, roleArn: string): Promise<void>;
}

export const maxFavourites = 100;
export const maxRecents = 8;

const dayMs = 86_400_000;
/** Somebody who does not come for so long starts anew. */
const keepMs = 400 * dayMs;

const favouritesShape = z.object({ writtenAt: z.number(), roleArns: z.array(z.string()) });
const recentsShape = z.array(z.object({ roleArn: z.string(), usedAt: z.number() }));

export interface PreferencesDeps {
  readonly records: SharedRecords;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Two records a person: a role that is used at the same moment takes no favourite away. */
export function createPreferences(deps: PreferencesDeps): Preferences {
  return { ...createFavourites(deps), ...createRecents(deps) };
}

function createFavourites({ records, clock, log }: PreferencesDeps): Omit<Preferences, 'recents' | 'rememberUse'> {
  const inTurn = createTurns();
  const nameOf = (person: Identity) => `favourites\0${principalKey(person)}`;
  const write = (name: string, roleArns: readonly string[]) =>
    records.write(name, { writtenAt: clock.now().getTime(), roleArns }, keepMs);
  const favourites = async (person: Identity): Promise<readonly string[]> => {
    const { data } = favouritesShape.safeParse(await records.read(nameOf(person)));
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
    setFavourites: (person, roleArns) => change(person, () => roleArns),
    setFavourite: (person, roleArn, isFavourite) =>
      change(person, (before) => {
        const others = before.filter((each) => each !== roleArn);
        return isFavourite ? [...others, roleArn] : others;
      }),
    moveFavourite: (person, roleArn, before) =>
      change(person, (all) => {
        if (!all.includes(roleArn) || before === roleArn) return all;
        const others = all.filter((each) => each !== roleArn);
        const place = before === undefined ? -1 : others.indexOf(before);
        return place < 0 ? [...others, roleArn] : others.toSpliced(place, 0, roleArn);
      }),
  };
}

function createRecents({ records, clock, log }: PreferencesDeps): Pick<Preferences, 'recents' | 'rememberUse'> {
  const inTurn = createTurns();
  const nameOf = (person: Identity) => `recents\0${principalKey(person)}`;
  const recents = async (person: Identity): Promise<readonly RecentRole[]> =>
    recentsShape.safeParse(await records.read(nameOf(person))).data ?? [];
  const remember = async (person: Identity, roleArn: string): Promise<void> => {
    const others = (await recents(person)).filter((each) => each.roleArn !== roleArn);
    const all = [{ roleArn, usedAt: clock.now().getTime() }, ...others].slice(0, maxRecents);
    await records.write(nameOf(person), all, keepMs);
  };
  return {
    recents,
    rememberUse: (person, roleArn) =>
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

/** One after the other for each name: several roles issued at once all come to stand in the list. */
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
