// Calls that may go to several regions: in order, and past those that have just failed. STS answers alike everywhere, so a
// region that is down costs one person one time-out at most, and other people nothing.
import type { Clock } from '../clock.ts';

export interface Failover {
  /**
   * Tries the regions in order until one answers. Regions whose circuit is open come last: when nothing else is left, a
   * try is better than a refusal.
   * @throws the error of the last region, or at once an error that is not an outage
   */
  run<T>(regions: readonly string[], call: (region: string) => Promise<T>): Promise<T>;
}

export interface FailoverOptions {
  readonly clock: Clock;
  /** Whether another region may do better. */
  readonly isOutage: (error: unknown) => boolean;
  readonly onOpen: (region: string) => void;
}

/** So many outages in a row open a region's circuit. */
const failuresToOpen = 3;
/** After this long the next call tries the region again; one failure more closes it off for as long again. */
const openMs = 30_000;

interface Circuit {
  failures: number;
  openUntil: number;
}

export function createFailover({ clock, isOutage, onOpen }: FailoverOptions): Failover {
  const circuits = new Map<string, Circuit>();
  const isOpen = (region: string) => (circuits.get(region)?.openUntil ?? 0) > clock.now().getTime();
  const failed = (region: string): void => {
    const failures = (circuits.get(region)?.failures ?? 0) + 1;
    const opens = failures >= failuresToOpen;
    circuits.set(region, { failures, openUntil: opens ? clock.now().getTime() + openMs : 0 });
    if (opens) onOpen(region);
  };
  return {
    run: async (regions, call) => {
      const ordered = [...regions.filter((each) => !isOpen(each)), ...regions.filter(isOpen)];
      let last: unknown = new RangeError('no region to call');
      for (const region of ordered) {
        try {
          const answer = await call(region);
          circuits.delete(region);
          return answer;
        } catch (error) {
          if (!isOutage(error)) throw error;
          failed(region);
          last = error;
        }
      }
      throw last;
    },
  };
}
