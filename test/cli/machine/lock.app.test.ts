import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pipeName, withLock } from '../../../src/cli/machine/lock.ts';
import { stateDirectory } from '../../../src/cli/machine/paths.ts';
import { obtainPipeSecret, readPipeSecret } from '../../../src/cli/machine/pipe-secret.ts';
import { systemRandom } from '../../../src/random.ts';
import { endsWithUs } from '../../support/children.ts';
import { createMachine, type Machine } from '../support/machine.ts';

const holder = fileURLToPath(new URL('../support/lock-holder.ts', import.meta.url));
let machine: Machine;
let children: ChildProcess[] = [];
beforeEach(() => {
  machine = createMachine();
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  machine.remove();
});

const sockets = () => readdirSync(join(stateDirectory(machine.context), 'run'));

function hold(...args: string[]): ChildProcess {
  const child = endsWithUs(
    spawn(process.execPath, ['--import', 'tsx', holder, machine.home, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  children.push(child);
  return child;
}

describe('withLock', () => {
  // On a busy machine forty rounds over sockets take long; how many are inside does not depend on it.
  test('lets forty calls of one process in one by one, and leaves nothing behind', { timeout: 150_000 }, async () => {
    let inside = 0;
    let most = 0;
    const calls = Array.from({ length: 40 }, (_, index) =>
      withLock(machine.context, 'tokens', 120_000, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await sleep(1);
        inside -= 1;
        return index;
      }),
    );
    expect(await Promise.all(calls)).toEqual(calls.map((_, index) => index));
    expect(most).toBe(1);
    expect(sockets()).toEqual([]);
    expect(statSync(join(stateDirectory(machine.context), 'run')).mode & 0o777).toBe(0o700);
  });

  test('of four processes one is inside at a time, and one that is killed there does not block the others', async () => {
    const killed = hold('tokens', '1', 'forever');
    await once(killed.stdout!, 'data');
    const others = Array.from({ length: 3 }, () => hold('tokens', '20'));
    const ends = others.map((child) => once(child, 'exit'));
    await expect(withLock(machine.context, 'tokens', 50, async () => 'in')).rejects.toMatchObject({ exit: 'busy' });
    expect(existsSync(join(machine.home, 'done'))).toBe(false);
    killed.kill('SIGKILL');
    expect(await Promise.all(ends)).toEqual(others.map(() => [0, null]));
    expect(readFileSync(join(machine.home, 'done'), 'utf8')).toHaveLength(60);
    expect(sockets()).toEqual([]);
  });

  test('keeps other names, and other homes, out of it', async () => {
    const elsewhere = createMachine();
    const nested = withLock(machine.context, 'tokens', 5000, () =>
      withLock(machine.context, 'config', 5000, () => withLock(elsewhere.context, 'tokens', 5000, async () => 'in')),
    );
    expect(await nested).toBe('in');
    elsewhere.remove();
  });

  test('is free again after work that failed', async () => {
    await expect(withLock(machine.context, 'tokens', 5000, () => Promise.reject(new Error('no')))).rejects.toThrow(
      'no',
    );
    expect(await withLock(machine.context, 'tokens', 5000, async () => 'in')).toBe('in');
  });

  test('works in a home whose path is too long for a socket', async () => {
    const homeDirectory = join(machine.home, 'x'.repeat(120));
    const context = { ...machine.context, homeDirectory };
    const nested = withLock(context, 'tokens', 5000, () =>
      withLock(context, 'tokens', 50, async () => 'twice').catch((error) => error.exit),
    );
    expect(await nested).toBe('busy');
  });

  test('refuses a folder in which others could put sockets', async () => {
    const folder = join(stateDirectory(machine.context), 'run');
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o777);
    const error = {
      exit: 'failed',
      message: `${folder} is not used, as others can write it: run \`chmod go-w '${folder}'\``,
    };
    await expect(withLock(machine.context, 'tokens', 5000, async () => 'in')).rejects.toMatchObject(error);
  });
});

describe('the name of a pipe on Windows', () => {
  const state = () => stateDirectory(machine.context);
  const file = () => join(state(), 'pipe-secret.json');

  test('is the same for two processes that make its secret at once', async () => {
    const names = await Promise.all(
      [hold('tokens', '0', 'pipe'), hold('tokens', '0', 'pipe')].map(async (child) => {
        const [name] = await once(child.stdout!, 'data');
        return String(name);
      }),
    );
    const own = pipeName(machine.context, 'tokens', readPipeSecret(machine.context)!);
    expect([names, own]).toEqual([[own, own], expect.stringMatching(/^\\\\\.\\pipe\\rolegate-[0-9a-f]{16}$/)]);
    expect([statSync(file()).mode & 0o777, readdirSync(state())]).toEqual([0o600, ['pipe-secret.json']]);
  });

  test('depends on the secret, of which the first one made counts', () => {
    expect(readPipeSecret(machine.context)).toBeUndefined();
    let first: string | undefined;
    const random = (length: number) => {
      // Another process, between the look for the file and its making.
      first ??= obtainPipeSecret({ ...machine.context, random: systemRandom });
      return systemRandom(length);
    };
    const secret = obtainPipeSecret({ ...machine.context, random });
    expect([secret, readPipeSecret(machine.context), readdirSync(state())]).toEqual([
      first,
      first,
      ['pipe-secret.json'],
    ]);
    const other = createMachine();
    const name = (value: string) => pipeName(machine.context, 'tokens', value);
    expect(new Set([secret, obtainPipeSecret(other.context), obtainPipeSecret(machine.context)].map(name)).size).toBe(
      2,
    );
    other.remove();
  });

  test('is not made of a file that another account can write, or of another content', () => {
    const secret = obtainPipeSecret(machine.context);
    chmodSync(file(), 0o666);
    expect(() => obtainPipeSecret(machine.context)).toThrow(/pipe-secret\.json .*: remove it/);
    chmodSync(file(), 0o600);
    expect(obtainPipeSecret(machine.context)).toBe(secret);
    writeFileSync(file(), '""');
    expect(() => obtainPipeSecret(machine.context)).toThrow(/pipe-secret\.json .*: remove it/);
  });
});
