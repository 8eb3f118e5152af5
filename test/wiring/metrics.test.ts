// What the metrics count and time, and that no text of a request becomes a label.
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import type { Audit, AuditEvent, CredentialFacts } from '../../src/audit/events.ts';
import type { Sts } from '../../src/aws/sts.ts';
import { BrokerError } from '../../src/errors.ts';
import { kindOf } from '../../src/http/middleware/request-time.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { createRateLimiter } from '../../src/store/rate-limiter.ts';
import { type Ages, addAges } from '../../src/wiring/gauges/ages.ts';
import { createMetrics } from '../../src/wiring/metrics.ts';
import { createTestClock } from '../support/clock.ts';

async function valuesOf(registry: Registry, name: string) {
  const values = (await registry.getSingleMetric(name)?.get())?.values ?? [];
  return Object.fromEntries(values.map(({ labels, value }) => [Object.values(labels).join(' '), value]));
}

/** Of a histogram: how many there were, by its labels. */
async function countsOf(registry: Registry, name: string) {
  const lines = (await registry.metrics()).split('\n').filter((line) => line.startsWith(`${name}_count`));
  return Object.fromEntries(lines.map((line) => /\{(.*)\} (\d+)$/.exec(line)!.slice(1)));
}

const person = { idp: 'adfs', user: 'alice' };
const credential: CredentialFacts = {
  ...person,
  purpose: 'credentials',
  ...{ roleArn: 'arn', mode: 'mint', roleSessionName: 'alice', rule: 'r', signInAssertionId: '_a' },
};
const refused = { event: 'sign_in_refused', code: 'saml_refused', reason: 'expired', detail: 'd' } as const;
const events: AuditEvent[] = [
  { event: 'sign_in', ...person, assertionId: '_a', authnContexts: [] },
  { ...refused, idp: 'adfs' },
  { ...refused, idp: 'named-by-an-attacker' },
  { ...refused, idp: undefined, reason: undefined },
  { event: 'credentials_requested', ...credential },
  { event: 'credentials_issued', ...credential, accessKeyId: 'ASIA', assumedRoleArn: 'arn', expiresAt: '' },
  { event: 'credentials_refused', ...credential, code: 'sts_throttled', detail: 'd' },
  { event: 'role_refused', ...person, roleArn: 'arn', code: 'role_not_granted' },
];
const silent: Audit = { record: async () => {} };

describe('what the audit trail records', () => {
  test('is counted by outcome and reason, and only by ids of the configuration', async () => {
    const { registry, counted } = createMetrics(() => [{ id: 'adfs' }]);
    for (const event of events) await counted(silent).record(event, undefined);
    expect(await valuesOf(registry, 'rolegate_sign_ins_total')).toEqual({
      'opened adfs ': 1,
      'refused adfs expired': 1,
      'refused  expired': 1,
      'refused  saml_refused': 1,
    });
    expect(await valuesOf(registry, 'rolegate_credentials_total')).toEqual({
      'issued credentials mint ': 1,
      'refused credentials mint sts_throttled': 1,
      'refused   role_not_granted': 1,
    });
    expect(await valuesOf(registry, 'rolegate_events_total')).toMatchObject({ 'sign_in_refused expired': 2 });
    expect(await registry.metrics()).not.toContain('named-by-an-attacker');
  });

  test('is not counted where it was not written, and the failure is', async () => {
    const { registry, counted } = createMetrics(() => []);
    const failing: Audit = { record: () => Promise.reject(new BrokerError('audit_unavailable', 'full')) };
    await expect(counted(failing).record(events[0]!, undefined)).rejects.toThrow('full');
    expect(await valuesOf(registry, 'rolegate_sign_ins_total')).toEqual({});
    expect(await countsOf(registry, 'rolegate_audit_duration_seconds')).toEqual({ 'outcome="audit_unavailable"': '1' });
  });
});

test('operations of the store and calls to STS are timed, by outcome', async () => {
  const { registry, timedStore, timedSts } = createMetrics(() => []);
  const store = timedStore(createMemoryStore(createTestClock()));
  await store.create('key', Buffer.from('value'), 1000);
  expect(await store.inOrder([() => store.read('key'), () => store.take('key')])).toHaveLength(2);
  const failing = timedStore({ ...store, read: () => Promise.reject(new Error('gone')) });
  await expect(failing.read('key')).rejects.toThrow('gone');
  expect(await countsOf(registry, 'rolegate_store_duration_seconds')).toEqual({
    'operation="create",outcome="ok"': '1',
    'operation="read",outcome="ok"': '1',
    'operation="take",outcome="ok"': '1',
    'operation="read",outcome="internal"': '1',
  });
  const assumeRoleWithSaml = () => Promise.reject(new BrokerError('sts_throttled', 'slow down'));
  const sts = timedSts({ assumeRoleWithSaml } as unknown as Sts);
  await expect(sts.assumeRoleWithSaml({} as never)).rejects.toThrow('slow down');
  expect(await countsOf(registry, 'rolegate_sts_duration_seconds')).toEqual({
    'operation="assumeRoleWithSaml",outcome="sts_throttled"': '1',
  });
});

