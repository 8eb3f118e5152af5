// What ends a sign-in of the command line, what leaves it alone, and what a machine with a wrong clock is told: the whole
// command in separate processes, against the real broker, provider and AWS.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Bundle, buildBundle } from '../cli/support/bundle.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import { goOn, logIn, openTerminal, type Terminal } from './support/command-line.ts';
import { startTestDemo, type TestDemo } from './support/demo.ts';
import { requestLogout, signInWith } from './support/logout.ts';

// Each starts a dozen processes, which takes its time on a machine that does other things as well.
vi.setConfig({ testTimeout: 90_000 });

const shiftedClock = fileURLToPath(new URL('../cli/support/shifted-clock.cjs', import.meta.url));
const roleArn = 'arn:aws:iam::444455556666:role/Developer';
let demo: TestDemo;
let bundle: Bundle;
const terminals: Terminal[] = [];
const browsers: HttpBrowser[] = [];
beforeAll(async () => {
  [demo, bundle] = await Promise.all([startTestDemo(), buildBundle()]);
});
afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.remove();
  for (const browser of browsers.splice(0)) browser.close();
});
afterAll(async () => {
  bundle?.remove();
  await demo?.close();
});

function newTerminal(): Terminal {
  const terminal = openTerminal(bundle.file, { ROLEGATE_URL: demo.brokerUrl });
  terminals.push(terminal);
  return terminal;
}

/** Signed in in a browser, with this SessionIndex from the identity provider, and in a terminal. */
async function signedIn(user: string, sessionIndex: string): Promise<{ terminal: Terminal; browser: HttpBrowser }> {
  const browser = await signInWith(demo, user, sessionIndex);
  const terminal = newTerminal();
  browsers.push(browser);
  await logIn(terminal, browser, user, '--no-browser');
  return { terminal, browser };
}

/** Exit codes of `whoami`: 0 or 3. */
const stands = (...each: Terminal[]) => Promise.all(each.map(async ({ run }) => (await run('whoami')).code));

/** @returns the page at the end, by way of the identity provider */
async function signOut(browser: HttpBrowser, commandLine: 'end' | null): Promise<string> {
  const page = await browser.get(`${demo.brokerUrl}/command-line`);
  const signOutForm = page.forms.filter(({ action }) => action.endsWith('/logout')).at(-1);
  const left = await browser.submit(page, (form) => form === signOutForm, { command_line: commandLine });
  return (await goOn(browser, left)).body;
}

describe('signing out of the portal', () => {
  test('leaves the command line signed in, unless the person ticks the box', async () => {
    const [one, other, bob] = [
      await signedIn('alice', '_1'),
      await signedIn('alice', '_2'),
      await signedIn('bob', '_3'),
    ];
    expect(await signOut(one.browser, null)).toContain('still signed in on the command line');
    expect(await stands(one.terminal, other.terminal)).toEqual([0, 0]);
    expect(await signOut(other.browser, 'end')).not.toContain('still signed in on the command line');
    expect(await stands(one.terminal, other.terminal, bob.terminal)).toEqual([3, 3, 0]);
    const { code, stdout, stderr } = await one.terminal.run('credential-process', '--role', roleArn);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^rolegate: .*run `rolegate login`\n$/);
  });
});

describe('single logout', () => {
  test('ends what came from its SessionIndex; without one all of the person', async () => {
    const [one, other, bob] = [
      await signedIn('alice', '_4'),
      await signedIn('alice', '_5'),
      await signedIn('bob', '_4'),
    ];
    await requestLogout(demo, 'alice', '_4');
    expect(await stands(one.terminal, other.terminal)).toEqual([3, 0]);
    await requestLogout(demo, 'alice', undefined);
    expect(await stands(other.terminal, bob.terminal)).toEqual([3, 0]);
  });
});

