// The difference of two lists of lines, as `diff -u` shows it.
import { structuredPatch } from 'diff';

const context = 3;
/** Finding a shorter difference takes quadratic time, and a person reads no more: beyond it, every line is replaced. */
const maxEditLength = 1500;

/** Hunks only; empty if nothing differs. `firstLine` is where both lists begin in their file. */
export function diffLines(before: readonly string[], after: readonly string[], firstLine = 1): string[] {
  const [old, fresh] = [before, after].map((lines) => lines.map((line) => `${line}\n`).join(''));
  const hunks = structuredPatch('', '', old!, fresh!, '', '', { context, maxEditLength })?.hunks ?? [
    {
      oldStart: 1,
      oldLines: before.length,
      newStart: 1,
      newLines: after.length,
      lines: [...before.map((line) => `-${line}`), ...after.map((line) => `+${line}`)],
    },
  ];
  // The line before is named where a hunk has no lines on one side.
  const range = (start: number, count: number) => `${start + firstLine - (count === 0 ? 2 : 1)},${count}`;
  return hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`,
    ...lines,
  ]);
}
