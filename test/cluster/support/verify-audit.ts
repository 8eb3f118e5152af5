// Checks everything that the processes wrote to the audit trail with `rolegate-server audit verify`.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Estate, serverFile } from './estate.ts';

/** Both copies of everything. The processes have ended. @returns how many records. @throws with what the command printed */
export async function verifyAudit({ directory, members, collector }: Estate): Promise<number> {
  const copy = join(directory, 'collected-once.jsonl');
  const lines = collector.lines();
  writeFileSync(copy, `${lines.join('\n')}\n`);
  const files = members.map(({ index }) => join(directory, `audit-${index}.jsonl`));
  const keys = ['audit', 'audit2'].flatMap((name) => ['--key', join(directory, `${name}.pub`)]);
  for (const given of [files, [copy]]) {
    const words = [serverFile, 'audit', 'verify', ...keys, ...given];
    await promisify(execFile)(process.execPath, words, { maxBuffer: 64 * 1024 * 1024 });
  }
  return lines.length;
}
