import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readSignIn, writeSignIn } from '../../../src/cli/sign-in/tokens.ts';
import { type StandIn, startStandIn } from '../support/authorization-server.ts';
import { type Bundle, buildBundle } from '../support/bundle.ts';
import { type LiveProcess, startLive } from '../support/live-process.ts';
import { createMachine, type Machine } from '../support/machine.ts';

let server: StandIn;
let bundle: Bundle;
let machine: Machine;
beforeAll(async () => {
  [server, bundle] = [await startStandIn(), await buildBundle()];
});
afterAll(async () => {
  await server.stop();
  bundle.remove();
});
beforeEach(() => {
  server.requests.length = 0;
  server.behaviour.offsetMs = 0;
  server.behaviour.refusal = undefined;
  machine = createMachine();
});
afterEach(() => machine.remove());

const start = (...words: string[]): LiveProcess =>
  startLive([bundle.file, ...words], { HOME: machine.home, ROLEGATE_URL: server.origin });
const address = /http:\S+\/oauth\/authorize\?\S+/;

async function signIn(): Promise<void> {
  const login = start('login');
  await fetch(await login.says(address));
  expect(await login.ended).toBe(0);
}

describe('the command as a process', () => {
  test('ends when it is signed in, with nothing on standard output, whatever the browser and the terminal keep open', async () => {
    const login = start('login');
    // This fetch keeps its connections, as browsers do; standard input stays open.
    const page = await fetch(await login.says(address));
    expect(await login.ended).toBe(0);
    expect(login.stdout()).toBe('');
    expect(await page.text()).toContain('You can close this page.');
    expect(readSignIn(machine.context, server.origin)?.person?.user).toBe('alice@corp.example');
  });

  test('takes a pasted line from a terminal that stays open', async () => {
    const login = start('login', '--remote');
    const page = await fetch(await login.says(address));
    login.child.stdin!.write(`${await page.text()}\n`);
    expect(await login.ended).toBe(0);
  });

  test('"This was not me" in a browser elsewhere ends the wait for a pasted line, and for a listener that it cannot reach', async () => {
    const other = createMachine();
    const elsewhere = { HOME: other.home, ROLEGATE_URL: server.origin };
    const waits = [start('login', '--remote'), startLive([bundle.file, 'login', '--no-browser'], elsewhere)];
    for (const each of waits) await each.says(address);
    server.behaviour.refusal = 'it was \u001b[31mnot me';
    for (const each of waits) {
      expect(await each.ended).toBe(4);
      expect(each.stderr()).toMatch(/rolegate: the sign-in at 127\.0\.0\.1:\d+ was refused: it was \S*not me\n$/);
      expect(each.stderr()).not.toContain('\u001b');
    }
    const asked = server.requests.filter(({ line }) => line === 'POST /oauth/decision');
    expect([...asked[0]!.form.keys()]).toEqual(['request_uri', 'code_verifier']);
    other.remove();
  });

  test('Ctrl-C ends it at once, and the next one finds the way free', async () => {
    const first = start('login');
    await first.says(address);
    first.child.kill('SIGINT');
    expect(await first.ended).toBe('SIGINT');
    const second = start('login');
    await fetch(await second.says(address));
    expect(await second.ended).toBe(0);
    expect(second.stderr()).not.toContain('Another terminal');
  });

  test('several with an expired token: one of them renews it [RFC 9700 §4.14.2]', async () => {
    await signIn();
    const kept = readSignIn(machine.context, server.origin)!;
    writeSignIn(machine.context, { ...kept, accessTokenExpiresAt: '2020-01-01T00:00:00.000Z' });
    server.requests.length = 0;
    const all = Array.from({ length: 4 }, () => start('whoami', '--json'));
    for (const each of all) {
      expect(await each.ended, each.stderr()).toBe(0);
      expect(JSON.parse(each.stdout())).toMatchObject({ user: 'alice@corp.example' });
    }
    expect(server.requests.filter(({ line }) => line === 'POST /oauth/token')).toHaveLength(1);
  });
});

/** Starts the command with this standard output, because the test's own pipes are never full. */
const full = `
const { spawnSync } = require('node:child_process');
const stdio = ['ignore', require('node:fs').openSync('/dev/full', 'w'), 'inherit'];
process.exitCode = spawnSync(process.execPath, [process.argv[1], 'completion', 'bash'], { stdio }).status;`;

describe('exit codes', () => {
  test('tell a script what to do', async () => {
    const gone = await startStandIn();
    await gone.stop();
    const wrongClock = await startStandIn();
    wrongClock.behaviour.offsetMs = 600_000;
    const cases: [number, string[]][] = [
      [2, ['whoami', '--no-such-option']],
      [2, ['login', '--port', '99999']],
      [2, ['login', '--broker', 'http://broker.example']],
      [3, ['whoami']],
      [3, ['status']],
      [5, ['init', gone.origin]],
      [6, ['init', wrongClock.origin]],
    ];
    const runs = cases.map(([, words]) => start(...words));
    for (const [index, [code, words]] of cases.entries()) {
      expect(await runs[index]!.ended, words.join(' ')).toBe(code);
      // One line for a person; commander adds nothing but its own.
      if (code !== 2) expect(runs[index]!.stderr()).toMatch(/^rolegate: .+\n$/);
    }
    await wrongClock.stop();
  });

  test('a file that cannot be written is a failure, with its name', async () => {
    const env = { HOME: machine.home, ROLEGATE_URL: server.origin };
    const login = startLive([bundle.file, 'login'], { ...env, ROLEGATE_STATE_HOME: '/dev/null/state' });
    expect(await login.ended).toBe(1);
    expect(login.stderr()).toMatch(/^rolegate: \/dev\/null\/state\S* cannot be used: not a directory \(ENOTDIR\)\n$/);
  });

  test.skipIf(process.platform !== 'linux')('standard output on a full disk is a failure as well', async () => {
    const running = startLive(['-e', full, bundle.file], {});
    expect(await running.ended).toBe(1);
    expect(running.stderr()).toBe('rolegate: cannot write the output: no space left on device (ENOSPC)\n');
  });
});
