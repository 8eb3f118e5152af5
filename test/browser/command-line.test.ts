// The command line as a person uses it: the bundled command in separate processes, against the broker, the identity
// provider and AWS of the sample company.
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { readSignIn, writeSignIn } from '../../src/cli/sign-in/tokens.ts';
import {
  decide,
  goOn,
  logIn,
  openTerminal,
  reachConfirm,
  shownCode,
  signInAddress,
  type Terminal,
} from '../app/support/command-line.ts';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { postAnswer } from '../app/support/sign-in.ts';
import { type Bundle, buildBundle } from '../cli/support/bundle.ts';
import { createMachine } from '../cli/support/machine.ts';
import { useChromium } from '../support/chromium.ts';
import type { HtmlForm } from '../support/http-browser/html-forms.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import { answerIdentityProvider } from './support/person.ts';

let demo: TestDemo;
let bundle: Bundle;
let browser: HttpBrowser;
let terminal: Terminal;
const chromium = useChromium();

beforeAll(async () => {
  [demo, bundle] = await Promise.all([startTestDemo({ idpHost: 'localhost', adjust: withPaths }), buildBundle()]);
});
afterAll(async () => {
  bundle?.remove();
  await demo?.close();
});
beforeEach(() => {
  browser = createHttpBrowser();
  terminal = openTerminal(bundle.file, { ROLEGATE_URL: demo.brokerUrl });
});
afterEach(() => {
  browser.close();
  terminal.remove();
});

/** Two more roles for bob, whose names begin alike. */
function withPaths(config: Record<string, unknown>): Record<string, unknown> {
  const rules = ['team/Builder', 'team/BuilderPlus'].map((role) => ({
    ...{ name: role, when: { group: 'CORP\\AWS-Auditors' }, grant: { accounts: ['payments-dev'], role } },
  }));
  return { ...config, rules: [...(config['rules'] as object[]), ...rules] };
}

/** The files of a terminal, as code of the command sees them. */
const filesOf = ({ home }: Terminal) => ({ env: {}, platform: process.platform, homeDirectory: home });
const me = async (where = terminal) => JSON.parse((await where.run('whoami', '--json')).stdout);

function expireAccessToken(where: Terminal): void {
  const kept = readSignIn(filesOf(where), demo.brokerUrl)!;
  writeSignIn(filesOf(where), { ...kept, accessTokenExpiresAt: '2020-01-01T00:00:00.000Z' });
}

test('from init to logout, in Chromium: the page names this machine, and the terminal goes on by itself', async () => {
  expect((await terminal.run('init', demo.brokerUrl)).stderr).toContain('rolegate login');
  const [address, script] = [join(terminal.home, 'address'), join(terminal.home, 'browser')];
  writeFileSync(script, `#!/bin/sh\nprintf %s "$1" > ${address}.part && mv ${address}.part ${address}\n`, {
    mode: 0o755,
  });
  const here = openTerminal(bundle.file, { ROLEGATE_URL: demo.brokerUrl, BROWSER: script });
  const page = await chromium.open();
  const login = here.start('login');
  const code = await login.says(shownCode);
  await expect.poll(() => readOr(address)).toMatch(signInAddress);
  await page.goto(readOr(address));
  await page.fill('input[name=UserName]', 'alice');
  await page.fill('input[name=Password]', 'password');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Allow' }).waitFor();
  expect(await page.textContent('main')).toContain(code);
  expect(await page.textContent('main')).toContain(hostname().slice(0, 80));
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.getByText('The command line is signed in.').waitFor();
  expect(page.url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/done$/);
  expect(await login.ended).toBe(0);
  expect(login.stdout()).toBe('');
  expect(await me(here)).toMatchObject({ broker: demo.brokerUrl, user: expect.stringContaining('alice') });
  expect((await here.run('status')).stdout).toMatch(/^signed in at .* as alice/);
  expect((await here.run('logout')).code).toBe(0);
  expect(await here.run('whoami')).toMatchObject({ code: 3, stdout: '' });
  here.remove();
});

