// `rolegate-server audit verify`: checks the hash chains of audit files.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { verifyAuditLines } from '../../audit/verify.ts';
import { print, type ServerContext } from '../context.ts';

export function addAudit(program: Command, context: ServerContext): void {
  program
    .command('audit')
    .description('check audit files')
    .command('verify')
    .description('verify the hash chains in audit files; exit code 1 if a record is broken, removed or reordered')
    .argument('<file...>', 'files in the order in which they were written')
    .action(async (files: string[]) => {
      const { problems, chains } = await verifyAuditLines(readLines(files));
      for (const problem of problems) print(context, problem);
      for (const { chain, records, hash } of chains)
        print(context, `chain ${chain}: ${records} records, ends with ${hash}`);
      if (chains.length === 0) print(context, 'no audit records found');
      print(context, problems.length === 0 ? 'ok' : `${problems.length} problems`);
      if (problems.length > 0 || chains.length === 0) context.fail();
    });
}

async function* readLines(files: readonly string[]): AsyncIterable<{ text: string; at: string }> {
  for (const file of files) {
    let number = 0;
    const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
    for await (const text of lines) {
      number++;
      yield { text, at: `${file}:${number}` };
    }
  }
}
