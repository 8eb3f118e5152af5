// How much this process has worked. Tests that hold work against work ask this and not a clock: a busy machine makes
// everything take longer, and nothing be more work.

/** CPU time since the process began. */
export function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