test('portal, command line and API find the same roles', async () => {
  await logIn(terminal, browser, 'bob');
  const page = await chromium.open();
  await page.goto(demo.brokerUrl);
  await answerIdentityProvider(page, demo.brokerUrl, 'bob');
  const inPortal = async (query: string) => {
    await page.fill('#search', query);
    const rows = `[...document.querySelectorAll('#results input[name=roleArn]')].map(({ value }) => value)`;
    return ((await page.evaluate(rows)) as string[]).sort();
  };
  const inApi = async (query: string) => {
    const answer = await browser.json('GET', `${demo.brokerUrl}/api/v1/roles?q=${encodeURIComponent(query)}`);
    return JSON.parse(answer.body)
      .roles.map(({ roleArn }: { roleArn: string }) => roleArn)
      .sort();
  };
  const machine = createMachine({ homeDirectory: terminal.home, env: { ROLEGATE_URL: demo.brokerUrl } });
  const inCommand = async (query: string, isInteractive: boolean) => {
    await runProgram({ ...machine.context, isInteractive }, ['roles', ...(query === '' ? [] : query.split(' '))]);
    const shown = machine.takeStdout();
    return roles.filter((_, index) => new RegExp(`\\b${names[index]}\\s`).test(shown));
  };
  const names = ['payments-prod/ReadOnly', 'payments-dev/team/Builder', 'payments-dev/team/BuilderPlus'];
  const roles = [
    '111122223333:role/ReadOnly',
    '444455556666:role/team/Builder',
    '444455556666:role/team/BuilderPlus',
  ].map((role) => `arn:aws:iam::${role}`);
  const [readOnly, builder, plus] = roles as [string, string, string];
  // What people get, and what programs get.
  const table: [query: string, people: string[], programs?: string[]][] = [
    ['read', [readOnly]],
    ['pci', [readOnly]],
    ['payments builder', [builder, plus]],
    ['team', [builder, plus]],
    ['payments-dev/team/Builder', [builder]],
    ['444455556666/team/builder', [builder]],
    [builder, [builder]],
    ['PAYMENTS-PROD/readonly', [readOnly]],
    ['raedonly', [readOnly], []],
    ['pdevplus', [plus], []],
    ['9999', []],
  ];
  for (const [query, people, programs = people] of table) {
    expect([query, await inPortal(query)]).toEqual([query, people]);
    expect([query, await inCommand(query, true)]).toEqual([query, people]);
    expect([query, await inCommand(query, false)]).toEqual([query, programs]);
    expect([query, await inApi(query)]).toEqual([query, programs]);
  }
  machine.remove();
});

describe('what a person decides', () => {
  test('cancelled: denied, and nothing is kept', async () => {
    const login = terminal.start('login');
    const page = await reachConfirm(browser, await login.says(signInAddress), 'alice');
    expect((await goOn(browser, await decide(browser, page, 'cancel'))).body).toContain('is not signed in');
    expect(await login.ended).toBe(4);
    expect((await terminal.run('whoami')).code).toBe(3);
  });

  test('--remote: the code of the terminal is typed, and the line of the page is pasted', async () => {
    const login = terminal.start('login', '--remote');
    const page = await reachConfirm(browser, await login.says(signInAddress), 'alice');
    const code = await login.says(shownCode);
    expect(page.body).not.toContain(code);
    const wrong = await decide(browser, page, 'allow', 'BBBB-BBBB');
    expect(wrong.status).toBe(403);
    const shown = await goOn(browser, await decide(browser, wrong, 'allow', code));
    const [, line = ''] = /<code id="remote-code">([^<]+)</.exec(shown.body) ?? [];
    login.child.stdin!.write(`${line}\n`);
    expect(await login.ended, login.stderr()).toBe(0);
    expect(await me()).toMatchObject({ user: expect.stringContaining('alice') });
  });

  test('--remote without a person at the terminal ends at once, and says so', async () => {
    const { code, stderr } = await terminal.run('login', '--remote');
    expect([code, stderr]).toEqual([3, expect.stringContaining('standard input ended before the line was pasted')]);
  });

  test('--force: the identity provider asks again, though the browser is signed in', async () => {
    await logIn(terminal, browser, 'alice');
    const login = terminal.start('login', '--force');
    const page = await browser.get(await login.says(signInAddress));
    expect(page.forms.flatMap(({ fields }) => fields.map(([name]) => name))).toContain('UserName');
    login.child.kill('SIGINT');
    await login.ended;
  });
});

