import { describe, expect, test } from 'vitest';
import { createSessionStore } from '../../src/store/session.ts';
import { createDumpedStore, leaks, testStorage } from './support.ts';

const id = 'x3Yb1q0cQm8pZl2kV7tN5rJ9wH4sD6fG8aK1uE3oI5y';
const session = { identity: { user: 'alice@corp.example', groups: ['CORP\\AWS-Payments-Dev'] }, expiresAt: 1 };
const hour = 3_600_000;

function create() {
  const dumped = createDumpedStore();
  return {
    ...dumped,
    sessions: createSessionStore(dumped.keyValue, testStorage(dumped.keyValue, dumped.clock).sealer),
  };
}

describe('a session', () => {
  test('is read back by its id, and by no other', async () => {
    const { sessions } = create();
    expect(await sessions.create(id, session, hour)).toBe(true);
    expect(await sessions.read(id)).toEqual(session);
    expect(await sessions.read(id.toLowerCase())).toBeUndefined();
    expect(await sessions.read(sessions.handleOf(id))).toBeUndefined();
  });

  test('is not created over an existing one: an id is new or refused', async () => {
    const { sessions } = create();
    await sessions.create(id, session, hour);
    expect(await sessions.create(id, { identity: 'somebody else' }, hour)).toBe(false);
    expect(await sessions.read(id)).toEqual(session);
  });

  test('changes, and lives as long as it is touched', async () => {
    const { sessions, clock } = create();
    await sessions.create(id, session, hour);
    expect(await sessions.replace(id, { ...session, expiresAt: 2 }, hour)).toBe(true);
    clock.advance(hour - 1);
    await sessions.touch(id, hour);
    clock.advance(hour - 1);
    expect(await sessions.read(id)).toEqual({ ...session, expiresAt: 2 });
    clock.advance(1);
    expect(await sessions.read(id)).toBeUndefined();
  });

  test.each([
    ['destroyed', (sessions: ReturnType<typeof createSessionStore>) => sessions.destroy(id)],
    [
      'destroyed by its handle',
      (sessions: ReturnType<typeof createSessionStore>) => sessions.destroyByHandle(sessions.handleOf(id)),
    ],
  ])('once %s never returns, whatever a slow request still writes', async (_, destroy) => {
    const { sessions } = create();
    await sessions.create(id, session, hour);
    const read = await sessions.read(id);
    await destroy(sessions);
    expect(await sessions.replace(id, read, hour)).toBe(false);
    await sessions.touch(id, hour);
    expect(await sessions.read(id)).toBeUndefined();
  });

  test('its handle ends it and opens nothing', async () => {
    const { sessions, dump } = create();
    await sessions.create(id, session, hour);
    const handle = sessions.handleOf(id);
    expect(handle).not.toContain(id);
    expect((await dump())[0]?.[0]).toBe(`session:${handle}`);
    await sessions.destroyByHandle(sessions.handleOf('another id'));
    expect(await sessions.read(id)).toEqual(session);
  });

  test('cannot be read from a dump', async () => {
    const { sessions, dump } = create();
    await sessions.create(id, session, hour);
    await sessions.replace(id, session, hour);
    const stored = await dump();
    expect(stored).toHaveLength(1);
    expect(leaks(stored, [id, 'alice', 'AWS-Payments-Dev', 'CORP'])).toEqual([]);
  });

  test('of somebody else, planted under its key, does not open', async () => {
    const { sessions, dump, plant } = create();
    await sessions.create(id, session, hour);
    await sessions.create('id of an administrator', { identity: { user: 'admin' } }, hour);
    const [[mine], [, theirs]] = (await dump()) as [[string, Buffer], [string, Buffer]];
    await plant(mine, theirs);
    expect(await sessions.read(id)).toBeUndefined();
  });
});
