// The words with which a profile starts rolegate. Each SDK splits and quotes them in its own way, some with a shell: only
// what reads the same everywhere may be in them.
import { execFileSync } from 'node:child_process';
import { isAbsolute, win32 } from 'node:path';
import { type CliContext, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { printable } from '../machine/printable.ts';
import { splitWords } from '../processes/command-words.ts';
import { commandInterpreter } from '../processes/start.ts';

/**
 * @param option words to use in place of how this command was started
 * @returns words of the line, quoted where they have spaces
 * @throws CliError usage, with a way out
 */
export function profileHelper(context: CliContext, option: string | undefined): readonly string[] {
  const isWindows = context.platform === 'win32';
  const argv = option === undefined ? context.argv0 : splitWords(option);
  if (argv.some((word) => /[/\\]_npx[/\\]/.test(word))) {
    throw new CliError('usage', 'npx keeps this command for a while only: install it, and run the installed one');
  }
  const words = argv.map((word) => commandWord(context, word));
  const isQuoted = !isWindows && words[0]?.startsWith('"') === true;
  // `env` would take a first word with `=` for a variable.
  const odd = argv.find((word, index) => words[index] === undefined || (index === 0 && isQuoted && word.includes('=')));
  if (odd !== undefined) {
    const way = isWindows
      ? 'give the short form of its path, as `dir /x` shows it, with --helper "C:\\PROGRA~1\\nodejs\\node.exe C:\\…\\rolegate.cjs"'
      : 'make a link to it without them, and give it with --helper "/path/to/node /path/to/rolegate.cjs"';
    throw new CliError('usage', `the path "${printable(odd)}" has signs that SDKs read differently: ${way}`);
  }
  const first = argv[0] ?? '';
  if (!(isWindows ? win32.isAbsolute(first) : isAbsolute(first))) {
    throw new CliError('usage', `"${printable(first)}" is not an absolute path: not every SDK searches PATH`);
  }
  // Older SDKs for Go (version 1, and 2 with config 1.18) take a line that begins with a quote for one quoted value, and
  // the quotes away.
  const start = isQuoted ? ['/usr/bin/env'] : [];
  return [...start, ...words.map((word) => word!)];
}

/** As one word of the line, for every SDK. Undefined if it has no such form. */
export function commandWord(context: CliContext, text: string): string | undefined {
  if (context.platform !== 'win32') {
    if (/^[\w@+=:,./-]+$/.test(text)) return text;
    return /^[\w@+=:,./~() -]+$/.test(text) ? `"${text}"` : undefined;
  }
  const isPlain = (word: string) => /^[\w@+=:,./\\~-]+$/.test(word);
  const word = isPlain(text) ? text : shortPath(context, text);
  if (word !== undefined && isPlain(word)) return word;
  if (!/^[\w@+=:,./\\~() -]+$/.test(text)) return undefined;
  say(
    context,
    `rolegate: "${text}" has no short form on this drive: the profiles have it in quotes, which the SDK for Go (such as in Terraform) and older ones for .NET do not read on Windows. For these, move it to a path without spaces`,
  );
  return `"${text}"`;
}

/** `C:\PROGRA~1\nodejs\node.exe`: no quotes are read the same by all SDKs on Windows. Undefined where the drive has none. */
function shortPath(context: CliContext, path: string): string | undefined {
  if (/["%\p{Cc}]/u.test(path)) return undefined;
  try {
    const args = ['/d', '/e:on', '/v:off', '/s', '/c', `"for %I in ("${path}") do @echo %~sI"`];
    const options = { encoding: 'utf8', windowsVerbatimArguments: true } as const;
    return execFileSync(commandInterpreter(context), args, { ...options, stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
