// What a program's words are for `spawn`: on Windows a batch file (`aws.cmd`) is started by cmd.exe, which reads its
// arguments as code, and which Node therefore leaves to the caller.
import { findFiles, findPrograms, type Place, variable } from './find-program.ts';

export interface Start {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: { readonly windowsVerbatimArguments?: true };
}

/**
 * Undefined if Windows has no such program; elsewhere the system answers that.
 * @throws RangeError for an argument that no batch file can be given
 */
export function startOf(place: Place, program: string, args: readonly string[]): Start | undefined {
  if (place.platform !== 'win32') return { file: program, args, options: {} };
  const [found] = /[\\/]/.test(program) ? findFiles(place, program) : findPrograms(place, program);
  if (found === undefined) return undefined;
  if (!/\.(cmd|bat)$/i.test(found)) return { file: found, args, options: {} };
  const words = [`"${escapePercent(found)}"`, ...args.map(batchArgument)];
  return {
    file: commandInterpreter(place),
    // cmd.exe takes the outer quotes away. Extensions, which `escapePercent` needs, and no `!NAME!`, whatever the registry says.
    args: ['/d', '/e:on', '/v:off', '/s', '/c', `"${words.join(' ')}"`],
    options: { windowsVerbatimArguments: true },
  };
}

export const commandInterpreter = (place: Place) => variable(place, 'COMSPEC') || 'cmd.exe';

/**
 * One argument for a batch file, by the rules of Rust's standard library: cmd.exe sees a quote end at `\"`, so one is
 * doubled, which programs read as one too. Quotes stay in pairs, also where the file hands its arguments on (`%*`).
 */
function batchArgument(text: string): string {
  if (/[\0\r\n]/.test(text)) throw new RangeError('a batch file cannot be given an argument with a line end');
  if (text !== '' && /^[\w#$*+./:?@\\-]*[\w#$*+./:?@-]$/.test(text)) return text;
  const quoted = text.replace(/(\\*)"/g, '$1$1""').replace(/\\+$/, '$&$&');
  return `"${escapePercent(quoted)}"`;
}

/** `%NAME%` is replaced within quotes too; `%cd:~,%` is an empty piece of a variable that always exists. */
const escapePercent = (text: string) => text.replaceAll('%', '%%cd:~,%');
