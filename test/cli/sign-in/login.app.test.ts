import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { stateDirectory } from '../../../src/cli/machine/paths.ts';
import { performSignIn } from '../../../src/cli/sign-in/sign-in.ts';
import { readSignIn } from '../../../src/cli/sign-in/tokens.ts';
import { confirmationCode } from '../../../src/wire/oauth.ts';
import { type StandIn, startStandIn } from '../support/authorization-server.ts';
import { browse, follow, reachCallback, run } from '../support/login.ts';
import { createMachine, type Machine } from '../support/machine.ts';

let server: StandIn;
let machine: Machine;
beforeAll(async () => {
  server = await startStandIn();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.behaviour.answer = 'confirm';
  server.behaviour.remoteLogin = true;
  server.requests.length = 0;
  machine = createMachine();
});
afterEach(() => machine.remove());

const login = (...options: string[]) => run(machine, 'login', '--broker', server.origin, ...options);
const pushed = () => server.requests.findLast(({ line }) => line === 'POST /oauth/par')!.form;
const signIn = (broker = server.origin) => readSignIn(machine.context, broker);

describe('rolegate login', () => {
  test('signs in by a pushed request with PKCE, and says who and until when', async () => {
    const command = login();
    const page = await browse(command);
    expect((await command.ended).exit).toBe('ok');
    expect(command.said()).toMatch(/Signed in at 127\.0\.0\.1:\d+ as alice@corp\.example until .* \(8 h 0 min\)\./);
    expect(page.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/done$/);
    expect(await page.text()).toContain('You can close this page.');
    expect(Object.fromEntries(pushed())).toMatchObject({
      client_id: 'rolegate-cli',
      response_type: 'code',
      scope: 'aws',
      code_challenge_method: 'S256',
      device_host: expect.stringMatching(/./),
      device_os: expect.stringMatching(/./),
      device_user: expect.stringMatching(/./),
    });
    expect(signIn()?.person?.user).toBe('alice@corp.example');
    expect(server.requests[0]!.userAgent).toMatch(/^rolegate\/\d+\.\d+\.\d+ /);
  });

  test('shows the code that the page shows as well', async () => {
    const command = login();
    await browse(command);
    await command.ended;
    expect(command.said()).toContain(confirmationCode(pushed().get('code_challenge')!));
  });

  test('keeps the tokens for their owner only, and shows none of them', async () => {
    const command = login();
    await browse(command);
    await command.ended;
    const folder = join(stateDirectory(machine.context), `http___127.0.0.1_${server.port}`);
    const file = join(folder, 'sign-in.json');
    expect(readFileSync(file, 'utf8')).toContain(signIn()!.refreshToken);
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
    expect((statSync(folder).mode & 0o777).toString(8)).toBe('700');
    expect(command.said()).not.toMatch(/access-\d|refresh-\d|code-\d/);
  });

  test('does not sign in twice; --force does, and ends the former sign-in', async () => {
    const first = login();
    await browse(first);
    await first.ended;
    const former = server.grants.at(-1)!;
    server.requests.length = 0;
    const second = login();
    expect((await second.ended).exit).toBe('ok');
    expect(second.said()).toContain('Already signed in');
    expect(server.requests.map(({ line }) => line)).toEqual(['GET /api/v1/me']);

    const forced = login('--force');
    await browse(forced);
    expect((await forced.ended).exit).toBe('ok');
    expect(pushed().get('prompt')).toBe('login');
    expect(former.isEnded).toBe(true);
    expect(server.grants.at(-1)!.isEnded).toBe(false);
  });

  test('asks for the sign-in that a role wants', async () => {
    const command = login('--step-up', 'arn:aws:iam::111122223333:role/Admin');
    await browse(command);
    await command.ended;
    expect(pushed().get('step_up_role')).toBe('arn:aws:iam::111122223333:role/Admin');
  });

  test('hands the address to BROWSER without a shell, and prints it all the same', async () => {
    const [seen, script] = [join(machine.home, 'seen'), join(machine.home, 'my browser.sh')];
    writeFileSync(script, `#!/bin/sh\nprintf '%s' "$1 $2" > ${seen}.part && mv ${seen}.part ${seen}\n`, {
      mode: 0o755,
    });
    machine = { ...machine, context: { ...machine.context, env: { BROWSER: `"${script}" --url=%s second` } } };
    const command = login();
    const url = await command.says(/http:\S+\/oauth\/authorize\?\S+/);
    await expect.poll(() => readOr(seen)).toBe(`--url=${url} second`);
    await browse(command);
    expect((await command.ended).exit).toBe('ok');
  });

  test('says so if the browser cannot be started, and goes on', async () => {
    machine = { ...machine, context: { ...machine.context, env: { BROWSER: '/no/such/browser' } } };
    const command = login();
    await command.says(/No browser could be started/);
    await browse(command);
    expect((await command.ended).exit).toBe('ok');
  });

  test('waits on the port that was wanted', async () => {
    const port = await freePort();
    const command = login('--port', String(port));
    await browse(command);
    expect((await command.ended).exit).toBe('ok');
    expect(pushed().get('redirect_uri')).toBe(`http://127.0.0.1:${port}/callback`);
  });

  test('over SSH says how the port gets to the browser', async () => {
    machine = { ...machine, context: { ...machine.context, env: { SSH_CONNECTION: '10.0.0.1 5000 10.0.0.2 22' } } };
    const command = login();
    const line = await command.says(/ssh -N -L \d+:127\.0\.0\.1:\d+ \S+/);
    await browse(command);
    await command.ended;
    expect(pushed().get('redirect_uri')).toContain(`:${/-L (\d+)/.exec(line)![1]}/`);
  });
});

