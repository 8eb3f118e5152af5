// The last refusals: bounded, of all processes, unreadable in the store, and never in the way.
import { describe, expect, test } from 'vitest';
import type { Audit, AuditEvent } from '../../src/audit/events.ts';
import { createRefusals, maxRefusals } from '../../src/broker/refusals.ts';
import { createLogger } from '../../src/log.ts';
import { systemRandom } from '../../src/random.ts';
import { createHashedIndex } from '../../src/store/hashed-index.ts';
import type { KeyValue } from '../../src/store/key-value.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { createSharedRecords } from '../../src/store/shared-records.ts';
import { testStorage } from '../store/support.ts';
import { createTestClock } from '../support/clock.ts';

const request = { requestId: 'r-1', sourceIp: '192.0.2.7', userAgent: 'test' };
const silent: Audit = { record: async () => {} };
const refused = (detail: string): AuditEvent => ({
  event: 'sign_in_refused',
  idp: 'adfs',
  code: 'saml_refused',
  reason: 'signature',
  detail,
});

function world() {
  const clock = createTestClock();
  const keyValue = createMemoryStore(clock);
  const written: string[] = [];
  const watched: KeyValue = {
    ...keyValue,
    write: (key, value, ttlMs) => {
      written.push(key, value.toString('latin1'));
      return keyValue.write(key, value, ttlMs);
    },
    addToIndex: (key, member, ttlMs) => {
      written.push(key, member);
      return keyValue.addToIndex(key, member, ttlMs);
    },
  };
  const process = (secrets = ['one secret of thirty-two characters'], store: KeyValue = watched) =>
    createRefusals({
      records: createSharedRecords('refusal', testStorage(store, clock, secrets)),
      index: createHashedIndex('refusals', store, testStorage(store, clock, secrets).sealer),
      clock,
      random: systemRandom,
      log: createLogger('silent'),
    });
  return { clock, process, written, watched };
}

describe('the last refused sign-ins', () => {
  test('are what was recorded, of every process, the newest first', async () => {
    const { clock, process } = world();
    const [one, two] = [process(), process()];
    await one.remembered(silent).record(refused('first'), request);
    clock.advance(1);
    await two.remembered(silent).record(refused('second'), undefined);
    const last = await one.last();
    expect(last.map(({ detail }) => detail)).toEqual(['second', 'first']);
    expect(last[1]).toEqual({
      ...{ time: '2026-03-02T09:00:00.000Z', idp: 'adfs', code: 'saml_refused', reason: 'signature', detail: 'first' },
      ...{ requestId: 'r-1', sourceIp: '192.0.2.7' },
    });
    expect(await two.last()).toEqual(last);
  });

  test('are no more than the newest two hundred of a process', async () => {
    const { clock, process, written } = world();
    const one = process();
    for (let count = 0; count < maxRefusals + 5; count++) {
      await one.remembered(silent).record(refused(`number ${count}`), request);
      clock.advance(1);
    }
    const details = (await one.last()).map(({ detail }) => detail);
    expect(details).toHaveLength(maxRefusals);
    expect([details[0], details.at(-1)]).toEqual([`number ${maxRefusals + 4}`, 'number 5']);
    const keys = written.filter((text) => text.startsWith('refusal:'));
    expect(new Set(keys).size).toBe(maxRefusals);
  });

  test('cannot be read without the secret, by key, member or value', async () => {
    const { process, written } = world();
    await process().remembered(silent).record(refused('a telling detail'), request);
    expect(written.length).toBeGreaterThan(2);
    for (const secret of ['telling', 'adfs', '192.0.2.7', 'r-1', 'signature'])
      expect(written.join()).not.toContain(secret);
    expect(await process(['quite another secret of 32 letters']).last()).toEqual([]);
  });

  test('outlive a change of secrets, once each', async () => {
    const { process } = world();
    await process(['an old secret of thirty-two letters']).remembered(silent).record(refused('old'), request);
    const changed = process(['a new secret of thirty-two letters.', 'an old secret of thirty-two letters']);
    await changed.remembered(silent).record(refused('new'), request);
    expect((await changed.last()).map(({ detail }) => detail).sort()).toEqual(['new', 'old']);
  });

  test('are credentials as well, with role, person and what AWS said', async () => {
    const { process } = world();
    const role = { user: 'alice', roleArn: 'arn:aws:iam::111122223333:role/Admin', rule: 'administrators' };
    const facts = { ...role, idp: 'adfs', purpose: 'console', mode: 'mint', roleSessionName: 'alice' } as const;
    const refusal = { code: 'sts_access_denied', detail: 'STS AccessDenied: …; allow it' } as const;
    const event = { event: 'credentials_refused', ...facts, ...refusal, signInAssertionId: '_a' } as const;
    await process().remembered(silent).record(event, request);
    expect(await process().last()).toMatchObject([{ ...refusal, idp: 'adfs', requestId: 'r-1', role }]);
  });

  test('are only what was refused, and only what was recorded', async () => {
    const { process } = world();
    const one = process();
    const broken: Audit = { record: async () => Promise.reject(new Error('disk full')) };
    await expect(one.remembered(broken).record(refused('x'), request)).rejects.toThrow('disk full');
    await one.remembered(silent).record({ event: 'refusals_viewed', idp: 'adfs', user: 'alice', shown: 0 }, request);
    expect(await one.last()).toEqual([]);
  });

  test('never fail the record when the store does', async () => {
    const { process, watched } = world();
    const addToIndex = () => Promise.reject(new Error('store down'));
    const recorded: AuditEvent[] = [];
    const audit: Audit = { record: async (event) => void recorded.push(event) };
    await process(undefined, { ...watched, addToIndex })
      .remembered(audit)
      .record(refused('x'), request);
    expect(recorded).toHaveLength(1);
  });
});