test('operations begin at once, so that the store can send them together', () => {
  const begun: string[] = [];
  const memory = createMemoryStore(createTestClock());
  const read = async (key: string) => void begun.push(key) as undefined;
  const store = createMetrics(() => []).timedStore({ ...memory, read });
  void store.read('one');
  expect(begun).toEqual(['one']);
});

test('refusals of a limit are counted, and what it admits is not', async () => {
  const { registry, limited } = createMetrics(() => []);
  const clock = createTestClock();
  const plain = createRateLimiter('test', { perMinute: 60, burst: 1 }, { keyValue: createMemoryStore(clock), clock });
  const limiter = limited('credentials', plain);
  expect(await limiter.take('alice', 1)).toBeUndefined();
  expect(await limiter.take('alice', 1)).toBeGreaterThan(0);
  expect(await valuesOf(registry, 'rolegate_rate_limited_total')).toEqual({ requests: 0, credentials: 1 });
});

test.each([
  ['/saml/acs', 'sign_in'],
  ['/SAML/ACS/', 'sign_in'],
  ['/openid/callback/okta', 'sign_in'],
  ['/login', 'login'],
  ['/saml/slo', 'logout'],
  ['/api/v1/credentials', 'credentials'],
  ['/portal/credentials', 'credentials'],
  ['/console', 'console'],
  ['/oauth/token', 'oauth'],
  ['/api/v1/me', 'api'],
  ['/assets/rolegate.css', 'assets'],
  ['/', 'page'],
  ['/chosen/by/a/scanner', 'page'],
])('%s is a request of the kind %s', (path, kind) => {
  expect(kindOf(path)).toBe(kind);
});

describe('ages', () => {
  const day = 86_400_000;
  const clock = createTestClock();
  const inDays = (days: number) => new Date(clock.now().getTime() + days * day);
  const certificate = (use: 'minting' | 'idp-signing', idp: string, starts: number, ends: number) => ({
    ...{ use, idp, startsAt: inDays(starts), endsAt: inDays(ends) },
  });
  const certificates = () => [
    certificate('minting', '', -300, 29),
    certificate('minting', '', -1, 400),
    certificate('idp-signing', 'adfs', -400, -3),
    certificate('idp-signing', 'adfs', -500, 31),
  ];
  const ofUrl = { id: 'adfs', metadataSource: { url: 'https://adfs.example' } };
  const ofFile = { id: 'file', metadataSource: {} };
  const idps: Ages['idps'] = () => ({
    list: () => [ofUrl, ofFile, { ...ofUrl, id: 'never-read' }],
    fetchedAt: (id: string) => (id === 'never-read' ? undefined : inDays(-2)),
    metadataOf: (id: string) => (id === 'adfs' ? { validUntil: inDays(5) } : undefined),
  });
  const seconds = (days: number) => (days * day) / 1000;

  test('are those of the first end and of the oldest beginning, at the time of asking', async () => {
    const registry = new Registry();
    const asked = createTestClock();
    addAges(registry, { now: asked.now, certificates, idps });
    expect(await valuesOf(registry, 'rolegate_certificate_expiry_seconds')).toEqual({
      'minting ': seconds(29),
      'idp-signing adfs': seconds(-3),
    });
    expect(await valuesOf(registry, 'rolegate_certificate_age_seconds')).toEqual({
      'minting ': seconds(300),
      'idp-signing adfs': seconds(500),
    });
    expect(await valuesOf(registry, 'rolegate_metadata_age_seconds')).toEqual({ adfs: seconds(2) });
    expect(await valuesOf(registry, 'rolegate_metadata_expiry_seconds')).toEqual({ adfs: seconds(5) });
    asked.advance(day);
    expect(await valuesOf(registry, 'rolegate_certificate_expiry_seconds')).toMatchObject({ 'minting ': seconds(28) });
    expect(await valuesOf(registry, 'rolegate_metadata_age_seconds')).toEqual({ adfs: seconds(3) });
  });
});
