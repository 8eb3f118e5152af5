// How many sessions are open, for Prometheus: counted in the store when it asks, at most once a minute.
import { Gauge, type Registry } from 'prom-client';
import type { Clock } from '../../clock.ts';
import type { Entries } from '../../store/entries.ts';

const pauseMs = 60_000;

/** Of all processes: each has the same figure. Not a number while the store does not answer. */
export function addSessionGauge(
  registry: Registry,
  { entries, clock }: { readonly entries: Pick<Entries<never>, 'count'>; readonly clock: Clock },
): void {
  let countedAt = Number.NEGATIVE_INFINITY;
  const gauge: Gauge = new Gauge({
    name: 'rolegate_sessions',
    help: 'Open sessions of browsers and command lines, in all processes',
    registers: [registry],
    collect: async () => {
      const now = clock.now().getTime();
      if (now - countedAt < pauseMs) return;
      countedAt = now;
      gauge.set(await entries.count().catch(() => Number.NaN));
    },
  });
}
