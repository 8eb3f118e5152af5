// Two broker processes whose configuration changes while people are signed in: files as an editor and as Kubernetes write
// them, a signal, and a configuration that is not good; and what a running process obeys of it.
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { people } from '../../examples/demo/company.ts';
import { type LiveEstate, type Sections, startLiveEstate } from './support/live-estate.ts';
import type { BrokerProcess } from './support/processes.ts';
import { signIn } from './support/sign-in.ts';

let estate: LiveEstate;
let sections: Sections;
let processes: readonly [BrokerProcess, BrokerProcess];

beforeAll(async () => {
  estate = await startLiveEstate(inject('redisUrl'));
  ({ sections, processes } = estate);
});
afterEach(() => estate?.closeBrowsers());
afterAll(() => estate?.close());

test('a replaced link of a volume gives a person who is signed in another role, in every process', async () => {
  const { outcome, rolesOn, swap } = estate;
  const bob = await estate.signedIn('bob');
  expect(await rolesOn(processes[0], bob)).not.toContain('payments-dev/LiveReader');
  const event = await outcome('config_reloaded', () => swap(sections, groupRule('bob', 'LiveReader')));
  expect(event).toMatchObject({ trigger: 'file', needRestart: [] });
  expect((event['changes'] as { path: string }[]).map(({ path }) => path)).toEqual(['rules["live"]']);
  // The record comes before the configuration counts.
  for (const broker of processes) {
    await expect.poll(() => rolesOn(broker, bob), { timeout: 10_000 }).toContain('payments-dev/LiveReader');
  }
});

test('a configuration that is not good changes nothing, and says everything that is wrong', async () => {
  const { outcome, rolesOn, swap } = estate;
  const bob = await estate.signedIn('bob');
  const broken = {
    ...sections,
    surprise: 1,
    tests: [{ groups: ['CORP\\Nobody'], expect: ['payments-dev/LiveReader'] }],
  };
  const event = await outcome('config_rejected', () => swap(broken, groupRule('bob', 'LiveReader')));
  expect(event['problems']).toEqual([
    'surprise: unknown key',
    'tests[0].expect[0]: a user with CORP\\Nobody does not get payments-dev/LiveReader; gets no role',
  ]);
  for (const broker of processes) expect(await rolesOn(broker, bob)).toContain('payments-dev/LiveReader');
  await outcome('config_reloaded', () => swap(sections, groupRule('bob', 'LiveReader')));
});

test('SIGHUP reads it again, and names what needs a restart', async () => {
  const session = { ...(sections['session'] as Sections), idleTimeout: '30m' };
  estate.swap({ ...sections, session }, groupRule('bob', 'LiveReader'));
  const event = await hangUp();
  expect(event['needRestart']).toEqual(['session.idleTimeout']);
  expect(JSON.stringify(estate.events('config_reloaded'))).not.toContain(estate.env['SESSION_SECRET']);
});

test('a limit, the log level and texts of the portal take effect in a running process, and go back', async () => {
  const { balancer, brokerUrl, outcome, swap } = estate;
  const alice = await estate.signedIn('alice');
  const [{ port, output }] = processes;
  await balancer.sendTo(port);
  /** Of requests without a session. */
  const statuses = async () => {
    const found = new Set<number>();
    for (let time = 0; time < 12; time++) {
      found.add((await fetch(`${brokerUrl}/login`, { redirect: 'manual' })).status);
    }
    return [...found].sort();
  };
  const home = async () => (await alice.get(`${brokerUrl}/`)).body;
  const logged = () => output().split('"msg":"request"').length - 1;
  expect([await statuses(), logged()]).toEqual([[303], 0]);
  expect(await home()).not.toContain('Maintenance on Sunday');
  const changed = {
    ...sections,
    limits: { signIn: { perMinute: 6, burst: 3 } },
    log: { level: 'info' },
    portal: { ...(sections['portal'] as Sections), name: 'Company cloud', announcement: 'Maintenance on Sunday' },
  };
  const event = await outcome('config_reloaded', () => swap(changed), '"path":"log');
  expect(event['needRestart']).not.toContain('log');
  // The record comes before the configuration counts.
  await expect.poll(home).toContain('Maintenance on Sunday');
  expect(await home()).toContain('Company cloud');
  expect(await statuses()).toEqual([303, 429]);
  // A refused request has no line.
  await expect.poll(logged).toBeGreaterThan(3);
  await outcome('config_reloaded', () => swap(sections), '"path":"log');
  await expect.poll(home).not.toContain('Maintenance on Sunday');
  const before = logged();
  expect(await statuses()).toEqual([303]);
  expect(logged()).toBe(before);
});

test('a person on the deny-list has no session from the reload on, and cannot sign in; others go on', async () => {
  const { brokerUrl, events, outcome, rolesOn, swap } = estate;
  const [alice, bob] = [await estate.signedIn('alice'), await estate.signedIn('bob')];
  await outcome('config_reloaded', () => swap({ ...sections, deny: { users: ['BOB@corp.example'] } }), '"path":"deny"');
  for (const broker of processes) {
    expect(await rolesOn(broker, bob)).toBe(401);
    expect(Array.isArray(await rolesOn(broker, alice))).toBe(true);
  }
  await expect
    .poll(() => events('sessions_ended').map(({ by, browserSessions }) => [by, browserSessions]))
    .toContainEqual(['configuration', expect.any(Number)]);
  const page = await signIn(estate.browser(), brokerUrl, 'bob');
  expect([page.status, page.body.includes('Your access is blocked')]).toEqual([403, true]);
  expect(events('sign_in_refused').at(-1)).toMatchObject({ code: 'access_denied' });
  await outcome('config_reloaded', () => swap(sections), '"path":"deny"');
});

test('a group on the deny-list ends the access of its members who are signed in; by a signal, and others go on', async () => {
  const { brokerUrl, rolesOn, swap } = estate;
  const [alice, bob] = [await estate.signedIn('alice'), await estate.signedIn('bob')];
  expect(Array.isArray(await rolesOn(processes[1], bob))).toBe(true);
  swap({ ...sections, deny: { groups: ['corp\\aws-auditors'] } });
  await hangUp('"path":"deny"');
  for (const broker of processes) {
    await expect.poll(() => rolesOn(broker, bob)).toBe(401);
    expect(Array.isArray(await rolesOn(broker, alice))).toBe(true);
  }
  expect((await signIn(estate.browser(), brokerUrl, 'bob')).status).toBe(403);
});

test('an identity provider that is gone ends its sessions', async () => {
  const { outcome, rolesOn, swap } = estate;
  const alice = await estate.signedIn('alice');
  const [adfs] = sections['identityProviders'] as Sections[];
  const renamed = { ...sections, identityProviders: [{ ...adfs, id: 'other' }] };
  await outcome('config_reloaded', () => swap(renamed), 'identityProviders[');
  for (const broker of processes) expect(await rolesOn(broker, alice)).toBe(401);
});

function hangUp(about = '"trigger":"signal"'): Promise<Sections> {
  return estate.outcome(
    'config_reloaded',
    () => {
      for (const each of processes) each.signal('SIGHUP');
    },
    about,
  );
}

function groupRule(user: string, role: string): Sections {
  const group = people.find(({ username }) => username === user)!.groups[0]!;
  return { rules: [{ name: 'live', when: { group }, grant: { accounts: ['payments-dev'], role } }] };
}
