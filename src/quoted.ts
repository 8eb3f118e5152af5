// A received value as messages, log lines and audit records show it.

const maxShown = 200;
const hidden = /["\\]|[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Quoted, escaped and cut: what it is can be seen, and it cannot look like anything else in the line. */
export function quoted(value: string | undefined): string {
  if (value === undefined) return 'nothing';
  const start = value.slice(0, maxShown).replace(/[\ud800-\udbff]$/, '');
  const shown = start.replace(hidden, (character) =>
    character === '"' || character === '\\' ? `\\${character}` : `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
  return start.length < value.length ? `"${shown}"… (${value.length} characters)` : `"${shown}"`;
}
