// The words with which a profile starts rolegate. Each SDK splits and quotes them in its own way, some with a shell: only
// what reads the same everywhere may be in them.
import { isAbsolute, win32 } from 'node:path';
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { printable } from '../machine/printable.ts';

/**
 * @param option words to use in place of how this command was started
 * @throws CliError usage, with a way out
 */
export function profileHelper(context: CliContext, option: string | undefined): readonly string[] {
  const isWindows = context.platform === 'win32';
  const argv = option === undefined ? context.argv0 : option.trim().split(/\s+/);
  const odd = argv.find((word) => !isSafeWord(context, word));
  if (odd !== undefined) {
    const way = isWindows
      ? 'give the short form of its path, as `dir /x` shows it, with --helper "C:\\PROGRA~1\\nodejs\\node.exe C:\\…\\rolegate.cjs"'
      : 'make a link to it without them, and give it with --helper "/path/to/node /path/to/rolegate.cjs"';
    throw new CliError('usage', `the path "${printable(odd)}" has spaces or signs that SDKs read differently: ${way}`);
  }
  if (argv.some((word) => /[/\\]_npx[/\\]/.test(word))) {
    throw new CliError('usage', 'npx keeps this command for a while only: install it, and run the installed one');
  }
  const first = argv[0] ?? '';
  if (!(isWindows ? win32.isAbsolute(first) : isAbsolute(first))) {
    throw new CliError('usage', `"${printable(first)}" is not an absolute path: not every SDK searches PATH`);
  }
  return argv;
}

/** Whether every SDK reads it as one word, as it is. */
export function isSafeWord({ platform }: CliContext, word: string): boolean {
  return (platform === 'win32' ? /^[\w@+=:,./\\~-]+$/ : /^[\w@+=:,./-]+$/).test(word);
}
