// The gauge of open sessions: of all processes, counted rarely, and never the reason why metrics are missing.
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createEntries } from '../../../src/store/entries.ts';
import { addSessionGauge } from '../../../src/wiring/gauges/session-gauge.ts';
import { createDumpedStore, testStorage } from '../../store/support.ts';

test('counts entries at most once a minute, and is not a number while the store is away', async () => {
  const { keyValue, clock } = createDumpedStore();
  let isAway = false;
  const scan = (prefix: string) => {
    if (isAway) throw new Error('away');
    return keyValue.scan(prefix);
  };
  const entries = createEntries(z.string(), testStorage({ ...keyValue, scan }, clock));
  const registry = new Registry();
  addSessionGauge(registry, { entries, clock });
  const shown = async () => /^rolegate_sessions (.*)$/m.exec(await registry.metrics())?.[1];
  expect(await shown()).toBe('0');
  for (const handle of ['one', 'two']) await entries.add({ type: 'session', handle }, 'alice', 3_600_000);
  expect(await shown()).toBe('0');
  clock.advance(60_000);
  expect(await shown()).toBe('2');
  isAway = true;
  clock.advance(60_000);
  expect(await shown()).toBe('Nan');
  isAway = false;
  await entries.remove({ type: 'session', handle: 'one' });
  clock.advance(60_000);
  expect(await shown()).toBe('1');
});
