// The built command in bash, zsh and fish, each in a new home directory, against the broker behind a company's CA, the
// identity provider, AWS and Chromium: what goes wrong on the first days, and must not.
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { estate } from '../../examples/demo/company.ts';
import { publishMetadata } from '../../src/wiring/published-metadata.ts';
import { shownCode } from '../app/support/command-line.ts';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { type Bundle, buildBundle } from '../cli/support/bundle.ts';
import { type ConnectProxy, startConnectProxy } from '../cli/support/connect-proxy.ts';
import type { PseudoTerminal } from '../cli/support/pseudo-terminal.ts';
import { useChromium } from '../support/chromium.ts';
import { keyPair } from '../support/key-pairs.ts';
import { findOnPath } from '../support/parts/find-part.mjs';
import { allowSignIn, createShellMachine, reachQuestion, type ShellMachine } from './support/shell-machine.ts';

const shells = (['bash', 'zsh', 'fish'] as const).filter((name) => findOnPath(name));
const arn = 'arn:aws:iam::444455556666:role/Developer';
let folder: string;
let demo: TestDemo;
let bundle: Bundle;
/** The company's CA, which vouches for the broker. */
let ca: string;
const machines: ShellMachine[] = [];
const chromium = useChromium();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rolegate-shells-'));
  chmodSync(folder, 0o755);
  ca = join(folder, 'ca.pem');
  writeFileSync(ca, keyPair('tls-ca').cert);
  const { key, cert } = keyPair('tls-localhost');
  const tls = { key: join(folder, 'tls.key'), cert: join(folder, 'tls.crt') };
  writeFileSync(tls.key, key, { mode: 0o600 });
  writeFileSync(tls.cert, cert);
  const overTls = (config: Record<string, unknown>) => ({
    ...config,
    baseUrl: String(config['baseUrl']).replace('http:', 'https:'),
    listen: { ...(config['listen'] as object), tls },
  });
  [demo, bundle] = await Promise.all([startTestDemo({ adjust: overTls }), buildBundle()]);
  chmodSync(dirname(bundle.file), 0o755);
});
afterAll(async () => {
  for (const machine of machines) machine.remove();
  await demo?.close();
  bundle?.remove();
  rmSync(folder, { recursive: true, force: true });
});

function newMachine(more: Readonly<Record<string, string>> = {}): ShellMachine {
  const machine = createShellMachine(bundle.file, { AWS_ENDPOINT_URL: demo.awsUrl, ...more });
  machines.push(machine);
  return machine;
}

const openContext = () => chromium.browser().newContext({ ignoreHTTPSErrors: true });

/** `init` with the CA and `login`, in Chromium. */
async function signIn(machine: ShellMachine, page: Page): Promise<void> {
  expect(await machine.rolegate(`--ca-bundle ${ca} init ${demo.brokerUrl}`)).toMatchObject({ code: 0 });
  const index = machine.pages().length;
  const login = machine.rolegate('login');
  await allowSignIn(page, await machine.page(index));
  expect(await login).toMatchObject({ code: 0, stdout: '' });
}

const me = 'aws sts get-caller-identity --query Arn --output text --profile';

