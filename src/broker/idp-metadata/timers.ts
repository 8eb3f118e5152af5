// What happens later, in this process, and not at all once it stops. Tests hand in one that they move by hand.

export interface Timers {
  /** @param act reports its own failures */
  readonly later: (inMs: number, act: () => Promise<void>) => void;
  readonly stop: () => void;
}

/** None of them keeps the process alive. */
export function createTimers(): Timers {
  const running = new Set<NodeJS.Timeout>();
  let isStopped = false;
  return {
    later: (inMs, act) => {
      if (isStopped) return;
      const timer = setTimeout(() => {
        running.delete(timer);
        void act(); // reports its own failures
      }, inMs);
      running.add(timer.unref());
    },
    stop: () => {
      isStopped = true;
      for (const timer of running) clearTimeout(timer);
      running.clear();
    },
  };
}
