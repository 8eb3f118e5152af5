// CPU time of other processes, from Linux's /proc: user and system time of all threads, in milliseconds.
import { readdirSync, readFileSync } from 'node:fs';

const clockTickMs = 10;

/** One reading; `spentMs` compares two. */
export interface CpuReading {
  /** Nanoseconds on a CPU by thread. */
  readonly threads: ReadonlyMap<string, number>;
  /** utime + stime by process, in clock ticks: coarser, but includes threads that have ended. */
  readonly ticks: ReadonlyMap<number, number>;
}

/** Reads the processes with these ids and all their descendants. */
export function readCpu(roots: readonly number[]): CpuReading {
  const threads = new Map<string, number>();
  const ticks = new Map<number, number>();
  for (const pid of withDescendants(roots)) {
    try {
      for (const thread of readdirSync(`/proc/${pid}/task`)) {
        const schedstat = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8');
        threads.set(`${pid}/${thread}`, Number(schedstat.split(' ')[0]));
      }
      const fields = afterName(pid);
      ticks.set(pid, Number(fields[11]) + Number(fields[12]));
    } catch {
      // The thread or process ended between listing and reading; it spends nothing from now on.
    }
  }
  return { threads, ticks };
}

/** Milliseconds of CPU between two readings. */
export function spentMs(before: CpuReading, after: CpuReading): number {
  let nanoseconds = 0;
  for (const [thread, value] of after.threads) nanoseconds += value - (before.threads.get(thread) ?? 0);
  const precise = nanoseconds / 1e6;
  let ticks = 0;
  for (const [pid, value] of after.ticks) ticks += value - (before.ticks.get(pid) ?? 0);
  // A worker thread that has ended is counted by the ticks only. Each process rounds by one tick at most.
  return Math.max(precise, (ticks - after.ticks.size) * clockTickMs);
}

/** Resident memory of a process, in MB. */
export function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

function withDescendants(roots: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const parent = Number(afterName(Number(name))[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // Ended meanwhile.
    }
  }
  const found: number[] = [];
  const visit = (pid: number) => {
    found.push(pid);
    for (const child of children.get(pid) ?? []) visit(child);
  };
  roots.forEach(visit);
  return found;
}

/** The fields of /proc/PID/stat after the command's name, which may contain spaces: state, ppid, … (proc(5)). */
function afterName(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
