// Waits until replicas have a write, so that a login that was taken or a session that ended stays so when its master is lost.
import { Cluster, Command, type Redis } from 'ioredis';
import type { Ask } from './redis-ask.ts';

/** A write of this key counts when so many replicas have it. @throws BrokerError store_unavailable */
export type AskWrite = <T>(key: string, command: () => Promise<T>) => Promise<T>;

/** Shorter than a command may take. */
const waitMs = 1000;

/** @param replicas how many; with 0 the answer of the master is enough */
export function createAskWrite(client: Redis | Cluster, ask: Ask, replicas: number): AskWrite {
  if (replicas === 0) return (_, command) => ask(command);
  const check = (reached: number) => {
    if (reached < replicas)
      throw new Error(`${reached} of ${replicas} replicas have the write (store.waitForReplicas)`);
  };
  if (client instanceof Cluster) {
    return (key, command) =>
      ask(async () => {
        const answer = await command();
        check(await masterOf(client, key).wait(replicas, waitMs));
        return answer;
      });
  }
  // In the same trip: WAIT is about all earlier writes of its connection.
  return (_, command) =>
    ask(async () => {
      const [answer, reached] = await Promise.all([command(), client.wait(replicas, waitMs)]);
      check(reached);
      return answer;
    });
}

/**
 * The driver's own connection, over which the write went: after MOVED the slots lead there. After ASK, in the middle of a move,
 * they do not, and the driver does not say where it went.
 */
function masterOf(client: Cluster, key: string): Redis {
  const place = client.slots[new Command('get', [key]).getSlot()]?.[0];
  const node = client.nodes('master').find(({ options }) => `${options.host}:${options.port}` === place);
  if (!node) throw new Error('the master of this key has just changed');
  return node;
}
