// A question that is answered with y or n.
import { createInterface } from 'node:readline/promises';
import type { CliContext } from './context.ts';
import { CliError } from './errors.ts';

/** @param byDefault the answer of Enter alone. @throws CliError failed, when the person leaves */
export async function confirm(context: CliContext, question: string, byDefault = false): Promise<boolean> {
  const lines = createInterface({ input: context.stdin, output: context.stderr });
  const left = new AbortController();
  lines.once('SIGINT', () => left.abort());
  lines.once('close', () => left.abort());
  try {
    const answer = await lines.question(`${question} ${byDefault ? '[Y/n]' : '[y/N]'} `, { signal: left.signal });
    return answer.trim() === '' ? byDefault : /^y(es)?$/i.test(answer.trim());
  } catch (cause) {
    throw new CliError('failed', 'nothing was changed', { cause });
  } finally {
    lines.close();
  }
}
