// One command to Redis, with its time limit and the reason why it failed.
import type { Cluster, Redis } from 'ioredis';
import { BrokerError } from '../errors.ts';
import type { RedisConnection } from './redis-client.ts';

/** @throws BrokerError store_unavailable */
export type Ask = <T>(command: () => Promise<T>) => Promise<T>;

/** @param timeoutMs how long a command may wait, for a connection too */
export function createAsk({ client, causes }: RedisConnection, timeoutMs: number): Ask {
  const ready = createReadiness(client);
  return async (command) => {
    let timer: NodeJS.Timeout | undefined;
    let isLate = false;
    // The driver's own limit is not used: it counts while the event loop is held, and timers run before sockets are read. So an
    // answer that lies in the socket would be too late. One turn of the loop after the time is up, it has been read.
    const tooLate = new Promise<never>((_, reject) => {
      const giveUp = () => {
        isLate = true;
        reject(new Error('no answer in time'));
      };
      timer = setTimeout(() => setImmediate(giveUp), timeoutMs);
    });
    // Not left to the driver's queue, which would send a command long after its caller has given up.
    const onceReady = async () => {
      await ready();
      return isLate ? tooLate : command();
    };
    try {
      const isOpen = client.status === 'ready' || client.status === 'end';
      const answer = await Promise.race([isOpen ? command() : onceReady(), tooLate]);
      causes.forget();
      return answer;
    } catch (cause) {
      throw new BrokerError('store_unavailable', `Redis: ${causes.explain(cause as Error)}`, { cause });
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Answers when the connection is ready; fails as soon as this attempt has failed. */
function createReadiness(client: Redis | Cluster): () => Promise<void> {
  let waiting: Promise<void> | undefined;
  const wait = () =>
    new Promise<void>((resolve, reject) => {
      const settle = (end: () => void) => {
        client.off('ready', onReady).off('error', onError).off('close', onClose);
        waiting = undefined;
        end();
      };
      const onReady = () => settle(resolve);
      const onError = (error: Error) => settle(() => reject(error));
      const onClose = () => settle(() => reject(new Error('Connection is closed.')));
      client.on('ready', onReady).on('error', onError).on('close', onClose);
    });
  return () => {
    waiting ??= wait();
    return waiting;
  };
}
