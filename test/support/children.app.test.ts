import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { endsWithUs, killed } from './children.ts';
import { waitFor } from './wait.ts';

const module = new URL('./children.ts', import.meta.url).href;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A process that starts two sleepers, one of which has ended, and prints the other's pid. */
async function startParent() {
  const code = `
    import { spawn } from 'node:child_process';
    import { endsWithUs, killed } from '${module}';
    await killed(endsWithUs(spawn('sleep', ['600'])));
    process.stdout.write(endsWithUs(spawn('sleep', ['600'])).pid + '\\n');
    setInterval(() => {}, 1000);`;
  const parent = endsWithUs(spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code]));
  const [line] = await once(parent.stdout, 'data');
  return { parent, sleeper: Number(line) };
}

test.each(['SIGKILL', 'SIGTERM'] as const)('a child ends with a parent that dies by %s', async (signal) => {
  const { parent, sleeper } = await startParent();
  expect(isAlive(sleeper)).toBe(true);
  parent.kill(signal);
  await waitFor('the end of the sleeper', () => !isAlive(sleeper));
});

test('a child that has ended is not waited for', async () => {
  const child = endsWithUs(spawn('true'));
  await once(child, 'exit');
  await killed(child);
  expect(child.exitCode).toBe(0);
});

test('a program that does not exist is reported by its error event, as without this', async () => {
  const child = endsWithUs(spawn('no-such-program'));
  expect(await once(child, 'error')).toMatchObject([{ code: 'ENOENT' }]);
});
