// Wires recent activity, which is written in the background.
import { type Activity, createActivity } from '../broker/activity/activity.ts';
import { createTimers } from '../broker/idp-metadata/timers.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { RandomBytes } from '../random.ts';
import { createHashedIndex } from '../store/hashed-index.ts';
import { createSharedRecords } from '../store/shared-records.ts';
import type { Storage } from './stores.ts';

const flushMs = 1000;

export interface RunningActivity {
  readonly activity: Activity;
  /** From now on what waits is written every second. */
  start(): void;
  /** Writes what waits. Never throws. */
  close(): Promise<void>;
}

export function createRecentActivity(
  { clock, random, log }: { readonly clock: Clock; readonly random: RandomBytes; readonly log: Logger },
  storage: Storage,
): RunningActivity {
  const activity = createActivity({
    people: createSharedRecords('activity', storage),
    days: createSharedRecords('activity-day', storage),
    processes: createHashedIndex('activity-days', storage.keyValue, storage.sealer),
    inOrder: storage.keyValue.inOrder,
    clock,
    random,
    log,
  });
  const timers = createTimers();
  const start = () =>
    timers.later(flushMs, async () => {
      await activity.flush();
      start();
    });
  return {
    activity,
    start,
    close: async () => {
      timers.stop();
      await activity.flush();
    },
  };
}
