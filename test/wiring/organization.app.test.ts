// Accounts of AWS Organizations in a broker: at the start, with each refresh, and while AWS does not answer.
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { type AwsEmulator, startAws } from '../../emulators/aws/server.ts';
import { systemClock } from '../../src/clock.ts';
import { ConfigError } from '../../src/config/config.ts';
import { loadLive } from '../../src/config/live/load-live.ts';
import { type LoadOptions, loadConfig } from '../../src/config/load.ts';
import { createLogger } from '../../src/log.ts';
import { systemRandom } from '../../src/random.ts';
import { type Broker, compose } from '../../src/wiring/compose.ts';
import { refreshOrganization } from '../../src/wiring/organization.ts';
import { createLineCollector } from '../app/support/lines.ts';
import { change, createWorkplace, env, goodProduction, type Raw, type Workplace } from '../config/support/workplace.ts';
import { createManualTimers } from '../support/manual-timers.ts';

const keys = { accessKeyId: 'AKIAEXAMPLEBROKERORG', secretAccessKey: 'secret-of-the-broker' };
type Members = { id: string; name: string; state?: 'SUSPENDED' }[];
const members: Members = [
  { id: '111122223333', name: 'Named Otherwise' },
  { id: '222233334444', name: 'Data Prod' },
  { id: '333344445555', name: 'Closed', state: 'SUSPENDED' },
  ...Array.from({ length: 30 }, (_, index) => ({ id: String(500000000000 + index), name: `Team ${index}` })),
];
let aws: AwsEmulator;
let workplace: Workplace;
const file = () => workplace.path('rolegate.yaml');
const copy = () => workplace.path('accounts.json');
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', keys.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', keys.secretAccessKey);
  aws = await startAws({ now: () => new Date(), estate: organizationOf(members) });
});
beforeEach(async () => {
  workplace = await createWorkplace();
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  aws.faults.clear();
  aws.setEstate(organizationOf(members));
  workplace.remove();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await aws.close();
});

function organizationOf(all: Members, Action = 'organizations:ListAccounts') {
  const policies = [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] }];
  const id = '999988887777';
  const accounts = [{ id, name: 'Identity', roles: [], users: [{ name: 'broker', ...keys, policies }] }];
  return { accounts, organization: { managementAccountId: '888877776666', delegatedTo: [id], members: all } };
}

/** Rules of the sample name payments-dev, which the file has. */
function write(adjust: (raw: Raw) => Raw = (raw) => raw): void {
  const organizations = { lastGood: 'accounts.json', exclude: ['team 1*'], refresh: '30m' };
  const raw = {
    ...change(goodProduction(), 'aws.endpoints', { organizations: aws.url }),
    ...{ mode: 'development', store: { type: 'memory' }, audit: { type: 'stdout' } },
    accountsFrom: { organizations },
  };
  workplace.write('rolegate.yaml', stringify(adjust(raw)));
}
const load = (options?: LoadOptions) => loadConfig(file(), env, systemClock.now(), options);
const named = (config: { policy: { accounts: readonly { id: string; alias: string }[] } }) =>
  new Map(config.policy.accounts.map(({ id, alias }) => [alias, id]));

async function start(): Promise<{ broker: Broker; log: Raw[]; audit: Raw[]; refresh: () => Promise<void> }> {
  const [log, audit] = [createLineCollector(), createLineCollector()];
  const world = { clock: systemClock, random: systemRandom, fetch: globalThis.fetch, auditStream: audit.stream };
  const broker = compose(await load(), { ...world, log: createLogger('info', log.stream) });
  ends.push(() => broker.close());
  await broker.start();
  const timers = createManualTimers();
  const reload = () =>
    broker
      .reload((running) => loadLive(running, file(), { env, now: systemClock.now() }), 'organization')
      .then(() => undefined);
  refreshOrganization(broker.config, reload, timers);
  const refresh = () => timers.take('refresh', (inMs) => inMs === 30 * 60_000).act();
  return { broker, log: log.lines, audit: audit.lines, refresh };
}

describe('a configuration', () => {
  test('has the active accounts of every page beside those of the file, which win', async () => {
    write();
    const config = await load();
    const accounts = named(config);
    expect(accounts.get('payments-prod')).toBe('111122223333');
    expect(accounts.get('data-prod')).toBe('222233334444');
    expect(accounts.get('team-29')).toBe('500000000029');
    expect([accounts.has('named-otherwise'), accounts.has('closed'), accounts.has('team-12')]).toEqual([
      false,
      false,
      false,
    ]);
    expect(accounts.size).toBe(2 + 1 + 30 - 11);
    // Reading is not serving: only a broker keeps the list.
    expect(existsSync(copy())).toBe(false);
  });

  test.each([
    [
      'not permitted',
      () => aws.setEstate(organizationOf(members, 's3:GetObject')),
      /allow it organizations:ListAccounts/,
    ],
    ['not answered', () => aws.faults.set({ reset: true, scope: 'organizations' }), /does not answer/],
    ['empty', () => aws.setEstate(organizationOf([])), /the list has no active account/],
  ])('without a last good copy is not good when the list is %s', async (_, spoil, expected) => {
    write();
    spoil();
    const error = await load().catch((thrown: unknown) => thrown);
    expect((error as ConfigError).problems).toEqual([
      expect.stringMatching(/^accountsFrom\.organizations: .*; and the last good copy \(lastGood\) is missing$/),
    ]);
    expect((error as ConfigError).problems[0]).toMatch(expected);
  });

  test('that is read offline takes the last good copy', async () => {
    write();
    await expect(load({ isOffline: true })).rejects.toThrow(/offline, AWS Organizations is not asked/);
    const copied = { listedAt: '2026-11-01T00:00:00.000Z', members: [{ id: '222233334444', name: 'Data Prod' }] };
    workplace.write('accounts.json', JSON.stringify(copied));
    expect(named(await load({ isOffline: true })).get('data-prod')).toBe('222233334444');
    workplace.write('accounts.json', JSON.stringify({ ...copied, surprise: 1 }));
    await expect(load({ isOffline: true })).rejects.toBeInstanceOf(ConfigError);
  });

  test('does not trust a last good copy that others can replace', async () => {
    write();
    workplace.write('accounts.json', '{}', 0o666);
    expect((await load()).warnings).toContainEqual(
      expect.stringMatching(/^accountsFrom\.organizations\.lastGood: .* can be replaced by others/),
    );
  });
});

