// Timers that a test moves: a planned callback runs when the test says so.
import type { Timers } from '../../src/broker/idp-metadata/timers.ts';

interface Planned {
  readonly inMs: number;
  readonly act: () => Promise<void>;
}

export interface ManualTimers extends Timers {
  /** Takes the first step that is planned for a time like this off the plan. */
  readonly take: (what: string, isWanted: (inMs: number) => boolean) => Planned;
}

export function createManualTimers(): ManualTimers {
  const planned: Planned[] = [];
  return {
    later: (inMs, act) => void planned.push({ inMs, act }),
    stop: () => void planned.splice(0),
    take: (what, isWanted) => {
      const index = planned.findIndex(({ inMs }) => isWanted(inMs));
      const [step] = index < 0 ? [] : planned.splice(index, 1);
      if (!step) throw new Error(`no ${what} is planned`);
      return step;
    },
  };
}

/** The look at the store and at files comes after a minute, less the jitter. */
export const isLook = (inMs: number): boolean => inMs >= 54_000 && inMs <= 60_000;
