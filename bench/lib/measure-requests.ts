// The CPU that a server spends on requests.
import { readCpu, spentMs } from './cpu.ts';
import { inParallel, type Reply } from './http.ts';
import { sleep } from './processes.ts';

const settleMs = 60;
const maxAttempts = 5;

export interface Measurement {
  /** Of the server, for errors. */
  readonly name: string;
  /** Of the server's processes. */
  readonly pids: readonly number[];
  /** Prepares the requests; its cost is not measured. */
  make(): Promise<readonly (() => Promise<Reply>)[]>;
  isGood(reply: Reply): boolean;
}

/**
 * Milliseconds of CPU for one request, and the replies. If the server was overloaded (503), the measurement is repeated.
 * @throws Error if a reply is not good for another reason, or too often
 */
export async function measureRequests({ name, pids, make, isGood }: Measurement) {
  for (let attempt = 1; ; attempt++) {
    const requests = await make();
    // What a server still does after earlier answers does not count here; what it does after these does.
    await sleep(settleMs);
    const before = readCpu(pids);
    const replies = await inParallel(requests);
    await sleep(settleMs);
    const ms = spentMs(before, readCpu(pids)) / requests.length;
    const bad = replies.find((reply) => !isGood(reply));
    if (!bad) return { ms, replies };
    if (bad.status === 503 && attempt < maxAttempts) continue;
    throw new Error(`${name} answered ${bad.status}: ${bad.body.toString().slice(0, 300)}`);
  }
}