describe('a sign-in', () => {
  test('lasts over its access tokens, for several processes at once', async () => {
    await logIn(terminal, browser, 'alice');
    expireAccessToken(terminal);
    const runs = await Promise.all(Array.from({ length: 4 }, () => terminal.run('whoami', '--json')));
    expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual(Array.from({ length: 4 }, () => [0, '']));
  });

  test('ends where its tokens are copied: the second use of a refresh token ends both [RFC 9700 §4.14.2]', async () => {
    await logIn(terminal, browser, 'alice');
    const thief = openTerminal(bundle.file, { ROLEGATE_URL: demo.brokerUrl });
    writeSignIn(filesOf(thief), readSignIn(filesOf(terminal), demo.brokerUrl)!);
    for (const each of [terminal, thief]) expireAccessToken(each);
    expect((await thief.run('whoami')).code).toBe(0);
    expect((await terminal.run('whoami')).stderr).toContain('is no longer valid: run `rolegate login`');
    expect((await thief.run('whoami')).code).toBe(3);
    thief.remove();
  });

  test('that is not strong enough for a role: the command to type leads through the second factor', async () => {
    await logIn(terminal, browser, 'alice');
    const wanted = ['credential-process', '--role', 'arn:aws:iam::111122223333:role/Admin'];
    const refused = await terminal.run(...wanted);
    expect([refused.code, refused.stdout]).toEqual([3, '']);
    expect(refused.stderr).toContain('run `rolegate login --step-up arn:aws:iam::111122223333:role/Admin`');
    const login = terminal.start('login', '--step-up', 'payments-prod/Admin');
    await passSecondFactor(await login.says(signInAddress));
    expect(await login.ended, login.stderr()).toBe(0);
    expect(JSON.parse((await terminal.run(...wanted)).stdout)).toMatchObject({ Version: 1 });
  });

  test('that is not strong enough for a role: a profile with --login opens one page, which asks for the second factor', async () => {
    const automatic = openTerminal(bundle.file, { ROLEGATE_URL: demo.brokerUrl, BROWSER: 'true %s' });
    await logIn(automatic, browser, 'alice', '--no-browser');
    const wanted = ['credential-process', '--role', 'arn:aws:iam::111122223333:role/Admin', '--login'];
    const all = [0, 1, 2].map(() => automatic.start(...wanted));
    await passSecondFactor(await Promise.race(all.map((each) => each.says(signInAddress))));
    expect(await Promise.all(all.map(({ ended }) => ended))).toEqual([0, 0, 0]);
    expect(all.filter(({ stderr }) => signInAddress.test(stderr()))).toHaveLength(1);
    automatic.remove();
  });
});

/** As alice: the password, the code of the second factor, and Allow. */
async function passSecondFactor(address: string): Promise<void> {
  let page = await browser.get(address);
  const account = { UserName: 'alice', Password: 'password' };
  for (const [name, value] of [
    ['UserName', 'alice'],
    ['VerificationCode', '123456'],
  ] as const) {
    const asks = (form: HtmlForm) => form.fields.some(([field]) => field === name);
    if (page.forms.some(asks))
      page = await browser.submit(page, asks, { ...(name === 'UserName' ? account : {}), [name]: value });
  }
  await goOn(browser, await decide(browser, await postAnswer(browser, page), 'allow'));
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
