import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { automaticSignIn } from '../../../src/cli/sign-in/automatic-sign-in.ts';
import { readSignIn } from '../../../src/cli/sign-in/tokens.ts';
import { confirmationCode } from '../../../src/wire/oauth.ts';
import { type StandIn, startStandIn } from '../support/authorization-server.ts';
import { browse, follow, type Run, run } from '../support/login.ts';
import { createMachine, type Machine } from '../support/machine.ts';

let server: StandIn;
let machine: Machine;
let offsetMs: number;
beforeAll(async () => {
  server = await startStandIn();
});
afterAll(() => server.stop());
beforeEach(() => {
  offsetMs = 0;
  server.requests.length = 0;
  server.behaviour.offsetMs = 0;
  server.behaviour.answer = 'confirm';
  machine = createMachine({ clock: { now: () => new Date(Date.now() + offsetMs) } });
});
afterEach(() => machine.remove());

const start = (waitMs = 60_000, stepUpRole?: string): Run =>
  follow(machine, () => automaticSignIn(machine.context, server.origin, { opensBrowser: true, waitMs, stepUpRole }));
const opened = () => server.requests.filter(({ line }) => line === 'POST /oauth/par').length;

describe('a sign-in that a profile allows', () => {
  test('of many processes at once one opens a browser, and all have the result', async () => {
    const runs = Array.from({ length: 8 }, () => start());
    await browse(runs[0]!);
    const ends = await Promise.all(runs.map(({ ended }) => ended));
    expect(new Set(ends.map(({ exit }) => exit))).toEqual(new Set(['ok']));
    expect(opened()).toBe(1);
    expect(readSignIn(machine.context, server.origin)?.person?.user).toBe('alice@corp.example');
  });

  test('that times out ends for all who waited for it', async () => {
    const runs = Array.from({ length: 8 }, () => start(200));
    const ends = await Promise.all(runs.map(({ ended }) => ended));
    expect(new Set(ends.map(({ exit }) => exit))).toEqual(new Set(['login']));
    expect(opened()).toBe(1);
  });

  test('is tried three times in an hour, then with the command to type; an hour later again', async () => {
    server.behaviour.answer = 'deny';
    for (let round = 0; round < 3; round += 1) {
      const attempt = start();
      await browse(attempt);
      expect((await attempt.ended).exit).toBe('denied');
      offsetMs += 1000;
    }
    const { exit, message } = await start().ended;
    expect([exit, message]).toEqual([
      'login',
      expect.stringMatching(/^3 sign-ins were started in the last hour: run `rolegate login /),
    ]);
    expect(opened()).toBe(3);
    offsetMs += 3_600_000;
    server.behaviour.offsetMs = offsetMs;
    server.behaviour.answer = 'confirm';
    const later = start();
    await browse(later);
    expect((await later.ended).exit).toBe('ok');
  });

  test('counts when it is finished, too; `rolegate login` starts a new one', async () => {
    const finish = async (attempt: Run) => {
      await browse(attempt);
      offsetMs += 60_000;
      server.behaviour.offsetMs = offsetMs;
      return (await attempt.ended).exit;
    };
    expect([await finish(start()), await finish(start()), await finish(start())]).toEqual(['ok', 'ok', 'ok']);
    expect((await start().ended).message).toContain('3 sign-ins were started');
    expect((await run(machine, 'login', '--broker', server.origin).ended).exit).toBe('ok');
    expect(await finish(start())).toBe('ok');
    expect(opened()).toBe(4);
  });

  test('for a role is a page that asks for what the role wants, and there is one in an hour', async () => {
    const [admin, other] = ['Admin', 'Other'].map((name) => `arn:aws:iam::111122223333:role/${name}`);
    const first = start(60_000, admin);
    await browse(first);
    expect((await first.ended).exit).toBe('ok');
    expect(server.requests.findLast(({ line }) => line === 'POST /oauth/par')!.form.get('step_up_role')).toBe(admin);
    offsetMs += 1000;
    const { exit, message } = await start(60_000, admin).ended;
    expect([exit, message]).toEqual(['login', expect.stringContaining(`\`rolegate login --step-up ${admin} --broker`)]);
    expect(opened()).toBe(1);
    const second = start(60_000, other);
    await browse(second);
    expect((await second.ended).exit).toBe('ok');
  });

  test('that another process finished since the command began is tried before a page opens', async () => {
    const role = 'arn:aws:iam::111122223333:role/Admin';
    const began = Date.now();
    offsetMs = 10;
    const first = start(60_000, role);
    await browse(first);
    expect((await first.ended).exit).toBe('ok');
    const options = { opensBrowser: true, stepUpRole: role };
    const late = follow(machine, () => automaticSignIn(machine.context, server.origin, options, began));
    expect((await late.ended).exit).toBe('ok');
    expect(opened()).toBe(1);
  });

  test('shows its code on the terminal, where a tool keeps standard error to itself', async () => {
    const terminalDevice = join(machine.home, 'terminal');
    machine = { ...machine, context: { ...machine.context, terminalDevice } };
    const attempt = start();
    await browse(attempt);
    await attempt.ended;
    const shown = readFileSync(terminalDevice, 'utf8');
    const challenge = server.requests.findLast(({ line }) => line === 'POST /oauth/par')!.form.get('code_challenge')!;
    expect(shown).toContain(confirmationCode(challenge));
    expect(shown).toMatch(/http:\S+\/oauth\/authorize\?/);
    expect(attempt.said()).toContain(shown);
  });

  test('also works without a terminal', async () => {
    machine = { ...machine, context: { ...machine.context, terminalDevice: '/no/such/terminal' } };
    const attempt = start();
    await browse(attempt);
    expect((await attempt.ended).exit).toBe('ok');
  });

  test('does not start where no browser can be opened', async () => {
    const open = (env: Record<string, string>) => {
      const context = { ...machine.context, env, platform: 'linux' as const };
      return follow(machine, () => automaticSignIn(context, server.origin, { opensBrowser: true, needsBrowser: true }))
        .ended;
    };
    expect(await open({})).toMatchObject({ exit: 'login', message: expect.stringContaining('no browser found') });
    expect(opened()).toBe(0);
    expect(await open({ BROWSER: '/no/such/browser' })).toMatchObject({
      exit: 'login',
      message: expect.stringContaining('no browser can'),
    });
    expect(opened()).toBe(1);
  });

  test.each(['CI', 'ROLEGATE_NO_INTERACTIVE'])('does not start where %s is set', async (name) => {
    machine = { ...machine, context: { ...machine.context, env: { [name]: '1' } } };
    expect((await start().ended).exit).toBe('login');
    expect(server.requests).toEqual([]);
  });
});