test('`logout` ends this one, `logout --all` those of the person on every machine, and no session of a browser', async () => {
  const [one, two, three] = [
    await signedIn('alice', '_6'),
    await signedIn('alice', '_7'),
    await signedIn('alice', '_8'),
  ];
  const bob = await signedIn('bob', '_6');
  expect((await one.terminal.run('logout')).code).toBe(0);
  expect(await stands(one.terminal, two.terminal, three.terminal)).toEqual([3, 0, 0]);
  expect((await two.terminal.run('logout', '--all')).stderr).toContain('on every machine');
  expect(await stands(two.terminal, three.terminal, bob.terminal)).toEqual([3, 3, 0]);
  expect((await three.browser.json('GET', `${demo.brokerUrl}/api/v1/me`)).status).toBe(200);
});

describe('a clock that is off', () => {
  let terminal: Terminal;
  beforeEach(async () => {
    ({ terminal } = await signedIn('alice', '_9'));
  });

  const shifted = async (minutes: number, ...words: string[]) => {
    const shift = { NODE_OPTIONS: `--require ${shiftedClock}`, SHIFT_MINUTES: `${minutes}` };
    const { signal: _, ...ended } = await bundle.run(terminal.home, words, { ROLEGATE_URL: demo.brokerUrl, ...shift });
    return ended;
  };

  test('is named by every command, by the Date of the broker’s answer, and costs no sign-in', async () => {
    const { host } = new URL(demo.brokerUrl);
    const set = `${host}: set it, and try again\n`;
    // Ahead, the access token seems to be over and is renewed: what the broker gave for it must not be lost.
    const ahead = await shifted(20, 'credential-process', '--role', roleArn);
    expect(ahead).toEqual({
      code: 6,
      stdout: '',
      stderr: `rolegate: this machine's clock is 20 minutes ahead of ${set}`,
    });
    const behind = await shifted(-20, 'whoami');
    expect(behind).toEqual({
      code: 6,
      stdout: '',
      stderr: `rolegate: this machine's clock is 20 minutes behind ${set}`,
    });
    expect((await shifted(20, 'doctor')).stdout).toMatch(/^FAILED {3}clock: 12\d\d s ahead/m);
    expect(await shifted(4, 'whoami')).toMatchObject({ code: 0 });
    expect(await stands(terminal)).toEqual([0]);
  });
});

test('of two brokers each has its own tokens, credentials and profiles, and one goes on without the other', async () => {
  const other = await startTestDemo();
  const { terminal } = await signedIn('alice', '_10');
  const browser = createHttpBrowser();
  browsers.push(browser);
  await logIn(terminal, browser, 'alice', '--no-browser', '--broker', other.brokerUrl);
  await terminal.run('profiles', 'sync', '--yes');
  const sync = await terminal.run(
    'profiles',
    'sync',
    '--yes',
    '--broker',
    other.brokerUrl,
    '--template',
    'b-{alias}-{role}',
  );
  expect(sync).toMatchObject({ code: 0, stderr: expect.stringContaining('added') });
  const issuedBy = ({ audit }: TestDemo) =>
    audit.filter(({ event }) => event === 'credentials_issued').map((each) => each['accessKeyId']);
  const before = issuedBy(demo);
  const keys = await Promise.all(
    ['payments-dev-Developer', 'b-payments-dev-Developer'].map((name) => keyOf(terminal, name)),
  );
  expect(issuedBy(demo)).toEqual([...before, keys[0]]);
  expect(issuedBy(other)).toEqual([keys[1]]);
  await terminal.run('logout');
  expect(await keyOf(terminal, 'b-payments-dev-Developer')).toBe(keys[1]);
  expect(await keyOf(terminal, 'payments-dev-Developer')).toBe('');
  expect((await terminal.run('whoami', '--broker', other.brokerUrl)).code).toBe(0);
  await other.close();
});

/** The access key id that a profile's own words give, as an SDK asks for it; empty without one. */
async function keyOf({ home }: Terminal, profile: string): Promise<string> {
  const config = readFileSync(join(home, '.aws/config'), 'utf8');
  const section = config.split(`[profile ${profile}]`)[1]!.split('\n[')[0]!;
  const [, line = ''] = /^credential_process = (.*)$/m.exec(section) ?? [];
  const [, file, ...words] = line.split(' ');
  expect(file).toBe(bundle.file);
  const { stdout } = await bundle.run(home, words);
  return stdout === '' ? '' : JSON.parse(stdout).AccessKeyId;
}
