// Recent activity: of all processes, bounded, unreadable in the store, and never in the way.
import { describe, expect, test } from 'vitest';
import type { AuditEvent } from '../../../src/audit/events.ts';
import { createActivity, maxEntries, observed } from '../../../src/broker/activity/activity.ts';
import { createLogger } from '../../../src/log.ts';
import { systemRandom } from '../../../src/random.ts';
import { createHashedIndex } from '../../../src/store/hashed-index.ts';
import type { KeyValue } from '../../../src/store/key-value.ts';
import { createMemoryStore } from '../../../src/store/memory.ts';
import { createSharedRecords } from '../../../src/store/shared-records.ts';
import { testStorage } from '../../store/support.ts';
import { createTestClock } from '../../support/clock.ts';

const request = { requestId: 'r-1', sourceIp: '192.0.2.7', userAgent: 'test' };
const alice = { idp: 'adfs', user: 'alice@corp.example' };
const bob = { idp: 'adfs', user: 'bob@corp.example' };
const roleArn = 'arn:aws:iam::111122223333:role/Admin';
const session = { mode: 'mint', roleSessionName: 'alice', rule: 'admins', signInAssertionId: '_1' };
const signIn: AuditEvent = { event: 'sign_in', ...alice, assertionId: '_1', authnContexts: [] };
const issued = (accessKeyId: string, purpose: 'credentials' | 'console' = 'credentials'): AuditEvent => ({
  event: 'credentials_issued',
  ...{
    ...alice,
    ...session,
    roleArn,
    purpose,
    accessKeyId,
    assumedRoleArn: 'arn',
    expiresAt: '2026-03-02T10:00:00.000Z',
  },
});
const opened: AuditEvent = {
  event: 'console_opened',
  ...{ ...alice, roleArn, destination: 'x', sessionExpiresAt: '2026-03-02T10:00:00.000Z' },
};
const refused: AuditEvent = { event: 'role_refused', ...alice, roleArn, code: 'role_not_granted' };
const refusedSignIn: AuditEvent = {
  event: 'sign_in_refused',
  ...{ idp: 'adfs', code: 'saml_refused', reason: 'signature', detail: 'x' },
};

function world() {
  const clock = createTestClock();
  const keyValue = createMemoryStore(clock);
  const written: string[] = [];
  let [isDown, waitingReads, mostReads] = [false, 0, 0];
  const watched: KeyValue = {
    ...keyValue,
    read: async (key) => {
      mostReads = Math.max(mostReads, ++waitingReads);
      return keyValue.read(key).finally(() => waitingReads--);
    },
    write: async (key, value, ttlMs) => {
      if (isDown) throw new Error('down');
      written.push(key, value.toString('latin1'));
      return keyValue.write(key, value, ttlMs);
    },
  };
  const process = () => {
    const storage = testStorage(watched, clock);
    return createActivity({
      people: createSharedRecords('activity', storage),
      days: createSharedRecords('activity-day', storage),
      processes: createHashedIndex('activity-days', watched, storage.sealer),
      inOrder: watched.inOrder,
      ...{ clock, random: systemRandom, log: createLogger('silent') },
    });
  };
  const setDown = (value: boolean) => {
    isDown = value;
  };
  return { clock, process, written, setDown, mostReads: () => mostReads };
}

