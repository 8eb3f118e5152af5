// `npm run sdk-matrix`: AWS CLIs and SDKs, old and new, against the demo: through a profile, a profile of a second role, and
// the endpoint of `exec --server`. Fetches the clients once; prints the table of docs/command-line.md. Needs Python 3, Go,
// a JDK, Maven and Debian's packages.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startDemo } from '../examples/demo/start.ts';
import { createLogger } from '../src/log.ts';
import { signIn } from '../test/app/support/sign-in.ts';
import { createHttpBrowser } from '../test/support/http-browser/http-browser.ts';
import { freeConsecutivePorts } from '../test/support/ports.ts';
import { type Client, clients, folderOf } from './sdk-matrix/clients.ts';

const cache = fileURLToPath(new URL('../node_modules/.cache/rolegate-sdks', import.meta.url));
const root = fileURLToPath(new URL('..', import.meta.url));
const second = 'arn:aws:iam::333344445555:role/InvoiceReader';
const first = 'arn:aws:sts::444455556666:assumed-role/Developer/alice@corp.example';
const chained = 'arn:aws:sts::333344445555:assumed-role/InvoiceReader/alice@corp.example';

/** All, or those whose names have one of the words given. */
const words = process.argv.slice(2);
const wanted = clients.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));

const work = mkdtempSync(join(tmpdir(), 'rolegate-sdks-'));
const { buildCli } = await import(new URL('../deploy/build-cli.mjs', import.meta.url).href);
// With spaces in both paths of the profiles' command.
const programs = join(work, 'my programs');
mkdirSync(programs);
await buildCli(root, programs);
symlinkSync(process.execPath, join(programs, 'the node'));
const demo = await startDemo({ port: await freeConsecutivePorts(4), directory: work, log: createLogger('error') });
const env = {
  PATH: process.env['PATH'] ?? '',
  HOME: join(work, 'home'),
  ROLEGATE_URL: demo.brokerUrl,
  STS_ENDPOINT: demo.awsUrl,
  // The second role is asked for there.
  AWS_ENDPOINT_URL_STS: demo.awsUrl,
  AWS_REGION: 'eu-west-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  // The SDK for Go, version 1, reads the configuration only then.
  AWS_SDK_LOAD_CONFIG: '1',
  // Java has its own idea of the home directory.
  JAVA_TOOL_OPTIONS: `-Duser.home=${join(work, 'home')}`,
};
const rolegate = [join(programs, 'the node'), join(programs, 'rolegate.cjs')];

try {
  await logIn();
  await call([...rolegate, 'profiles', 'sync', '--yes', '--helper', rolegate.map((path) => `"${path}"`).join(' ')]);
  const role = ['--role', 'payments-dev/Developer'];
  await call([...rolegate, 'profiles', 'add', 'reader', ...role, '--then', second, '--yes']);
  console.log('| Client | Profile | Profile of a second role | `exec --server` |\n|--|--|--|--|');
  for (const client of wanted) console.log(`| ${[client.name, ...(await judge(client))].join(' | ')} |`);
} finally {
  await demo.close();
  rmSync(work, { recursive: true, force: true });
}

async function judge(client: Client): Promise<string[]> {
  const folder = join(cache, folderOf(client));
  const command = [...client.prepare(folder)];
  // The AWS CLI takes an endpoint as an option; the programs read STS_ENDPOINT.
  if (command.includes('get-caller-identity')) command.push('--endpoint-url', demo.awsUrl);
  const more = client.env?.(folder) ?? {};
  const server = [...rolegate, 'exec', '--server', 'payments-dev/Developer', '--', ...command];
  return [
    await outcome(command, { ...more, AWS_PROFILE: 'payments-dev-Developer' }, first),
    await outcome(command, { ...more, AWS_PROFILE: 'reader' }, chained),
    await outcome(server, more, first),
  ];
}

async function outcome(command: string[], more: Readonly<Record<string, string>>, arn: string): Promise<string> {
  try {
    const said = await call(command, more);
    return said === arn ? 'yes' : `no: ${said}`;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return `no: ${(stderr || message).trim().split('\n').at(-1)?.slice(0, 160)}`;
  }
}

async function call(command: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<string> {
  const [file = '', ...args] = command;
  const { stdout } = await promisify(execFile)(file, args, { env: { ...env, ...more }, timeout: 120_000 });
  return stdout.trim();
}

/** As alice, with a browser without scripts. */
async function logIn(): Promise<void> {
  const [file = '', ...args] = rolegate;
  const login = spawn(file, [...args, 'login', '--no-browser'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const browser = createHttpBrowser();
  const { origin, pathname, search } = new URL(await addressOf(login));
  const page = await signIn(browser, origin, 'alice', pathname + search);
  const allowed = await browser.submit(page, ({ action }) => action.includes('/oauth/confirm/'), { decision: 'allow' });
  const [, href = ''] = /<a class="button" href="([^"]+)"/.exec(allowed.body) ?? [];
  await browser.follow(allowed, href.replaceAll('&amp;', '&'));
  await new Promise((resolve) => login.once('close', resolve));
  browser.close();
}

function addressOf(login: ChildProcess): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    login.once('close', () => reject(new Error(said)));
    login.stderr!.on('data', (chunk) => {
      said += chunk;
      const found = /http:\S+\/oauth\/authorize\?\S+/.exec(said)?.[0];
      if (found) resolve(found);
    });
  });
}