describe.each(shells)('in %s', (shell) => {
  let machine: ShellMachine;
  let context: BrowserContext;
  let page: Page;
  beforeAll(async () => {
    machine = newMachine();
    context = await openContext();
    page = await context.newPage();
    await signIn(machine, page);
  });
  afterAll(() => context?.close());

  const status = shell === 'fish' ? '$status' : '$?';
  const evaluate = (words: string) =>
    shell === 'fish' ? `rolegate export ${words} | source` : `eval "$(rolegate export ${words})"`;

  test('a role name that is not exact runs nothing', async () => {
    const names = ['platform-pro/Operator', 'payments-prod/Read', 'prod/Admin', `${arn}s`];
    const lines = names.map((name) => `rolegate exec --role ${name} -- echo ran; echo ${status}`);
    const { stdout, stderr } = await machine.run(shell, lines.join('\n'));
    expect(stdout).toBe('4\n4\n4\n4\n');
    expect(stderr).toContain('did you mean platform-prod/Operator');
  });

  test('an empty role is a mistake in every command, also where a choice was cancelled', async () => {
    const lines = [
      'exec --role "$(rolegate pick 2>/dev/null)" -- echo ran',
      "export ''",
      `curl --role '' --service s3 --region eu-west-1 ${demo.awsUrl}`,
      "serve --role ''",
      "login --step-up ''",
    ].map((words) => `rolegate ${words} >/dev/null; echo ${status}`);
    const { stdout, stderr } = await machine.run(shell, lines.join('\n'));
    expect(stdout).toBe('2\n2\n2\n2\n2\n');
    expect(stderr.match(/the role is empty/g), stderr).toHaveLength(5);
  });

  test('export knows the shell that it runs in, and takes back what it set', async () => {
    const shown = 'echo "[$AWS_ACCESS_KEY_ID] [$AWS_PROFILE] [$AWS_ROLE_ARN]"';
    const lines = [evaluate('payments-dev/Developer'), shown, evaluate('payments-dev/Missing'), shown];
    const inherited = {
      SHELL: shell === 'fish' ? '/bin/bash' : '/usr/bin/fish',
      PSModulePath: '/opt/microsoft/powershell/7/Modules',
      AWS_PROFILE: 'prod',
      AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/Other',
    };
    const { stdout, stderr } = await machine.run(shell, lines.join('\n'), inherited);
    expect(stdout).toMatch(/^\[ASIA\w+\] \[\] \[\]\n\[\] \[\] \[\]\n$/);
    expect(stderr).not.toMatch(/unknown command|not found/i);
  });

  test('a name works without the broker while its credentials last', async () => {
    const run = `rolegate exec payments-dev/Developer -- sh -c 'echo "$ROLEGATE_EXEC $AWS_REGION"'`;
    expect(await machine.run(shell, run)).toMatchObject({ code: 0 });
    const gone = { HTTPS_PROXY: 'http://127.0.0.1:9' };
    expect(await machine.run(shell, run, gone)).toMatchObject({
      code: 0,
      stdout: `${arn} eu-west-1\n`,
    });
    expect(await machine.rolegate('roles', gone)).toMatchObject({ code: 5 });
  });

  test('a length that AWS does not give is mentioned', async () => {
    const script = `${evaluate('payments-staging/Developer --duration 8h')}; echo "[$AWS_ACCESS_KEY_ID]"`;
    const { stdout, stderr } = await machine.run(shell, script);
    expect(stdout).toMatch(/^\[ASIA\w+\]\n$/);
    expect(stderr).toMatch(/^rolegate: valid for 1 h 0 min instead of 8 h 0 min: .*\n$/);
  });

  test('profiles keep how they were written, and what the person added', async () => {
    const mine = { AWS_CONFIG_FILE: join(machine.home, 'config-of-names') };
    const name = 'development/payments-dev/Developer';
    const run = (script: string) => machine.run(shell, script, mine);
    const first = await run("rolegate profiles sync --yes --login --template '{environment}/{alias}/{role}'");
    expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining('7 added') });
    await run(`aws configure set output table --profile ${name}; aws configure set region us-east-2 --profile ${name}`);
    const before = readFileSync(mine.AWS_CONFIG_FILE, 'utf8');
    expect(before).toMatch(/output = table/);
    expect(await run('rolegate profiles sync --yes')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('nothing had to change'),
    });
    expect(readFileSync(mine.AWS_CONFIG_FILE, 'utf8')).toBe(before);
    expect(before.match(/ --login\b/g)).toHaveLength(7);
  });

  test('a profile that needs a stronger sign-in opens one page, with its code on the terminal', async () => {
    const mine = { AWS_CONFIG_FILE: join(machine.home, 'config-of-step-up') };
    const sync = "rolegate profiles sync --yes --login --template '{alias}-{role}'";
    expect(await machine.run(shell, sync, mine)).toMatchObject({ code: 0 });
    const index = machine.pages().length;
    const call = () => machine.open(shell, `${me} payments-prod-Admin`, mine);
    const refused = call();
    // The AWS CLI keeps the standard error of the command to itself.
    const code = await refused.says(shownCode);
    await reachQuestion(page, await machine.page(index));
    expect(await page.textContent('main')).toContain(code);
    await page.getByRole('button', { name: 'This was not me' }).click();
    expect(await refused.ended).not.toBe(0);
    const again = call();
    expect(await again.ended).not.toBe(0);
    expect(again.seen()).toContain('run `rolegate login --step-up arn:aws:iam::111122223333:role/Admin`');
    expect(machine.pages()).toHaveLength(index + 1);
    const login = machine.open(shell, 'rolegate login --step-up payments-prod/Admin');
    await allowSignIn(page, await machine.page(index + 1));
    expect(await login.ended).toBe(0);
    const allowed = call();
    expect(await allowed.ended, allowed.seen()).toBe(0);
    expect(allowed.seen()).toContain('assumed-role/Admin/alice@corp.example');
    expect(machine.pages()).toHaveLength(index + 2);
  });

  test('console opens without a further page in the browser of the same person', async () => {
    const index = machine.pages().length;
    expect(await machine.run(shell, 'rolegate console payments-dev/Developer --service s3')).toMatchObject({ code: 0 });
    const address = await machine.page(index);
    await page.goto(address);
    await page.waitForURL(`${demo.awsUrl}/console/s3/**`);
    expect(await page.textContent('body')).toContain('444455556666');
    await page.goto(address);
    await page.getByRole('button', { name: 'Open the console' }).waitFor();
  });

  test('serve prints the region too, for this shell', async () => {
    const serve = machine.open(shell, `rolegate serve payments-dev/Developer --shell ${shell}`);
    await serve.says(/serving/);
    serve.type('\x03');
    await serve.ended;
    const set = shell === 'fish' ? /set -gx AWS_REGION 'eu-west-1'/ : /export AWS_REGION='eu-west-1'/;
    expect(serve.seen()).toMatch(set);
  });

  test('in a terminal, a command that needs a sign-in asks, and goes on afterwards', async () => {
    const other = newMachine();
    // A browser that has not given a second factor yet.
    const fresh = await chromium.open({ ignoreHTTPSErrors: true });
    expect(await other.run(shell, `rolegate --ca-bundle ${ca} init ${demo.brokerUrl}`)).toMatchObject({ code: 0 });
    const roles = other.open(shell, 'rolegate roles');
    await roles.says(/You are not signed in at 127\.0\.0\.1:\d+\. Open the browser\? \[Y\/n\]/);
    roles.type('y\r');
    const address = await other.page(0);
    await roles.says(/Waiting for the browser, [45]:\d\d left\. Ctrl-C cancels\./);
    await allowSignIn(fresh, address);
    expect(await roles.ended, roles.seen()).toBe(0);
    expect(roles.seen()).toContain('payments-dev/Developer');
    const stepUp = other.open(shell, 'rolegate exec payments-prod/Admin -- echo it-ran');
    await stepUp.says(
      /payments-prod\/Admin requires a stronger or a more recent sign-in\. Open the browser\? \[Y\/n\]/,
    );
    stepUp.type('\r');
    await allowSignIn(fresh, await other.page(1));
    expect(await stepUp.ended, stepUp.seen()).toBe(0);
    expect(stepUp.seen()).toMatch(/it-ran\r\n$/);
  });
});

