// The text of ~/.aws/config: reads its sections, and edits one marked block of lines. Text is latin1, one character for each
// byte, so that the text outside the block stays the same, in any encoding and with any line ends.
import { CliError } from '../machine/errors.ts';

export interface Section {
  /** As between the brackets, without quotes and with single spaces. */
  readonly header: string;
  /** Names in small letters. */
  readonly settings: ReadonlyMap<string, string>;
}

/**
 * Every section, in any position. Reads more than the SDKs do (indented lines, `:` for `=`): a setting that one of them
 * might see must not be overlooked.
 */
export function readSections(text: string): Section[] {
  const sections: { header: string; settings: Map<string, string> }[] = [];
  for (const line of text.replace(/^\u00ef\u00bb\u00bf/, '').split(/\r\n|\n|\r/)) {
    const header = /^\s*\[([^\]]*)\]/.exec(line)?.[1];
    if (header !== undefined) {
      sections.push({ header: header.replace(/["']/g, '').trim().replace(/\s+/g, ' '), settings: new Map() });
      continue;
    }
    const [, name, value] = /^\s*([^#;=:\s][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) sections.at(-1)?.settings.set(name.toLowerCase(), value ?? '');
  }
  return sections;
}

/** The text around the one block that rolegate wrote. */
export interface BlockParts {
  readonly before: string;
  /** With its markers and the line end of the last; empty if there is none. */
  readonly block: string;
  readonly after: string;
}

/** @throws CliError failed, if the markers are not one pair: better no edit than a wrong one */
export function findBlock(text: string, broker: string): BlockParts {
  const begins = markers(text, 'BEGIN', broker);
  const ends = markers(text, 'END', broker);
  if (begins.length === 0 && ends.length === 0) return { before: text, block: '', after: '' };
  const [begin, end] = [begins[0], ends[0]];
  const isPair = begins.length === 1 && ends.length === 1 && begin!.start < end!.start;
  const inside = isPair ? text.slice(begin!.end, end!.start) : '';
  if (!isPair || /^# (BEGIN|END) rolegate /m.test(inside)) {
    const pair = `"# BEGIN rolegate ${broker}" and "# END rolegate ${broker}"`;
    throw new CliError('failed', `the lines ${pair} must be there once each, in this order: mend or remove them first`);
  }
  return {
    before: text.slice(0, begin!.start),
    block: text.slice(begin!.start, end!.end),
    after: text.slice(end!.end),
  };
}

function markers(text: string, word: 'BEGIN' | 'END', broker: string): { start: number; end: number }[] {
  const name = broker.replace(/[.[\]]/g, '\\$&');
  const lines = text.matchAll(new RegExp(`^# ${word} rolegate ${name}(?: [^\\r\\n]*)?(?:\\r?\\n|$)`, 'gm'));
  return [...lines].map(({ index, 0: line }) => ({ start: index, end: index + line.length }));
}

/** Puts the block where it was, or at the end; no lines take it away, with the line end that came with it. */
export function replaceBlock(text: string, broker: string, lines: readonly string[]): string {
  const { before, block, after } = findBlock(text, broker);
  if (lines.length === 0) return block === '' ? text : removeBlock({ before, block, after });
  const eol = lineEnd(block || text);
  const written = [
    `# BEGIN rolegate ${broker} (from \`rolegate profiles sync\`, which keeps the settings that you add)`,
    ...lines,
    `# END rolegate ${broker}`,
  ].map((line) => line + eol);
  const gap = block === '' && text !== '' ? eol : '';
  return before + gap + written.join('') + after;
}

/**
 * What replaceBlock() put before a new block was one line end: an empty line after a whole line, or the end that the last
 * line did not have. It goes too, unless two lines of others would become one.
 */
function removeBlock({ before, block, after }: BlockParts): string {
  const eol = lineEnd(block);
  const isGap = after === '' || /^\r?\n/.test(after) || before === eol || /\n\r?\n$/.test(before);
  return (isGap && before.endsWith(eol) ? before.slice(0, -eol.length) : before) + after;
}

function lineEnd(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? '\n';
}