describe('a sign-in that does not come to its end', () => {
  test('a port that is taken: says so before anything opens', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port } = holder.address() as { port: number };
    const { exit, message } = await login('--port', String(port)).ended;
    expect([exit, message]).toEqual(['usage', expect.stringContaining(`port ${port} is taken`)]);
    expect(server.requests.map(({ line }) => line)).not.toContain('POST /oauth/par');
    await new Promise((resolve) => holder.close(resolve));
  });

  test('the person says "this was not me": denied, in the words of the broker, without its escapes', async () => {
    server.behaviour.answer = 'deny';
    const command = login();
    expect(await (await browse(command)).text()).toContain('is not signed in');
    const { exit, message } = await command.ended;
    expect([exit, message]).toEqual(['denied', expect.stringContaining('not me')]);
    expect(message).not.toContain('\u001b');
    expect(signIn()).toBeUndefined();
  });

  test('times out without an answer, and names the command to type', async () => {
    const wish = { opensBrowser: false, waitMs: 50 };
    const { exit, message } = await follow(machine, () => performSignIn(machine.context, server.origin, wish)).ended;
    expect([exit, message]).toEqual(['login', expect.stringContaining('`rolegate login --broker')]);
  });

  test("refuses a code from another user's sign-in [RFC 7636 §1]", async () => {
    const [mine, foreign] = [login(), run(createMachine(), 'login', '--broker', server.origin)];
    const [here, there] = [await reachCallback(mine), await reachCallback(foreign)];
    const own = here.searchParams.get('code')!;
    here.searchParams.set('code', there.searchParams.get('code')!);
    await fetch(here);
    expect((await mine.ended).exit).toBe('failed');
    expect(signIn()).toBeUndefined();
    there.searchParams.set('code', own);
    await fetch(there);
    expect((await foreign.ended).exit).toBe('failed');
  });

  test.each([
    ['another issuer', { issuer: 'https://elsewhere.example' }],
    ['tokens to be fetched elsewhere', { token_endpoint: 'https://elsewhere.example/oauth/token' }],
    ['an address that is none', { revocation_endpoint: 'revoke' }],
  ])('a broker that names %s is not trusted [RFC 8414 §3.3]', async (_name, metadata) => {
    server.behaviour.metadata = metadata;
    const { exit } = await login().ended;
    server.behaviour.metadata = {};
    expect(exit).toBe('failed');
    expect(server.requests).toHaveLength(1);
  });

  test.each([['0'], ['70000'], ['http']])('--port %s is refused', async (port) => {
    await expect(login('--port', port).ended).rejects.toMatchObject({ code: 'commander.invalidArgument' });
  });
});

describe('rolegate login --remote', () => {
  test('takes the line that the page shows, and nothing else', async () => {
    const command = login('--remote');
    await command.says(/paste it here/);
    const line = await (await browse(command)).text();
    machine.context.stdin.push(`hello\n${line.split('.')[0]}.${'x'.repeat(43)}\n  ${line} \n`);
    expect((await command.ended).exit).toBe('ok');
    expect(command.said().match(/not the line of this sign-in/g)).toHaveLength(2);
    expect(pushed().get('redirect_uri')).toBe(`${server.origin}/oauth/remote`);
    expect(signIn()?.person?.user).toBe('alice@corp.example');
  });

  test('ends when no line comes', async () => {
    const command = login('--remote');
    await command.says(/paste it here/);
    machine.context.stdin.push(null);
    expect((await command.ended).exit).toBe('login');
  });

  test('where the company forbids it: says how to do without', async () => {
    server.behaviour.remoteLogin = false;
    const { exit, message } = await login('--remote').ended;
    expect(exit).toBe('denied');
    expect(message).toMatch(/ssh -N -L 8250:127\.0\.0\.1:8250 \S+`.*`rolegate login --port 8250 --no-browser/);
  });
});

describe('several at once', () => {
  test('one sign-in for two terminals: the second takes the result of the first', async () => {
    const first = login();
    await first.says(/authorize/);
    // A separate machine to capture the output; the files and the environment are the same.
    const twin = { ...machine, context: { ...machine.context, stderr: createMachine().context.stderr } };
    const second = run(twin, 'login', '--broker', server.origin);
    await second.says(/Another terminal/);
    await browse(first);
    expect([(await first.ended).exit, (await second.ended).exit]).toEqual(['ok', 'ok']);
    expect(second.said()).toContain('Signed in at');
    expect(server.requests.filter(({ line }) => line === 'POST /oauth/par')).toHaveLength(1);
  });

  test('two brokers side by side do not know of each other', async () => {
    const other = await startStandIn();
    const [one, two] = [login(), run(machine, 'login', '--broker', other.origin)];
    const urls = [
      await two.says(new RegExp(`${other.origin}/oauth/authorize\\S+`)),
      await one.says(new RegExp(`${server.origin}/oauth/authorize\\S+`)),
    ];
    await Promise.all(urls.map((url) => fetch(url)));
    expect([(await one.ended).exit, (await two.ended).exit]).toEqual(['ok', 'ok']);
    await run(machine, 'logout', '--broker', other.origin).ended;
    expect([signIn(other.origin), signIn()?.broker]).toEqual([undefined, server.origin]);
    await other.stop();
  });
});

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
