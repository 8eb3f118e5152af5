// What the stream of requests met, and whether each failure was allowed by a fault that was in force.

import { waitFor } from '../../support/wait.ts';

/** Each of three processes has had some. */
const calmCount = 12;

/** Who answered: `broker 503`, `haproxy 502`, or `none` without an answer. */
type Label = string;

interface Seen {
  readonly what: string;
  readonly label: Label;
  readonly startedAt: number;
  readonly endedAt: number;
}

interface Fault {
  readonly name: string;
  /** Answers that requests may get while the fault is in force; all others of 5xx, and lost sessions, fail the test. */
  readonly allowed: readonly RegExp[];
  /** How long it may be in force, from its beginning until everything works again. */
  readonly maxMs: number;
  readonly startedAt: number;
  readonly endedAt: number;
}

export interface Ledger {
  record(what: string, label: Label, startedAt: number): void;
  /** Runs a fault until everything works again. */
  during(fault: Pick<Fault, 'name' | 'allowed' | 'maxMs'>, act: () => Promise<void>): Promise<void>;
  /** Answers when so many requests in a row, begun after this call, have worked. */
  calm(): Promise<void>;
  /** What came until now, while everything started, does not count. */
  begin(): void;
  /** Failures that no fault allows. */
  unexpected(): string[];
  /** Faults that lasted longer than they may. */
  tooLong(): string[];
  count(label: RegExp, what?: string): number;
  /** For people: counts by fault. */
  summary(): string;
}

const isGood = ({ label }: Seen) => /^broker [23]/.test(label);

export function createLedger(): Ledger {
  const seen: Seen[] = [];
  const faults: Fault[] = [];
  const overlaps = (one: Seen, fault: Fault) => one.startedAt <= fault.endedAt && one.endedAt >= fault.startedAt;
  const isAllowed = (one: Seen) =>
    faults.some((fault) => overlaps(one, fault) && fault.allowed.some((label) => label.test(one.label)));
  return {
    record: (what, label, startedAt) => void seen.push({ what, label, startedAt, endedAt: performance.now() }),
    during: async (fault, act) => {
      const startedAt = performance.now();
      await act();
      faults.push({ ...fault, startedAt, endedAt: performance.now() });
    },
    calm: async () => {
      const from = performance.now();
      await waitFor('requests that work again', () => {
        const last = seen.filter(({ startedAt }) => startedAt > from).slice(-calmCount);
        return last.length === calmCount && last.every(isGood);
      });
    },
    begin: () => void seen.splice(0),
    unexpected: () =>
      seen
        .filter((one) => !isGood(one) && !isAllowed(one))
        .map(({ what, label, startedAt }) => `${what}: ${label}, ${nearest(faults, startedAt)}`),
    tooLong: () =>
      faults
        .filter(({ startedAt, endedAt, maxMs }) => endedAt - startedAt > maxMs)
        .map(({ name, startedAt, endedAt }) => `${name}: ${Math.round(endedAt - startedAt)} ms`),
    count: (label, what) => seen.filter((one) => label.test(one.label) && (what ?? one.what) === one.what).length,
    summary: () => {
      const calm = seen.filter((one) => !faults.some((fault) => overlaps(one, fault)));
      const rows = faults.map((fault) => {
        const seconds = ((fault.endedAt - fault.startedAt) / 1000).toFixed(1);
        return `${fault.name} (${seconds} s): ${counts(seen.filter((one) => overlaps(one, fault)))}`;
      });
      return [...rows, `without a fault: ${counts(calm)}`, `in all: ${counts(seen)}`].join('\n');
    },
  };
}

function counts(seen: readonly Seen[]): string {
  const tally = new Map<string, number>();
  for (const one of seen) {
    const key = isGood(one) ? 'good' : one.label;
    tally.set(key, (tally.get(key) ?? 0) + 1);
  }
  return [...tally].map(([label, count]) => `${count} ${label}`).join(', ') || 'nothing';
}

function nearest(faults: readonly Fault[], at: number): string {
  const before = faults.findLast(({ startedAt }) => startedAt <= at);
  return before ? `${Math.round(at - before.startedAt)} ms after the beginning of ${before.name}` : 'before any fault';
}