describe('a broker', () => {
  test('keeps the list, and starts from it without AWS Organizations, and says so', async () => {
    write();
    const first = await start();
    expect(JSON.parse(readFileSync(copy(), 'utf8'))).toMatchObject({ listedAt: expect.any(String) });
    aws.faults.set({ reset: true, scope: 'organizations' });
    const second = await start();
    expect(named(second.broker.config())).toEqual(named(first.broker.config()));
    expect(second.log).toContainEqual(
      expect.objectContaining({
        msg: 'accounts of the organization: the last good list stays in force',
        detail: expect.stringContaining('does not answer'),
        listedAt: expect.any(String),
      }),
    );
    expect(first.log.filter(({ msg }) => String(msg).includes('last good'))).toEqual([]);
  });

  test('takes up new and closed accounts with the next refresh, with a record of the differences', async () => {
    write();
    const { broker, audit, refresh } = await start();
    const before = audit.length;
    await refresh();
    expect(audit).toHaveLength(before);
    const next: Members = [{ id: '222233334444', name: 'Data Prod', state: 'SUSPENDED' }, ...members.slice(2)];
    aws.setEstate(organizationOf([...next, { id: '777766665555', name: 'New One' }]));
    await refresh();
    expect(audit.at(-1)).toMatchObject({ event: 'config_reloaded', trigger: 'organization', needRestart: [] });
    const changes = audit.at(-1)!['changes'] as { path: string }[];
    expect(changes.map(({ path }) => path)).toEqual(['accounts["222233334444"]', 'accounts["777766665555"]']);
    expect([named(broker.config()).has('data-prod'), named(broker.config()).get('new-one')]).toEqual([
      false,
      '777766665555',
    ]);
    expect(readFileSync(copy(), 'utf8')).toContain('777766665555');
  });

  test('keeps the alias of an account whose name another one takes, also over a restart', async () => {
    write();
    const { broker, refresh } = await start();
    const renamed = members.map((each) => (each.name === 'Team 0' ? { ...each, name: 'Data Prod' } : each));
    aws.setEstate(organizationOf([{ id: '222222221111', name: 'Data Prod' }, ...renamed]));
    await refresh();
    const expected = [
      ['data-prod', '222233334444'],
      ['data-prod-222222221111', '222222221111'],
      ['team-0', '500000000000'],
    ];
    const shown = (accounts: Map<string, string>) => expected.map(([alias]) => [alias, accounts.get(alias!)]);
    expect(shown(named(broker.config()))).toEqual(expected);
    expect(shown(named((await start()).broker.config()))).toEqual(expected);
  });

  test('keeps its accounts while AWS does not answer, and takes up other changes of the file', async () => {
    write();
    const { broker, audit, log, refresh } = await start();
    const accounts = named(broker.config());
    aws.faults.set({ status: 503, scope: 'organizations' });
    workplace.write('accounts.json', 'broken');
    write((raw) => change(raw, 'portal', { name: 'AWS access' }));
    await refresh();
    expect(audit.at(-1)).toMatchObject({ event: 'config_reloaded', changes: [{ path: 'portal' }] });
    expect(named(broker.config())).toEqual(accounts);
    expect(log).toContainEqual(expect.objectContaining({ detail: expect.stringContaining('AWS answered 503') }));
    expect(readFileSync(copy(), 'utf8')).toBe('broken');
  });

  test('keeps an account that left while a rule needs it; a start does so as well', async () => {
    write((raw) => change(raw, 'rules[0].grant.accounts', ['data-prod']));
    const { broker, log, refresh } = await start();
    aws.setEstate(organizationOf(members.filter(({ name }) => name !== 'Data Prod')));
    await refresh();
    expect(named(broker.config()).get('data-prod')).toBe('222233334444');
    const detail = expect.stringMatching(
      /does not fit its accounts: rules\[0\].*no account has the id or alias data-prod/,
    );
    expect(log).toContainEqual(expect.objectContaining({ detail }));
    const next = await start();
    expect(named(next.broker.config()).get('data-prod')).toBe('222233334444');
    expect(next.log).toContainEqual(expect.objectContaining({ detail }));
  });
});
