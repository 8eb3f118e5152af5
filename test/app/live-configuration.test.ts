// Two broker processes whose configuration changes while people are signed in: files as an editor and as Kubernetes write
// them, a signal, and a configuration that is not good.
import { execFile } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { stringify } from 'yaml';
import { type Adfs, startAdfs } from '../../emulators/adfs/server.ts';
import { people } from '../../examples/demo/company.ts';
import { sampleConfig } from '../../examples/demo/start.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import { keyPair } from '../support/key-pairs.ts';
import { freeConsecutivePorts } from '../support/ports.ts';
import { type BrokerProcess, type LoadBalancer, startBrokerProcess, startLoadBalancer } from './support/processes.ts';
import { signIn } from './support/sign-in.ts';

const run = promisify(execFile);

type Sections = Record<string, unknown>;

const directory = mkdtempSync(join(tmpdir(), 'rolegate-live-'));
const file = join(directory, 'rolegate.yaml');
const env = { SESSION_SECRET: 'a secret of the tests, 32 characters and more' };
let port: number;
let brokerUrl: string;
let adfs: Adfs;
let balancer: LoadBalancer;
let one: BrokerProcess;
let two: BrokerProcess;
let written: Sections;
let swaps = 0;
const browsers: HttpBrowser[] = [];

beforeAll(async () => {
  port = await freeConsecutivePorts(4);
  brokerUrl = `http://127.0.0.1:${port}`;
  adfs = await startAdfs({
    port: port + 1,
    now: systemClock.now,
    users: people,
    relyingParties: [],
    signing: keyPair('idp-signing'),
    encryption: keyPair('idp-encryption'),
    loopDetection: false,
  });
  swap(sections());
  symlinkSync('..data/rolegate.yaml', file);
  const { serviceProvider, acsUrl } = await loadConfig(file, env, systemClock.now());
  const { entityId, signing } = serviceProvider;
  adfs.setRelyingParties([{ entityId, acsUrl, signingCertificates: [signing!.certificate] }]);
  balancer = await startLoadBalancer(port);
  [one, two] = await Promise.all([startBrokerProcess(file, env), startBrokerProcess(file, env)]);
});

afterEach(() => {
  for (const browser of browsers.splice(0)) browser.close();
});
afterAll(async () => {
  await Promise.all([one?.stop(), two?.stop(), adfs?.close(), balancer?.close()]);
  rmSync(directory, { recursive: true, force: true });
});

function sections(): Sections {
  const redisUrl = inject('redisUrl');
  const idp = { id: 'adfs', label: 'Corporate sign-in', metadata: { file: 'idp-metadata.xml' } };
  const claims = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';
  const attributes = { user: `${claims}/upn`, groups: 'http://schemas.xmlsoap.org/claims/Group' };
  return {
    ...sampleConfig({ port, redisUrl }),
    listen: { port: 0 },
    operations: { port: 0 },
    store: { type: 'redis', url: redisUrl, keyPrefix: `live-${process.pid}:` },
    identityProviders: [{ ...idp, attributes }],
    audit: { type: 'file', path: 'audit.jsonl' },
    log: { level: 'error' },
    include: ['teams-*.yaml'],
  };
}

/** As the kubelet updates a volume: a new folder, then `..data` leads there in one step. */
function swap(value: Sections, teams: Sections = {}): void {
  written = value;
  const folder = `..2026_${++swaps}`;
  mkdirSync(join(directory, folder), { mode: 0o755 });
  writeFileSync(join(directory, folder, 'rolegate.yaml'), stringify(value));
  writeFileSync(join(directory, folder, 'teams-a.yaml'), stringify(teams));
  if (swaps === 1) symlinkSync('..data/teams-a.yaml', join(directory, 'teams-a.yaml'));
  writeFileSync(join(directory, 'idp-metadata.xml'), adfs.metadata());
  symlinkSync(folder, join(directory, '..tmp'));
  renameSync(join(directory, '..tmp'), join(directory, '..data'));
}

function events(...names: string[]): Sections[] {
  if (!readdirSync(directory).includes('audit.jsonl')) return [];
  const lines = readFileSync(join(directory, 'audit.jsonl'), 'utf8').split('\n').filter(Boolean);
  return lines.map((line): Sections => JSON.parse(line)).filter(({ event }) => names.includes(String(event)));
}

/** Both processes have recorded the event; of several, one that is about this. */
async function outcome(event: string, act: () => void, about = ''): Promise<Sections> {
  const before = events(event).length;
  act();
  const since = () =>
    events(event)
      .slice(before)
      .filter((each) => JSON.stringify(each).includes(about));
  await expect.poll(() => new Set(since().map(({ chain }) => chain)).size, { timeout: 30_000 }).toBe(2);
  return since().at(-1)!;
}

async function rolesOn(broker: BrokerProcess, browser: HttpBrowser): Promise<string[] | number> {
  await balancer.sendTo(broker.port);
  const answer = await browser.get(`${brokerUrl}/api/v1/roles`);
  if (answer.status !== 200) return answer.status;
  const { roles } = JSON.parse(answer.body) as { roles: { accountAlias: string; roleName: string }[] };
  return roles.map(({ accountAlias, roleName }) => `${accountAlias}/${roleName}`);
}

