// Tracing that is off costs nothing, and tracing without an SDK says so.
import { expect, test } from 'vitest';
import { createLogger } from '../../src/log.ts';
import { traced, tracedAudit } from '../../src/tracing.ts';
import { createTracing } from '../../src/wiring/tracing.ts';
import { createLineCollector } from '../app/support/lines.ts';

test('without a tracer every object stays the one that it is', () => {
  const store = { read: async () => 'value' };
  const audit = { record: async (_event: { event: string }, _facts: undefined) => {} };
  expect(traced(undefined, 'store', store, ['read'])).toBe(store);
  expect(tracedAudit(undefined, audit)).toBe(audit);
});

test('without an SDK the work goes on as it is, and the log says what is missing', async () => {
  const log = createLineCollector();
  const tracing = createTracing(createLogger('info', log.stream));
  expect(log.lines).toEqual([
    expect.objectContaining({ msg: expect.stringContaining('without an OpenTelemetry SDK') }),
  ]);
  const promise = Promise.resolve(1);
  expect(tracing.around('work', {}, () => promise)).toBe(promise);
  expect(tracing.around('work', {}, () => 2)).toBe(2);
  const failure = new Error('as it was');
  await expect(tracing.around('work', {}, () => Promise.reject(failure))).rejects.toBe(failure);
  expect(() =>
    tracing.around('work', {}, () => {
      throw failure;
    }),
  ).toThrow(failure);
});
