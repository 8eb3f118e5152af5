import { describe, expect, test } from 'vitest';
import type { SessionRecord } from '../../../src/broker/sign-in/session.ts';
import type { SessionStore } from '../../../src/broker/sign-in/session-store.ts';
import { createSessionRecords } from '../../../src/wiring/stores.ts';
import { person } from '../../access/support.ts';
import { createDumpedStore, leaks, testStorage } from '../../store/support.ts';
import { sessionEntry } from '../support.ts';

const id = 'x3Yb1q0cQm8pZl2kV7tN5rJ9wH4sD6fG8aK1uE3oI5y';
const session: SessionRecord = { signedIn: { identity: person(), assertionId: '_a', expiresAt: 1 } };
const later: SessionRecord = { signedIn: { ...session.signedIn, expiresAt: 2 } };
const entry = sessionEntry();
const hour = 3_600_000;

function create() {
  const dumped = createDumpedStore();
  return {
    ...dumped,
    ...createSessionRecords(testStorage(dumped.keyValue, dumped.clock)),
  };
}

describe('a session', () => {
  test('is read back by its id, and by no other', async () => {
    const { sessions } = create();
    expect(await sessions.create(id, session, hour, entry)).toBe(true);
    expect(await sessions.read(id)).toEqual(session);
    expect(await sessions.read(id.toLowerCase())).toBeUndefined();
    expect(await sessions.read(sessions.handleOf(id))).toBeUndefined();
  });

  test('is not created over an existing one: an id is new or refused', async () => {
    const { sessions } = create();
    await sessions.create(id, session, hour, entry);
    expect(await sessions.create(id, later, hour, entry)).toBe(false);
    expect(await sessions.read(id)).toEqual(session);
  });

  test('changes, and lives as long as it is touched', async () => {
    const { sessions, clock } = create();
    await sessions.create(id, session, hour, entry);
    expect(await sessions.replace(id, later, hour)).toBe(true);
    clock.advance(hour - 1);
    await sessions.touch(id, hour);
    clock.advance(hour - 1);
    expect(await sessions.read(id)).toEqual(later);
    clock.advance(1);
    expect(await sessions.read(id)).toBeUndefined();
  });

  test.each([
    ['destroyed', (sessions: SessionStore) => sessions.destroy(id)],
    ['destroyed by its handle', (sessions: SessionStore) => sessions.destroyByHandle(sessions.handleOf(id))],
  ])('once %s never returns, whatever a slow request still writes', async (_, destroy) => {
    const { sessions } = create();
    await sessions.create(id, session, hour, entry);
    const read = await sessions.read(id);
    await destroy(sessions);
    expect(await sessions.replace(id, read!, hour)).toBe(false);
    await sessions.touch(id, hour);
    expect(await sessions.read(id)).toBeUndefined();
  });

  test('its handle ends it and opens nothing', async () => {
    const { sessions, dump } = create();
    await sessions.create(id, session, hour, entry);
    const handle = sessions.handleOf(id);
    expect(handle).not.toContain(id);
    expect((await dump()).map(([key]) => key)).toContain(`session:${handle}`);
    await sessions.destroyByHandle(sessions.handleOf('another id'));
    expect(await sessions.read(id)).toEqual(session);
  });

  test('cannot be read from a dump', async () => {
    const { sessions, dump } = create();
    await sessions.create(id, session, hour, entry);
    await sessions.replace(id, session, hour);
    const stored = await dump();
    expect(stored).toHaveLength(2);
    expect(leaks(stored, [id, 'alice', 'AWS-Payments-Dev', 'CORP'])).toEqual([]);
  });

  test('of another user, planted under its key, does not open', async () => {
    const { sessions, dump, plant } = create();
    await sessions.create(id, session, hour, entry);
    await sessions.create('id of an administrator', later, hour, entry);
    const stored = (await dump()).filter(([key]) => key.startsWith('session:'));
    const [[mine], [, theirs]] = stored as [[string, Buffer], [string, Buffer]];
    await plant(mine, theirs);
    expect(await sessions.read(id)).toBeUndefined();
  });

  test('whose entry is taken from the database has ended', async () => {
    const { sessions, keyValue } = create();
    await sessions.create(id, session, hour, entry);
    await keyValue.remove(`entry:${sessions.publicIdOf(sessions.handleOf(id))}`);
    expect(await sessions.read(id)).toBeUndefined();
  });

  test('is ended by its token, which only this server makes', async () => {
    const { sessions } = create();
    const token = sessions.endTokenOf(id);
    expect(sessions.handleOfEndToken(token)).toBe(sessions.handleOf(id));
    for (const forged of ['', '.', sessions.handleOf(id), `${sessions.handleOf(id)}.`, `${token}x`]) {
      expect(sessions.handleOfEndToken(forged)).toBeUndefined();
    }
  });
});
