import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readCached, writeCached } from '../../../src/cli/credentials/credential-cache.ts';
import { readKnownRoles, writeKnownRoles } from '../../../src/cli/machine/known-roles.ts';
import { cacheDirectory } from '../../../src/cli/machine/paths.ts';
import { readSettings, settingsFile } from '../../../src/cli/machine/settings.ts';
import { readSignIn } from '../../../src/cli/sign-in/tokens.ts';
import { type StandIn, startStandIn } from '../support/authorization-server.ts';
import { browse, run } from '../support/login.ts';
import { createMachine, type Machine } from '../support/machine.ts';

let server: StandIn;
let machine: Machine;
beforeAll(async () => {
  server = await startStandIn();
});
afterAll(() => server.stop());
beforeEach(async () => {
  machine = createMachine();
  await run(machine, 'init', server.origin).ended;
  const login = run(machine, 'login');
  await browse(login);
  await login.ended;
  machine.takeStdout();
  server.requests.length = 0;
});
afterEach(() => machine.remove());

const roleArn = 'arn:aws:iam::444455556666:role/Developer';
const key = () => ({ broker: server.origin, roleArn });
const json = () => JSON.parse(machine.takeStdout());
const host = () => `127.0.0.1:${server.port}`;

function cache(expiresInMs: number, arn = roleArn): void {
  writeCached(
    machine.context,
    { ...key(), roleArn: arn },
    {
      Version: 1,
      AccessKeyId: 'ASIAEXAMPLE',
      SecretAccessKey: 'secret-of-the-cache',
      SessionToken: 'token-of-the-cache',
      Expiration: new Date(Date.now() + expiresInMs).toISOString(),
      RoleArn: arn,
      AssumedRoleArn: 'arn:aws:sts::444455556666:assumed-role/Developer/alice',
      DurationSeconds: 3600,
      DurationLimitedBy: 'rule',
    },
  );
}

describe('rolegate init', () => {
  test('makes the broker the one that is meant, and says what to type', async () => {
    const fresh = createMachine();
    const command = run(fresh, 'init', `${server.origin}/`);
    await command.ended;
    expect(readSettings(fresh.context)).toEqual({
      defaultBroker: server.origin,
      brokers: { [server.origin]: { name: 'Example' } },
    });
    expect(command.said()).toContain('`rolegate login`');
    fresh.remove();
  });

  test('keeps the one before', async () => {
    const other = await startStandIn();
    const command = run(machine, 'init', other.origin);
    await command.ended;
    await other.stop();
    expect(command.said()).toContain(`The one before, ${server.origin}, is still known`);
    expect(Object.keys(readSettings(machine.context).brokers)).toEqual([server.origin, other.origin]);
  });

  test.each([
    ['an invalid URL', 'broker', 'usage'],
    ['an address without TLS', 'http://broker.example', 'usage'],
    ['a server that is no broker', '', 'failed'],
  ])('refuses %s, and changes nothing', async (_name, url, exit) => {
    server.behaviour.metadata = { issuer: undefined };
    expect((await run(machine, 'init', url || server.origin).ended).exit).toBe(exit);
    server.behaviour.metadata = {};
    expect(readSettings(machine.context).defaultBroker).toBe(server.origin);
  });

  test('takes a broken file of settings for none', async () => {
    writeFileSync(settingsFile(machine.context), '{"brokers": [');
    expect((await run(machine, 'init', server.origin).ended).exit).toBe('ok');
    expect(readSettings(machine.context).defaultBroker).toBe(server.origin);
  });
});

describe('rolegate whoami', () => {
  test('is the broker that answers', async () => {
    await run(machine, 'whoami').ended;
    expect(machine.takeStdout()).toMatch(
      /^alice@corp\.example \(Alice\) at 127\.0\.0\.1:\d+, signed in until .* \(8 h 0 min\)\n$/,
    );
    await run(machine, 'whoami', '--json').ended;
    expect(json()).toMatchObject({ broker: server.origin, user: 'alice@corp.example', displayName: 'Alice' });
  });

  test('tells to run login without a sign-in', async () => {
    await run(machine, 'logout').ended;
    const { exit, message } = await run(machine, 'whoami').ended;
    expect([exit, message]).toEqual(['login', `you are not signed in at ${host()}: run \`rolegate login\``]);
  });
});

