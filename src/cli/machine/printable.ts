// What others wrote, on a terminal: never a control character, and never wider than it is.

// Controls (an escape sequence could rewrite the screen), invisible marks that turn the direction of writing, line separators.
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

export function hasControls(text: string): boolean {
  return text.search(unprintable) !== -1;
}

export function printable(text: string): string {
  return text.replace(unprintable, '\ufffd');
}

/** Several lines, with their ends and tabs. */
export function printableLines(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(/[^\n\t]+/g, printable);
}

/** The same values for programs: JSON.stringify leaves DEL, C1 controls and direction marks as they are. */
export function printableJson(value: unknown): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value, null, 2).replace(unprintable, (found) =>
    found === '\n' ? found : found.split('').map(escaped).join(''),
  );
}

/** Columns of a terminal. East Asian letters and pictures take two. */
export function displayWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segments(text)) width += wide.test(segment) ? 2 : 1;
  return width;
}

let segmenter: Intl.Segmenter | undefined;

/** Created on first use: creating it at start-up would cost a third of an answer from the cache. */
function segments(text: string) {
  segmenter ??= new Intl.Segmenter();
  return segmenter.segment(text);
}

const wide =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])/u;

/** Cut to the width, with a mark where something is missing. */
export function shorten(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  for (const { segment } of segments(text)) {
    if (displayWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/**
 * Columns below their heads, two spaces apart. Where all of it is wider than the terminal, the widest columns give way, those
 * that are `kept` last; on no terminal nothing does.
 */
export function table(
  rows: readonly (readonly string[])[],
  terminalWidth: number | undefined,
  kept: readonly number[] = [],
): string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => displayWidth(row[column]!))));
  if (terminalWidth !== undefined) {
    const columns = widths.map((_, column) => column);
    narrow(
      widths,
      columns.filter((column) => !kept.includes(column)),
      terminalWidth,
    );
    narrow(widths, columns, terminalWidth);
  }
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => {
        const shown = shorten(cell, widths[at]!);
        // In columns, where padEnd() counts UTF-16 units.
        return shown + ' '.repeat(Math.max(0, widths[at]! - displayWidth(shown)));
      })
      .join('  ');
  return cells.map((row) => line(row).trimEnd());
}

function narrow(widths: number[], columns: readonly number[], terminalWidth: number): void {
  const widest = () => Math.max(...columns.map((column) => widths[column]!));
  while (widths.reduce((sum, width) => sum + width + 2, -2) > terminalWidth && widest() > minimum) {
    widths[columns.find((column) => widths[column] === widest())!]! -= 1;
  }
}

/** Narrower than this, a column says nothing; then lines wrap. */
const minimum = 8;