async function signedIn(user: string): Promise<HttpBrowser> {
  const browser = createHttpBrowser();
  browsers.push(browser);
  await balancer.sendTo(one.port);
  await signIn(browser, brokerUrl, user);
  return browser;
}

test('a replaced link of a volume gives a person who is signed in another role, in every process', async () => {
  const bob = await signedIn('bob');
  expect(await rolesOn(one, bob)).not.toContain('payments-dev/LiveReader');
  const event = await outcome('config_reloaded', () => swap(written, groupRule('bob', 'LiveReader')));
  expect(event).toMatchObject({ trigger: 'file', needRestart: [] });
  expect((event['changes'] as { path: string }[]).map(({ path }) => path)).toEqual(['rules["live"]']);
  // The record comes before the configuration counts.
  for (const broker of [one, two]) {
    await expect.poll(() => rolesOn(broker, bob), { timeout: 10_000 }).toContain('payments-dev/LiveReader');
  }
});

test('a configuration that is not good changes nothing, and says everything that is wrong', async () => {
  const bob = await signedIn('bob');
  const broken = {
    ...written,
    surprise: 1,
    tests: [{ groups: ['CORP\\Nobody'], expect: ['payments-dev/LiveReader'] }],
  };
  const event = await outcome('config_rejected', () => swap(broken, groupRule('bob', 'LiveReader')));
  expect(event['problems']).toEqual([
    'surprise: unknown key',
    'tests[0].expect[0]: a user with CORP\\Nobody does not get payments-dev/LiveReader; gets no role',
  ]);
  for (const broker of [one, two]) expect(await rolesOn(broker, bob)).toContain('payments-dev/LiveReader');
  await outcome('config_reloaded', () => swap(sections(), groupRule('bob', 'LiveReader')));
});

test('SIGHUP reads it again, and names what needs a restart', async () => {
  const session = { ...(sections()['session'] as Sections), idleTimeout: '30m' };
  swap({ ...sections(), session }, groupRule('bob', 'LiveReader'));
  const event = await outcome(
    'config_reloaded',
    () => {
      one.signal('SIGHUP');
      two.signal('SIGHUP');
    },
    '"trigger":"signal"',
  );
  expect(event['needRestart']).toEqual(['session.idleTimeout']);
  expect(JSON.stringify(events('config_reloaded'))).not.toContain(env.SESSION_SECRET);
});

test('rolegate-server sessions lists and ends the sessions of a person in every process, and of nobody else', async () => {
  const [alice, bob] = [await signedIn('alice'), await signedIn('bob')];
  const sessions = (...args: string[]) =>
    run(process.execPath, ['--import', 'tsx', 'src/server.ts', 'sessions', ...args, '--config', file], {
      env: { ...process.env, ...env },
    });
  const user = 'bob@corp.example';
  const listed = JSON.parse((await sessions('list', '--user', user, '--json')).stdout) as { total: number };
  expect(listed).toMatchObject({ total: expect.any(Number), sessions: expect.arrayContaining([]) });
  expect(listed.total).toBeGreaterThanOrEqual(1);
  // Without a terminal, nothing ends unless the operator says so.
  await expect(sessions('end', '--user', user)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('add --yes'),
  });
  await expect(sessions('end', '--yes')).rejects.toMatchObject({ code: 1 });
  const { stdout } = await sessions('end', '--user', user, '--yes', '--json');
  expect(JSON.parse(stdout)).toEqual({ ended: listed.total });
  for (const broker of [one, two]) {
    expect(await rolesOn(broker, bob)).toBe(401);
    expect(Array.isArray(await rolesOn(broker, alice))).toBe(true);
  }
  expect(events('sessions_ended').at(-1)).toMatchObject({
    user,
    browserSessions: listed.total,
    by: expect.stringContaining('@'),
  });
});

test('a person on the deny-list has no session from the reload on, and cannot sign in; others go on', async () => {
  const [alice, bob] = [await signedIn('alice'), await signedIn('bob')];
  await outcome(
    'config_reloaded',
    () => swap({ ...sections(), deny: { users: ['BOB@corp.example'] } }),
    '"path":"deny"',
  );
  for (const broker of [one, two]) {
    expect(await rolesOn(broker, bob)).toBe(401);
    expect(Array.isArray(await rolesOn(broker, alice))).toBe(true);
  }
  await expect
    .poll(() => events('sessions_ended').map(({ by, browserSessions }) => [by, browserSessions]))
    .toContainEqual(['configuration', expect.any(Number)]);
  const again = createHttpBrowser();
  browsers.push(again);
  const page = await signIn(again, brokerUrl, 'bob');
  expect([page.status, page.body.includes('Your access is blocked')]).toEqual([403, true]);
  expect(events('sign_in_refused').at(-1)).toMatchObject({ code: 'access_denied' });
});

test('an identity provider that is gone ends its sessions', async () => {
  const alice = await signedIn('alice');
  const [adfsSection] = sections()['identityProviders'] as Sections[];
  const renamed = { ...sections(), identityProviders: [{ ...adfsSection, id: 'other' }] };
  await outcome('config_reloaded', () => swap(renamed), 'identityProviders[');
  for (const broker of [one, two]) expect(await rolesOn(broker, alice)).toBe(401);
});

function groupRule(user: string, role: string): Sections {
  const group = people.find(({ username }) => username === user)!.groups[0]!;
  return { rules: [{ name: 'live', when: { group }, grant: { accounts: ['payments-dev'], role } }] };
}