describe('the activity of a person', () => {
  test('is what they did, the newest first, from all processes', async () => {
    const { clock, process } = world();
    const [one, two] = [process(), process()];
    for (const [each, event] of [
      [one, signIn],
      [one, issued('ASIA1')],
      [two, issued('ASIA2', 'console')],
      [two, opened],
      [one, refused],
    ] as const) {
      each.record(event, request);
      await each.flush();
      clock.advance(1000);
    }
    const entries = await two.ofPerson(alice);
    expect(entries.map(({ kind }) => kind)).toEqual(['refused', 'console', 'credentials', 'sign_in']);
    expect(entries[2]).toEqual({
      ...{ kind: 'credentials', time: '2026-03-02T09:00:01.000Z', roleArn, accessKeyId: 'ASIA1' },
      ...{ expiresAt: '2026-03-02T10:00:00.000Z', requestId: 'r-1', sourceIp: '192.0.2.7' },
    });
    expect(await one.ofPerson(bob)).toEqual([]);
  });

  test('is seen at once in the process that recorded it, and bounded', async () => {
    const { process } = world();
    const one = process();
    for (let each = 0; each < maxEntries + 20; each++) one.record(issued(`ASIA${each}`), request);
    const entries = await one.ofPerson(alice);
    expect(entries).toHaveLength(maxEntries);
    expect(entries[0]?.accessKeyId).toBe(`ASIA${maxEntries + 19}`);
  });

  test('is written a few people at a time', async () => {
    const { process, mostReads } = world();
    const one = process();
    const people = Array.from({ length: 250 }, (_, index) => `person-${index}@corp.example`);
    for (const user of people) one.record({ ...signIn, user } as AuditEvent, request);
    await one.flush();
    expect(mostReads()).toBe(100);
    for (const user of people) expect(await one.ofPerson({ idp: 'adfs', user })).toHaveLength(1);
  });

  test('ends after 30 days', async () => {
    const { clock, process } = world();
    const one = process();
    one.record(signIn, request);
    await one.flush();
    clock.advance(20 * 86_400_000);
    one.record(issued('ASIA1'), request);
    await one.flush();
    clock.advance(15 * 86_400_000);
    one.record(refused, request);
    expect((await one.ofPerson(alice)).map(({ kind }) => kind)).toEqual(['refused', 'credentials']);
  });

  test('cannot be read in the store', async () => {
    const { process, written } = world();
    const one = process();
    one.record(issued('ASIA1'), request);
    await one.flush();
    expect(written.length).toBeGreaterThan(0);
    const text = written.join();
    for (const secret of ['alice', 'ASIA1', 'Admin', '192.0.2.7']) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(secret).toString('base64').slice(0, -2));
    }
  });
});

describe('the counters of a day', () => {
  test('are those of all processes, by role too', async () => {
    const { clock, process } = world();
    const [one, two] = [process(), process()];
    for (const each of [one, two]) {
      for (const event of [signIn, issued('ASIA1'), issued('ASIA2', 'console'), opened, refused, refusedSignIn]) {
        each.record(event, request);
      }
      await each.flush();
    }
    clock.advance(86_400_000);
    one.record(signIn, request);
    const counted = { event: 'refusals_counted', refused: 'sign_in_refused', code: 'x', reason: 'y' } as const;
    one.record({ ...counted, sourceIp: undefined, counted: 40, since: 'x' }, undefined);
    expect(await one.perDay(3)).toEqual([
      { date: '2026-03-03', signIns: 1, credentials: 0, consoles: 0, refusals: 40, roles: {} },
      { date: '2026-03-02', signIns: 2, credentials: 2, consoles: 2, refusals: 4, roles: { [roleArn]: 4 } },
      { date: '2026-03-01', signIns: 0, credentials: 0, consoles: 0, refusals: 0, roles: {} },
    ]);
  });

  test('count further roles together', async () => {
    const { process } = world();
    const one = process();
    for (let each = 0; each < 600; each++)
      one.record({ ...issued('ASIA1'), roleArn: `role-${each}` } as AuditEvent, request);
    const [today] = await one.perDay(1);
    expect(Object.keys(today!.roles)).toHaveLength(501);
    expect(today!.roles['other']).toBe(100);
  });
});

test('a store that is down fails nothing, and the counters follow once it is up', async () => {
  const { process, setDown } = world();
  const one = process();
  const recorded: AuditEvent[] = [];
  const audit = observed({ record: async (event) => void recorded.push(event) }, one);
  setDown(true);
  await audit.record(issued('ASIA1'), request);
  await one.flush();
  setDown(false);
  await audit.record(issued('ASIA2'), request);
  expect(recorded).toHaveLength(2);
  expect((await one.perDay(1))[0]?.credentials).toBe(2);
});

test('what the audit trail refuses is not activity', async () => {
  const { process } = world();
  const one = process();
  const audit = observed({ record: () => Promise.reject(new Error('full disk')) }, one);
  await expect(audit.record(issued('ASIA1'), request)).rejects.toThrow('full disk');
  expect(await one.ofPerson(alice)).toEqual([]);
});
