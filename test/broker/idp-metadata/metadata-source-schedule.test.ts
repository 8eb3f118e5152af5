// When metadata is fetched next, whatever the document and chance say.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextRefreshMs, retryMs } from '../../../src/broker/idp-metadata/metadata-source.ts';

const minute = 60_000;
const facts = { refreshMs: 720 * minute, cacheDurationMs: undefined, validMs: undefined, chance: 0 };

describe('nextRefreshMs', () => {
  const cases: [string, Partial<Parameters<typeof nextRefreshMs>[0]>, number][] = [
    ['is the configured time', {}, 720],
    ['is up to a tenth less by chance', { chance: 1 }, 648],
    ['is cacheDuration where that is shorter', { cacheDurationMs: 60 * minute }, 60],
    ['is not cacheDuration where that is longer', { cacheDurationMs: 1440 * minute }, 720],
    ['is halfway to validUntil where that is near', { validMs: 100 * minute }, 50],
    ['is at least a minute', { cacheDurationMs: 0 }, 1],
    ['is at least a minute for metadata about to end', { validMs: -5 }, 1],
  ];
  for (const [name, given, minutes] of cases) {
    test(name, () => expect(nextRefreshMs({ ...facts, ...given })).toBe(minutes * minute));
  }
});

test('a retry is never later than a refresh would be, never at once, and never more than a timer can hold', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.integer({ min: 5 * minute, max: 10_080 * minute }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, refreshMs, chance) => {
        const inMs = retryMs(failures, { refreshMs, chance });
        expect(inMs).toBeGreaterThanOrEqual(15_000);
        expect(inMs).toBeLessThanOrEqual(Math.min(refreshMs, 60 * minute));
      },
    ),
  );
});
