// A question that is answered with y or n.
import { createInterface } from 'node:readline/promises';
import type { CliContext } from './context.ts';
import { CliError } from './errors.ts';

/** False unless the person says yes. @throws CliError failed, when the person leaves */
export async function confirm(context: CliContext, question: string): Promise<boolean> {
  const lines = createInterface({ input: context.stdin, output: context.stderr });
  const left = new AbortController();
  lines.once('SIGINT', () => left.abort());
  lines.once('close', () => left.abort());
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal: left.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch (cause) {
    throw new CliError('failed', 'nothing was changed', { cause });
  } finally {
    lines.close();
  }
}
