// Text that is written without a stream arrives whole, also at a reader that is slow or leaves.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, inject, test } from 'vitest';
import { endsWithUs } from '../support/children.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const line = '0123456789abcde\n';

/** Writes a megabyte, in one call, to standard output of a shell's command. */
async function write(behind: string) {
  const program = `
    import { plainOutput } from './src/cli/plain-output.ts';
    plainOutput(1).write(${JSON.stringify(line)}.repeat(65_536));
    process.stderr.write('written\\n');`;
  const words = [inject('node'), '--import', 'tsx', '--input-type=module', '-e', program];
  const child = endsWithUs(spawn('bash', ['-c', `"$@" ${behind}`, 'bash', ...words], { cwd: root }));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { stdout, stderr };
}

test('a slow reader gets everything', async () => {
  expect(await write('| { sleep 0.2; cat; }')).toEqual({ stdout: line.repeat(65_536), stderr: 'written\n' });
});

test('a reader that leaves is not an error', async () => {
  expect(await write('| head -c 5')).toEqual({ stdout: '01234', stderr: 'written\n' });
});
