// How much this process has worked. Tests that hold work against work ask this and not a clock: a busy machine makes
// everything take longer, and nothing be more work.

/** The least CPU time that an action takes, of five measurements that are long enough to be right. */
function cpuCost(action: () => unknown): number {
  const costs = Array.from({ length: 5 }, () => {
    const startedAt = cpuMilliseconds();
    let count = 0;
    do {
      action();
      count++;
    } while (cpuMilliseconds() - startedAt < 20);
    return (cpuMilliseconds() - startedAt) / count;
  });
  return Math.min(...costs);
}

/**
 * How many times as much work the second action is: the least of three comparisons. What another program does to the
 * caches and the clock of the processor makes one of them wrong, not all.
 */
export function workRatio(small: () => unknown, large: () => unknown): number {
  return Math.min(...Array.from({ length: 3 }, () => cpuCost(large) / cpuCost(small)));
}

/** CPU time since the process began. */
export function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