describe('rolegate status', () => {
  test('says when everything expires, without a network request', async () => {
    cache(1_830_000);
    cache(-1_000, 'arn:aws:iam::444455556666:role/Ended');
    await run(machine, 'status').ended;
    expect(machine.takeStdout().split('\n')).toEqual([
      expect.stringMatching(/^signed in at 127.*as alice@corp\.example until .* \(8 h 0 min\)$/),
      'credentials:',
      `  ${roleArn}  30 min`,
      '',
    ]);
    await run(machine, 'status', '--json').ended;
    expect(json()).toMatchObject({
      broker: server.origin,
      signedIn: true,
      user: 'alice@corp.example',
      credentials: [{ roleArn, secondsLeft: expect.any(Number) }],
    });
    expect(server.requests).toEqual([]);
  });

  test('shows no secret', async () => {
    cache(3_600_000);
    await run(machine, 'status', '--json').ended;
    expect(machine.takeStdout()).not.toMatch(/secret-of|token-of|access-\d|refresh-\d|ASIA/);
  });

  test('--check asks the broker whether the sign-in is still valid', async () => {
    server.grants.at(-1)!.isEnded = true;
    expect((await run(machine, 'status').ended).exit).toBe('ok');
    expect((await run(machine, 'status', '--check').ended).exit).toBe('login');
  });

  test('at the end of the sign-in, and without one, ends with login', async () => {
    const late = () => new Date(Date.now() + 9 * 3_600_000);
    machine = { ...machine, context: { ...machine.context, clock: { now: late } } };
    const { exit, message } = await run(machine, 'status', '--json').ended;
    expect([exit, message]).toEqual(['login', 'your sign-in has reached its end: run `rolegate login`']);
    expect(json()).toMatchObject({ signedIn: false, secondsLeft: 0 });
    machine = { ...machine, context: { ...machine.context, env: { ROLEGATE_URL: 'https://other.example' } } };
    expect(await run(machine, 'status').ended).toMatchObject({ exit: 'login' });
    expect(machine.takeStdout()).toBe('not signed in at other.example\n');
  });
});

describe('rolegate logout', () => {
  test('ends the sign-in there, deletes the local files, and says which credentials AWS still accepts', async () => {
    cache(3_630_000);
    writeKnownRoles(machine.context, server.origin, [{ roleArn, name: 'payments-dev/Developer' }]);
    const command = run(machine, 'logout');
    expect((await command.ended).exit).toBe('ok');
    expect(server.grants.at(-1)!.isEnded).toBe(true);
    expect([readSignIn(machine.context, server.origin), readCached(machine.context, key())]).toEqual([
      undefined,
      undefined,
    ]);
    expect(existsSync(join(cacheDirectory(machine.context), `http___127.0.0.1_${server.port}`, 'credentials'))).toBe(
      false,
    );
    // The names of accounts and roles are the person's too.
    expect(readKnownRoles(machine.context, server.origin)).toEqual([]);
    expect(command.said()).toContain(`Signed out of ${host()}.`);
    expect(command.said()).toMatch(new RegExp(`${roleArn} until .* \\(1 h 0 min\\)`));
  });

  test('names what stays, profiles of this broker and settings, and what removes it', async () => {
    const before = run(machine, 'logout');
    await before.ended;
    expect(before.said()).not.toContain('profiles');
    const config = join(machine.home, '.aws/config');
    const lines = ['BEGIN', 'END'].map((word) => `# ${word} rolegate ${server.origin}\n`);
    mkdirSync(join(machine.home, '.aws'));
    writeFileSync(config, lines.join('[profile dev]\ncredential_process = rolegate credential-process\n'));
    const command = run(machine, 'logout');
    expect((await command.ended).exit).toBe('ok');
    expect(command.said()).toContain(
      `stay in ${config}: \`rolegate profiles remove --broker ${server.origin}\` removes them`,
    );
    expect(command.said()).toContain(`stay in ${settingsFile(machine.context)}: delete the file`);
    expect(existsSync(config)).toBe(true);
  });

  test('without a sign-in: says so, and still wipes', async () => {
    await run(machine, 'logout').ended;
    cache(3_600_000);
    const command = run(machine, 'logout');
    expect((await command.ended).exit).toBe('ok');
    expect(command.said()).toContain('You were not signed in');
    expect(readCached(machine.context, key())).toBeUndefined();
  });

  test('--all ends every sign-in of the person', async () => {
    const elsewhere = createMachine();
    const login = run(elsewhere, 'login', '--broker', server.origin);
    await browse(login);
    await login.ended;
    const command = run(machine, 'logout', '--all');
    expect((await command.ended).exit).toBe('ok');
    expect(command.said()).toContain('on every machine');
    expect(server.grants.every(({ isEnded }) => isEnded)).toBe(true);
    expect((await run(elsewhere, 'whoami', '--broker', server.origin).ended).exit).toBe('login');
    elsewhere.remove();
  });

  test('--all without a sign-in cannot, and says so', async () => {
    await run(machine, 'logout').ended;
    const { exit, message } = await run(machine, 'logout', '--all').ended;
    expect([exit, message]).toEqual([
      'login',
      expect.stringContaining('your sign-ins on other machines are still valid'),
    ]);
  });

  test('works without the broker: deletes the files, and says until when the sign-in is valid there', async () => {
    const gone = await startStandIn();
    const at = ['--broker', gone.origin];
    const login = run(machine, 'login', ...at);
    await browse(login);
    await login.ended;
    await gone.stop();
    const command = run(machine, 'logout', ...at);
    expect((await command.ended).exit).toBe('ok');
    expect(command.said()).toMatch(/Could not tell the broker .* until .* \(8 h 0 min\), but its tokens are deleted/);
    expect(readSignIn(machine.context, gone.origin)).toBeUndefined();
    expect((await run(machine, 'logout', '--all', ...at).ended).exit).toBe('login');
  });
});
