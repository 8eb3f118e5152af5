// The difference of two lists of lines, as `diff -u` shows it.

interface Edit {
  readonly sign: ' ' | '-' | '+';
  readonly line: string;
}

const context = 3;
/** Above this many pairs of lines, the whole is shown as replaced. */
const maxPairs = 4_000_000;

/** Hunks only; empty if nothing differs. `firstLine` is where both begin in their file. */
export function diffLines(before: readonly string[], after: readonly string[], firstLine = 1): string[] {
  const edits = compare(before, after);
  const shown = edits.map((_, at) => edits.slice(Math.max(0, at - context), at + context + 1).some(isChange));
  const lines: string[] = [];
  let [old, fresh] = [firstLine, firstLine];
  for (let at = 0; at < edits.length; ) {
    const length = shown.indexOf(!shown[at], at) === -1 ? edits.length - at : shown.indexOf(!shown[at], at) - at;
    const run = edits.slice(at, at + length);
    const [removed, added] = [
      run.filter(({ sign }) => sign !== '+').length,
      run.filter(({ sign }) => sign !== '-').length,
    ];
    if (shown[at]) {
      lines.push(`@@ -${old},${removed} +${fresh},${added} @@`, ...run.map(({ sign, line }) => sign + line));
    }
    [old, fresh, at] = [old + removed, fresh + added, at + length];
  }
  return lines;
}

const isChange = ({ sign }: Edit) => sign !== ' ';

function compare(before: readonly string[], after: readonly string[]): Edit[] {
  const shortest = Math.min(before.length, after.length);
  let head = 0;
  while (head < shortest && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shortest - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const same = (lines: readonly string[]) => lines.map((line): Edit => ({ sign: ' ', line }));
  return [
    ...same(before.slice(0, head)),
    ...compareMiddle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...same(before.slice(before.length - tail)),
  ];
}

/** The longest common subsequence, by the usual table. */
function compareMiddle(before: readonly string[], after: readonly string[]): Edit[] {
  const width = after.length + 1;
  const isSmall = before.length * after.length <= maxPairs;
  const common = new Uint32Array(isSmall ? (before.length + 1) * width : 0);
  for (let i = isSmall ? before.length - 1 : -1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const [down, right] = [common[(i + 1) * width + j]!, common[i * width + j + 1]!];
      common[i * width + j] = before[i] === after[j] ? common[(i + 1) * width + j + 1]! + 1 : Math.max(down, right);
    }
  }
  const edits: Edit[] = [];
  for (let [i, j] = [0, 0]; i < before.length || j < after.length; ) {
    const [down, right] = [common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0];
    if (isSmall && i < before.length && before[i] === after[j]) {
      edits.push({ sign: ' ', line: before[i]! });
      [i, j] = [i + 1, j + 1];
    } else if (i < before.length && (j === after.length || down >= right)) {
      edits.push({ sign: '-', line: before[i]! });
      i += 1;
    } else {
      edits.push({ sign: '+', line: after[j]! });
      j += 1;
    }
  }
  return edits;
}
