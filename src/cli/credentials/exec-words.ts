// What the words of `rolegate exec` mean: `ROLE -- program`, `ROLE` alone for a shell, and the program alone behind --role.
import { existsSync } from 'node:fs';

export interface ExecWords {
  /** Undefined where the words name none. */
  readonly role: string | undefined;
  /** Empty for a shell. */
  readonly program: readonly string[];
}

/** @param raw the line as it was typed: the parser takes `--` out of the words */
export function readExecWords(words: readonly string[], raw: readonly string[], hasRole: boolean): ExecWords {
  const dashes = raw.indexOf('--');
  const behind = dashes < 0 ? [] : raw.slice(dashes + 1);
  const before = words.slice(0, words.length - behind.length);
  if (hasRole) return { role: undefined, program: [...before, ...behind] };
  if (dashes >= 0) return { role: before.length === 0 ? undefined : before.join(' '), program: behind };
  const [first, ...rest] = before;
  // Several words without `--` are a program, unless the first can only be a role.
  const isRole =
    first !== undefined && (rest.length === 0 || (/^(arn:|[^./][^/]*\/)/.test(first) && !existsSync(first)));
  return isRole ? { role: first, program: rest } : { role: undefined, program: before };
}
