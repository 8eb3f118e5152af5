// The difference of two texts: what `patch` would make of it is the second one.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffLines } from '../../../src/cli/profiles/line-diff.ts';

/** Applies hunks as `patch` does, by the numbers in their heads. */
function patch(before: readonly string[], hunks: readonly string[]): string[] {
  const result: string[] = [];
  let at = 0;
  for (const line of hunks) {
    const head = /^@@ -(\d+),(\d+) \+(\d+),(\d+) @@$/.exec(line);
    if (head) {
      const [start, count] = [Number(head[1]), Number(head[2])];
      result.push(...before.slice(at, count === 0 ? start : start - 1));
      at = count === 0 ? start : start - 1;
      expect(result).toHaveLength(Number(head[4]) === 0 ? Number(head[3]) : Number(head[3]) - 1);
    } else {
      if (line[0] !== '+') expect(before[at++]).toBe(line.slice(1));
      if (line[0] !== '-') result.push(line.slice(1));
    }
  }
  return [...result, ...before.slice(at)];
}

const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd', '@@ x', '-a', '+b'), { maxLength: 40 });

test('leads from one text to the other, and says nothing of equal ones', () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      expect(patch(before, diffLines(before, after))).toEqual(after);
      expect(diffLines(before, before)).toEqual([]);
    }),
  );
});

test('shows three lines around a change, and joins neighbouring changes', () => {
  const before = [...'abcdefghijklmnopqrst'];
  const after = before.map((line) => (line === 'h' ? 'H' : line));
  expect(diffLines(before, after, 11)).toEqual(['@@ -15,7 +15,7 @@', ' e', ' f', ' g', '-h', '+H', ' i', ' j', ' k']);
  const two = (first: string, second: string) =>
    diffLines(
      before,
      before.map((line) => (line === first || line === second ? line.toUpperCase() : line)),
    ).filter((line) => line.startsWith('@@'));
  expect(two('e', 'k')).toEqual(['@@ -2,13 +2,13 @@']);
  expect(two('e', 'm')).toEqual(['@@ -2,7 +2,7 @@', '@@ -10,7 +10,7 @@']);
});

test('finds the few changes of a long text, and shows as replaced what has too many', () => {
  const before = Array.from({ length: 20_000 }, (_, index) => `line ${index}`);
  const after = ['first', ...before.slice(0, 10_000), 'middle', ...before.slice(10_001), 'last'];
  expect(diffLines(before, after).filter((line) => /^[-+]/.test(line))).toEqual([
    '+first',
    '-line 10000',
    '+middle',
    '+last',
  ]);
  const others = before.slice(0, 3000).map((line) => `${line}!`);
  expect(patch(before.slice(0, 3000), diffLines(before.slice(0, 3000), others))).toEqual(others);
});
