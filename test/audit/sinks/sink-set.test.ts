// Several sinks, one chain: none of them ends up with a gap or a fork.
import { describe, expect, test } from 'vitest';
import { createJsonLinesAudit } from '../../../src/audit/chain/json-lines.ts';
import type { AuditEvent } from '../../../src/audit/events.ts';
import { createBufferedSink } from '../../../src/audit/sinks/buffered-sink.ts';
import { createSinkSet } from '../../../src/audit/sinks/sink-set.ts';
import { createTestClock } from '../../support/clock.ts';
import { findProblems } from '../support/find-problems.ts';

const signOut = { event: 'sign_out', idp: 'adfs', user: 'alice@corp.example' } satisfies AuditEvent;

function sink(name: string, isUncertain = false) {
  let text = '';
  const state = { isDown: false, arrivesAnyway: false };
  const write = async (lines: string) => {
    if (!state.isDown || state.arrivesAnyway) text += lines;
    if (state.isDown) throw new Error(`${name} is down`);
  };
  return { name, isUncertain, write, state, text: () => text };
}

function trail(...sinks: ReturnType<typeof sink>[]) {
  const audit = createJsonLinesAudit(createSinkSet(sinks, []), createTestClock(), 'start');
  return (user: string) => audit.record({ ...signOut, user }, undefined);
}

const users = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).user);

describe('required sinks', () => {
  test('all have every record', async () => {
    const [one, two] = [sink('one'), sink('two')];
    const record = trail(one, two);
    await record('alice');
    await record('bob');
    expect(one.text()).toBe(two.text());
    expect(users(one.text())).toEqual(['alice', 'bob']);
  });

  test('fail closed: without one of them a record is rejected, and later records wait for what it missed', async () => {
    const [one, two] = [sink('one'), sink('two')];
    const record = trail(one, two);
    await record('alice');
    two.state.isDown = true;
    for (const user of ['bob', 'carol']) {
      await expect(record(user)).rejects.toMatchObject({
        code: 'audit_unavailable',
        message: 'audit: two: two is down',
      });
    }
    two.state.isDown = false;
    await record('dave');
    // Carol's was refused before anything was written.
    for (const { text } of [one, two]) {
      expect(users(text())).toEqual(['alice', 'bob', 'dave']);
      expect(await findProblems(text())).toEqual([]);
    }
  });

  test('a single one that fails leaves no gap: the next record continues the chain', async () => {
    const one = sink('one');
    const record = trail(one);
    one.state.isDown = true;
    await expect(record('alice')).rejects.toMatchObject({ code: 'audit_unavailable' });
    one.state.isDown = false;
    await record('bob');
    expect(users(one.text())).toEqual(['bob']);
    expect(await findProblems(one.text())).toEqual([]);
  });

  test('a network that lost only the answer gets the same lines again, and no fork', async () => {
    const one = sink('one', true);
    const record = trail(one);
    one.state.isDown = true;
    one.state.arrivesAnyway = true;
    await expect(record('alice')).rejects.toMatchObject({ code: 'audit_unavailable' });
    one.state.isDown = false;
    await record('bob');
    expect(users(one.text())).toEqual(['alice', 'alice', 'bob']);
    const [first, second] = one.text().split('\n');
    expect(second).toBe(first);
    expect(await findProblems(one.text())).toEqual(['line 2: record 1 is repeated']);
  });
});

describe('a buffered sink', () => {
  function buffered(maxRecords: number) {
    const target = sink('slow');
    const seen = { dropped: 0, failures: 0 };
    const made = createBufferedSink({
      name: 'slow',
      write: target.write,
      maxRecords,
      jitter: () => 0,
      onDrop: (records) => {
        seen.dropped += records;
      },
      onFailure: () => {
        seen.failures++;
      },
    });
    return { target, seen, made };
  }

  test('gets everything in order, in the background', async () => {
    const { target, made } = buffered(1000);
    for (let each = 0; each < 700; each++) made.push(`${each}\n`);
    await made.close();
    expect(target.text().trimEnd().split('\n')).toEqual(Array.from({ length: 700 }, (_, each) => String(each)));
  });

  test('that is down stops nothing: what does not fit is counted, and the rest follows once it is up', async () => {
    const { target, seen, made } = buffered(3);
    target.state.isDown = true;
    const required = sink('required');
    const audit = createJsonLinesAudit(createSinkSet([required], [made]), createTestClock(), 'start');
    for (let each = 0; each < 10; each++) await audit.record({ ...signOut, user: `user${each}` }, undefined);
    expect(users(required.text())).toHaveLength(10);
    expect(seen).toEqual({ dropped: 7, failures: 1 });
    expect([made.takeDropped(), made.takeDropped()]).toEqual([7, 0]);
    target.state.isDown = false;
    await made.close();
    expect(users(target.text())).toEqual(['user0', 'user1', 'user2']);
  });

  test('tries again by itself', async () => {
    const { target, made } = buffered(10);
    target.state.isDown = true;
    made.push('one\n');
    await new Promise((resolve) => setImmediate(resolve));
    target.state.isDown = false;
    await expect.poll(target.text, { timeout: 10_000 }).toBe('one\n');
  });

  test('that stays down does not keep the process', async () => {
    const { target, made } = buffered(10);
    target.state.isDown = true;
    made.push('one\n');
    await made.close();
    expect(target.text()).toBe('');
  });
});
