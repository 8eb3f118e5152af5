import { expect, test } from 'vitest';
import { type Sample, trendOf } from './trend.ts';

const minute = 60_000;
/** One sample a second for ten minutes. */
const samples = (valueAt: (minutes: number, second: number) => number): Sample[] =>
  Array.from({ length: 601 }, (_, second) => ({ at: second * 1000, value: valueAt(second / 60, second) }));
/** As a heap moves between two collections. */
const saw = (second: number) => 30 * ((second % 20) / 20);

test('a saw that always falls to the same floor is flat, whatever happens before the warm-up', () => {
  const flat = samples((minutes, second) => (minutes < 2 ? 20 * minutes : 60) + saw(second));
  const { growth, first, last, peak } = trendOf(flat, 2 * minute);
  expect(Math.abs(growth)).toBeLessThan(1);
  expect([first, last]).toEqual([60, 60]);
  expect(peak).toBeCloseTo(88.5);
});

test('a leak below the saw shows as what it adds over the time', () => {
  const { growth } = trendOf(
    samples((minutes, second) => 60 + 2 * minutes + saw(second)),
    2 * minute,
  );
  // Five sixths of the eight minutes lie between the first and the last window.
  expect(growth).toBeGreaterThan(12);
  expect(growth).toBeLessThan(17);
});

test('one high moment is not a trend, and a window without a sample is an error', () => {
  const spiked = samples((_, second) => (second === 500 ? 1000 : 10));
  expect(trendOf(spiked, minute)).toMatchObject({ growth: 0, peak: 1000 });
  const gap = samples(() => 10).filter(({ at }) => at < 4 * minute || at > 6 * minute);
  expect(() => trendOf(gap, minute)).toThrow('no sample in window');
});