describe('on one machine', () => {
  let machine: ShellMachine;
  let context: BrowserContext;
  let page: Page;
  let silent: { readonly server: Server; readonly terminal: PseudoTerminal };
  beforeAll(async () => {
    machine = newMachine();
    context = await openContext();
    page = await context.newPage();
    silent = await askSilentBroker();
    await signIn(machine, page);
  });
  afterAll(async () => {
    await context?.close();
    silent?.server.close();
  });

  /** It takes connections and says nothing; the command waits while other tests run. */
  async function askSilentBroker() {
    const server = createServer((socket) => void socket.on('error', () => {}));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const terminal = newMachine().open('bash', `rolegate init http://127.0.0.1:${port}`);
    return { server, terminal };
  }

  describe('behind a CA of the company', () => {
    test('the message names the ways to trust it, and init remembers one for every tool', async () => {
      const other = newMachine();
      const refused = await other.rolegate(`init ${demo.brokerUrl}`);
      expect(refused).toMatchObject({ code: 5, stderr: expect.stringContaining('--ca-bundle, ROLEGATE_CA_BUNDLE') });
      const mine = { AWS_CONFIG_FILE: join(machine.home, 'config-of-ca') };
      await machine.rolegate('profiles sync --yes', mine);
      const [, helper = ''] = /^credential_process = (.*Developer.*)$/m.exec(
        readFileSync(mine.AWS_CONFIG_FILE, 'utf8'),
      )!;
      expect(helper).toContain(` --ca-bundle ${ca}`);
      const { code, stdout } = await machine.run('bash', `env -i HOME="$HOME" ${helper}`);
      expect([code, JSON.parse(stdout).Version]).toEqual([0, 1]);
    });
  });

  test('profiles of a command that has moved since are put right by the sync that doctor advises', async () => {
    const mine = { AWS_CONFIG_FILE: join(machine.home, 'config-of-moved') };
    const old = join(machine.home, 'old.cjs');
    copyFileSync(bundle.file, old);
    await machine.run('bash', `'${inject('node')}' '${old}' profiles sync --yes --template 'p.{alias}.{role}'`, mine);
    rmSync(old);
    expect((await machine.rolegate('doctor', mine)).stdout).toContain(`a file that no longer exists: ${old}`);
    expect(await machine.rolegate('profiles sync --yes', mine)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('7 changed'),
    });
    expect((await machine.rolegate('doctor', mine)).stdout).toMatch(/^ok {7}profiles: 7, /m);
  });

  test.each([
    ['a section twice', '[profile a]\nx = 1\n[profile a]\n', 'line 3: [profile a] is there twice'],
    ['a byte order mark', '\ufeff[default]\n', 'begins with a byte order mark'],
  ])('sync and doctor name what the AWS CLI cannot read: %s', async (title, content, problem) => {
    const mine = { AWS_CONFIG_FILE: join(machine.home, title.replaceAll(' ', '-')) };
    writeFileSync(mine.AWS_CONFIG_FILE, content);
    expect((await machine.run('bash', 'aws configure list-profiles', mine)).code).not.toBe(0);
    expect((await machine.rolegate('profiles sync --yes', mine)).stderr).toContain(problem);
    expect((await machine.rolegate('doctor', mine)).stdout).toContain(problem);
  });

  test('a file of the AWS CLI that is read-only or in UTF-16 stays as it is', async () => {
    const mine = { AWS_CONFIG_FILE: join(machine.home, 'config-to-keep') };
    for (const [content, mode, problem] of [
      [Buffer.from('\ufeff[default]\n', 'utf16le'), 0o600, 'is in UTF-16'],
      [Buffer.from('[default]\n'), 0o400, 'is read-only (mode 0400)'],
    ] as const) {
      rmSync(mine.AWS_CONFIG_FILE, { force: true });
      writeFileSync(mine.AWS_CONFIG_FILE, content, { mode });
      const { code, stderr } = await machine.rolegate('profiles sync --yes', mine);
      expect([code, stderr]).toEqual([1, expect.stringContaining(problem)]);
      expect(readFileSync(mine.AWS_CONFIG_FILE).equals(content)).toBe(true);
    }
  });

  describe('a proxy', () => {
    let open: ConnectProxy;
    let guarded: ConnectProxy;
    beforeAll(async () => {
      [open, guarded] = await Promise.all([startConnectProxy(), startConnectProxy('person:secret')]);
    });
    afterAll(() => Promise.all([open?.stop(), guarded?.stop()]));

    test('without a scheme is used as curl uses it, and NO_PROXY takes networks', async () => {
      const host = new URL(demo.brokerUrl).host;
      expect(await machine.rolegate('whoami', { HTTPS_PROXY: open.url.slice(7) })).toMatchObject({ code: 0 });
      expect(open.targets).toContain(host);
      const past = { HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.0/8' };
      expect(await machine.rolegate('whoami', past)).toMatchObject({ code: 0 });
    });

    test.each([
      [
        'is down',
        () => 'http://127.0.0.1:9',
        /the proxy http:\/\/127\.0\.0\.1:9 of HTTPS_PROXY cannot be used: connection/,
      ],
      [
        'is not known',
        () => 'http://proxy.invalid:3128',
        /the proxy http:\/\/proxy\.invalid:3128 of HTTPS_PROXY cannot/,
      ],
      [
        'wants a password',
        () => guarded.url.replace('person:secret@', ''),
        /HTTPS_PROXY requires a user name and a pass/,
      ],
    ])('that %s is blamed, and not the broker', async (_, url, message) => {
      const { code, stderr } = await machine.rolegate('whoami', { HTTPS_PROXY: url() });
      expect([code, stderr]).toEqual([5, expect.stringMatching(message)]);
    });
  });

  test('login lifts the limit of automatic sign-ins', async () => {
    const other = newMachine();
    const automatic = (index: number) => cancelled(other, index);
    await other.rolegate(`--ca-bundle ${ca} init ${demo.brokerUrl}`);
    for (const index of [0, 1, 2])
      expect(await automatic(index)).toMatchObject({ code: expect.any(Number), stdout: '' });
    const fourth = await other.rolegate(`credential-process --login --role ${arn}`);
    expect(fourth).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('3 sign-ins were started in the last hour'),
    });
    const login = other.rolegate('login');
    await allowSignIn(page, await other.page(3));
    expect(await login).toMatchObject({ code: 0 });
    expect(await other.rolegate('logout')).toMatchObject({ code: 0 });
    await automatic(4);
    expect(other.pages()).toHaveLength(5);
  });

  /** A tool asks for credentials, and the person cancels the page. */
  async function cancelled(other: ShellMachine, index: number) {
    const asked = other.rolegate(`credential-process --login --role ${arn}`);
    await reachQuestion(page, await other.page(index));
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    return asked;
  }

  test('folders that cannot be written are named, and keep no tokens after logout', async () => {
    const other = newMachine();
    await signIn(other, page);
    const state = join(other.home, '.local/state/rolegate');
    const files = readdirSync(other.home, { recursive: true, encoding: 'utf8' }).map((name) => join(other.home, name));
    // Root may write everywhere.
    const asPerson = process.getuid?.() === 0 ? 'setpriv --reuid=65534 --regid=65534 --clear-groups ' : '';
    if (asPerson) for (const file of [other.home, ...files]) chownSync(file, 65_534, 65_534);
    for (const file of files) if (file.startsWith(state) && statSync(file).isDirectory()) chmodSync(file, 0o500);
    const run = (words: string) => other.run('bash', `${asPerson}rolegate ${words}`);
    const denied = /^rolegate: \/\S*state\/rolegate\S* cannot be used: permission denied \(EACCES\)\n$/;
    const login = await run('login --force --no-browser');
    expect([login.code, login.stderr]).toEqual([1, expect.stringMatching(denied)]);
    expect((await run('doctor')).stdout).toMatch(/^FAILED {3}folders: cannot write .*state\/rolegate/m);
    expect(await run('logout')).toMatchObject({ code: 0 });
    expect(await run('whoami')).toMatchObject({ code: 3 });
  });

  test.each<[string, string, Readonly<Record<string, string>>, number, RegExp]>([
    ['a policy that is not there', `exec ${arn} --policy file:///nope -- true`, {}, 2, /--policy \S+ cannot be read/],
    ['a service that the console has not', `console ${arn} --service nosuch`, {}, 2, /is not a console service/],
    ['a browser that is not there', 'doctor', { BROWSER: '/nope/firefox' }, 0, /WARNING {2}browser: .*\/nope\/firefox/],
    ['a profile that is not there', 'doctor', { AWS_PROFILE: 'none' }, 0, /WARNING {2}AWS_PROFILE: no file has/],
    ['more time than a session has', `credential-process --role ${arn} --duration 15m --min-ttl 30m`, {}, 1, /15 min/],
  ])('%s is named', async (_, words, more, code, message) => {
    const { code: ended, stdout, stderr } = await machine.rolegate(words, more);
    expect([ended, stdout + stderr]).toEqual([code, expect.stringMatching(message)]);
  });

  test('doctor needs no broker, and does not close a folder of the whole machine', async () => {
    const { code, stdout } = await newMachine().rolegate('doctor', { AWS_CONFIG_FILE: '/tmp' });
    expect([code, stdout]).toEqual([2, expect.stringMatching(/^FAILED {3}broker: no broker is configured/m)]);
    expect(stdout).toMatch(/^ok {7}loopback/m);
    expect(stdout).not.toContain('chmod go= /tmp');
  });

  test('what AWS refuses of the broker is not an outage of the broker', async () => {
    const original = estate(publishMetadata(demo.config).aws);
    const accounts = original.accounts.map((each) => ({ ...each, samlProviders: {} }));
    demo.aws.setEstate({ ...original, accounts });
    const { code, stderr } = await machine.rolegate('export data-dev/DataScientist');
    demo.aws.setEstate(original);
    expect([code, stderr]).toEqual([1, expect.not.stringContaining('cannot be reached')]);
  });

  test('logout removes what the command keeps: credentials, names of roles, sessions of mfa', async () => {
    const other = newMachine();
    await signIn(other, page);
    const mfa = join(other.home, '.cache/rolegate/mfa');
    await other.rolegate(`exec ${arn} -- true`);
    await other.rolegate('roles');
    mkdirSync(mfa, { recursive: true });
    writeFileSync(join(mfa, 'carol.json'), '{}');
    expect(await other.rolegate('logout')).toMatchObject({ code: 0 });
    const left = readdirSync(join(other.home, '.cache/rolegate'), { recursive: true, withFileTypes: true });
    expect(left.filter((each) => each.isFile()).map(({ name }) => name)).toEqual([]);
  });

  test('Ctrl-C in login leaves nothing behind', async () => {
    const other = newMachine();
    await other.rolegate(`--ca-bundle ${ca} init ${demo.brokerUrl}`);
    const login = other.open('bash', 'rolegate login');
    await other.page(0);
    login.type('\x03');
    await login.ended;
    expect(readdirSync(join(other.home, '.local/state/rolegate/run'))).toEqual([]);
  });

  test('the picker is drawn again for a terminal that got narrower, with what was typed', async () => {
    const pick = machine.open('bash', 'rolegate pick');
    await pick.says(/Payments Development {2}444455556666/);
    pick.type('pay');
    await pick.says(/\[36mpay\W/);
    const before = pick.seen().length;
    pick.resize(36);
    const drawn = await pick.says(/\[J[\s\S]*payments-staging[\s\S]*select/, before);
    expect(stripVTControlCharacters(drawn)).toContain('Role pay');
    for (const line of stripVTControlCharacters(drawn).split('\n')) expect(line.trim().length).toBeLessThanOrEqual(36);
    pick.type('\r');
    expect(await pick.ended).toBe(0);
    expect(pick.seen()).toMatch(/arn:aws:iam::\d+:role\/\w+\r\n$/);
  });

  test('settings that cannot be read are named, and so is an old Node', async () => {
    const other = newMachine();
    mkdirSync(join(other.home, '.config/rolegate'), { recursive: true });
    writeFileSync(join(other.home, '.config/rolegate/config.json'), '{');
    expect(await other.rolegate('status')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('config.json names no broker, or cannot be read'),
    });
    const old = join(other.home, 'old.cjs');
    writeFileSync(old, "Object.defineProperty(process.versions, 'node', { value: '14.21.3' });\n");
    const { code, stderr } = await other.rolegate('--version', { NODE_OPTIONS: `--require ${old}` });
    expect([code, stderr]).toEqual([1, 'rolegate: needs Node 20.19 or newer, and this is 14.21.3: install Node 24\n']);
  });

  test('a broker that takes the connection and says nothing ends the command, which says what it waits for', async () => {
    const { terminal } = silent;
    expect(await terminal.ended).toBe(5);
    expect(terminal.seen()).toMatch(
      /Waiting for 127\.0\.0\.1:\d+…[\s\S]*127\.0\.0\.1:\d+ cannot be reached: no answer in time/,
    );
  });
});
