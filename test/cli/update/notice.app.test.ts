// The line that mentions a newer version: once a day, on a terminal, for people.
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { VersionOffer } from '../../../src/cli/machine/context.ts';
import { runCommand } from '../../../src/cli/main.ts';
import { sayIfNewer, wantsNotice } from '../../../src/cli/update/notice.ts';
import { readSeen, writeSeen } from '../../../src/cli/update/seen-release.ts';
import { createTestClock } from '../../support/clock.ts';
import { signInAt } from '../support/broker.ts';
import { createMachine, type Machine } from '../support/machine.ts';
import { type RolesBroker, roleEntry, startRolesBroker } from '../support/roles-broker.ts';

const terminal = () => Object.assign(new PassThrough(), { isTTY: true, columns: 80 });

let broker: RolesBroker;
let machine: Machine;
beforeAll(async () => {
  broker = await startRolesBroker([roleEntry('payments-dev/Developer')]);
});
afterAll(() => broker.close());
beforeEach(() => {
  machine = createMachine({ stderr: terminal() });
  signInAt(machine.context, broker.url);
  broker.version = '99.0.0';
});
afterEach(() => machine.remove());

/** What a command says. */
async function said(argv: readonly string[] = ['roles'], env: Record<string, string> = {}): Promise<string> {
  const stderr = machine.context.stderr as PassThrough;
  const context = { ...machine.context, env: { ROLEGATE_URL: broker.url, ...env } };
  expect(await runCommand(context, argv)).toEqual({ code: 0 });
  return String(stderr.read() ?? '');
}

test('a command that asks the broker mentions a newer version afterwards, and not again on the same day', async () => {
  broker.version = '99.0.0;signed';
  expect(await said()).toMatch(/^rolegate 99\.0\.0 is available, and this is \S+: see http:\S+\/cli\n$/);
  expect(await said()).toBe('');
  writeSeen(machine.context, { noticedAt: Date.now() - 86_400_001 });
  expect(await said()).toContain('rolegate 99.0.0 is available');
  expect(broker.asked.filter((path) => !path.startsWith('/api/'))).toEqual([]);
});

test.each([
  ['the same or an older version', '0.0.1', ['roles'], {}],
  ['what is not a version', '99.0.0; rm -rf', ['roles'], {}],
  ['a person who does not want it', '99.0.0', ['roles'], { ROLEGATE_NO_UPDATE_NOTICE: '1' }],
  ['CI', '99.0.0', ['roles'], { CI: 'true' }],
  ['a command that asks nothing', '99.0.0', ['status'], {}],
])('%s: no word', async (_, version, argv, env) => {
  broker.version = version;
  expect(await said(argv, env)).toBe('');
});

test('tools hear nothing: without a terminal on standard error, and in what profiles run', () => {
  const { stderr } = machine.context;
  expect(wantsNotice({ env: {}, stderr }, ['roles'])).toBe(true);
  expect(wantsNotice({ env: {}, stderr }, ['credential-process', '--role', 'x'])).toBe(false);
  expect(wantsNotice({ env: {}, stderr: new PassThrough() }, ['roles'])).toBe(false);
});

const offer: VersionOffer = { broker: 'https://aws.example.com', version: '0.10.0', isSigned: false };

test('what a broker says is not what the release key signed: the newest verified version stays', () => {
  writeSeen(machine.context, { newest: '0.3.0' });
  sayIfNewer({ ...machine.context, clock: createTestClock() }, offer, { version: '0.9.0', keys: [] });
  expect(readSeen(machine.context)).toMatchObject({ newest: '0.3.0', noticedAt: expect.any(Number) });
});

test('a command that verifies releases mentions signed ones only', () => {
  const build = { version: '0.9.0', keys: ['a key'] };
  const read = () => (machine.context.stderr as PassThrough).read();
  sayIfNewer(machine.context, offer, build);
  expect(read()).toBeNull();
  sayIfNewer(machine.context, { ...offer, isSigned: true }, build);
  expect(String(read())).toContain('run `rolegate update`');
});

test('where nothing can be remembered, nothing is said', () => {
  const shared = join(machine.home, 'shared');
  mkdirSync(shared);
  chmodSync(shared, 0o777);
  const context = { ...machine.context, env: { ROLEGATE_STATE_HOME: shared } };
  sayIfNewer(context, offer, { version: '0.9.0', keys: [] });
  expect((machine.context.stderr as PassThrough).read()).toBeNull();
});
