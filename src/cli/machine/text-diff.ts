// The difference of two lists of lines, as `diff -u` shows it. After Myers, "An O(ND) Difference Algorithm" (1986): quick
// where little differs, however long the lists are.

interface Edit {
  readonly sign: ' ' | '-' | '+';
  readonly line: string;
}

const context = 3;
/** Nobody reads more: then all that is between the first and the last difference is shown as replaced. */
const maxEdits = 2000;

/** Hunks only; empty if nothing differs. `firstLine` is where both begin in their file. */
export function diffLines(before: readonly string[], after: readonly string[], firstLine = 1): string[] {
  const edits = compare(before, after);
  const isChange = edits.map(({ sign }) => sign !== ' ');
  const isShown = edits.map((_, at) => isChange.slice(Math.max(0, at - context), at + context + 1).includes(true));
  const lines: string[] = [];
  let [old, fresh] = [firstLine, firstLine];
  for (let at = 0; at < edits.length; ) {
    const next = isShown.indexOf(!isShown[at], at);
    const run = edits.slice(at, next === -1 ? edits.length : next);
    const removed = run.filter(({ sign }) => sign !== '+').length;
    const added = run.filter(({ sign }) => sign !== '-').length;
    if (isShown[at]) {
      lines.push(`@@ -${range(old, removed)} +${range(fresh, added)} @@`, ...run.map(({ sign, line }) => sign + line));
    }
    [old, fresh, at] = [old + removed, fresh + added, at + run.length];
  }
  return lines;
}

/** Of no lines, the line before them is named. */
function range(first: number, count: number): string {
  return `${count === 0 ? first - 1 : first},${count}`;
}

function compare(before: readonly string[], after: readonly string[]): Edit[] {
  const shortest = Math.min(before.length, after.length);
  let head = 0;
  while (head < shortest && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shortest - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const [oldMiddle, freshMiddle] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  return [
    ...signed(' ', before.slice(0, head)),
    ...(shortestEdit(oldMiddle, freshMiddle) ?? [...signed('-', oldMiddle), ...signed('+', freshMiddle)]),
    ...signed(' ', before.slice(before.length - tail)),
  ];
}

function signed(sign: Edit['sign'], lines: readonly string[]): Edit[] {
  return lines.map((line) => ({ sign, line }));
}

/** Undefined if it takes too many edits. */
function shortestEdit(before: readonly string[], after: readonly string[]): Edit[] | undefined {
  const most = Math.min(before.length + after.length, maxEdits);
  const middle = most + 1;
  // How far down `before` a path gets on each diagonal (index in `before` less index in `after`).
  const reach = new Int32Array(2 * most + 3);
  const history: Int32Array[] = [];
  for (let edits = 0; edits <= most; edits += 1) {
    history.push(reach.slice(middle - edits - 1, middle + edits + 2));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const [left, right] = [reach[middle + diagonal - 1]!, reach[middle + diagonal + 1]!];
      let old = isInsertion(diagonal, edits, left, right) ? right : left + 1;
      while (old < before.length && old - diagonal < after.length && before[old] === after[old - diagonal]) old += 1;
      reach[middle + diagonal] = old;
      if (old >= before.length && old - diagonal >= after.length) return walkBack(before, after, history);
    }
  }
  return undefined;
}

function isInsertion(diagonal: number, edits: number, left: number, right: number): boolean {
  return diagonal === -edits || (diagonal !== edits && left < right);
}

function walkBack(before: readonly string[], after: readonly string[], history: readonly Int32Array[]): Edit[] {
  const edits: Edit[] = [];
  let [old, fresh] = [before.length, after.length];
  const keep = (untilOld: number, untilFresh: number) => {
    for (; old > untilOld && fresh > untilFresh; fresh -= 1) edits.push({ sign: ' ', line: before[--old]! });
  };
  for (let step = history.length - 1; step > 0; step -= 1) {
    const at = old - fresh + step + 1;
    const [left, right] = [history[step]![at - 1]!, history[step]![at + 1]!];
    const inserts = isInsertion(old - fresh, step, left, right);
    const [fromOld, fromDiagonal] = inserts ? [right, old - fresh + 1] : [left, old - fresh - 1];
    keep(fromOld, fromOld - fromDiagonal);
    edits.push(inserts ? { sign: '+', line: after[--fresh]! } : { sign: '-', line: before[--old]! });
  }
  keep(0, 0);
  return edits.reverse();
}
