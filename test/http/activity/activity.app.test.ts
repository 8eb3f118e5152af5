// Recent activity in the API: a person's own, and for administrators that of all.
import { describe, expect, test } from 'vitest';
import { activity, adminActivity } from '../../../src/wire/activity.ts';
import type { Raw } from '../../config/support/workplace.ts';
import { type TestApp, useApp } from '../support/app.ts';

const createApp = useApp();
const withAdmins = (raw: Raw): Raw => ({ ...raw, portal: { administrators: ['CORP\\Admins'] } });
const events = ({ audit }: TestApp, name: string) => audit.lines().filter(({ event }) => event === name);
const roleArn = 'arn:aws:iam::111122223333:role/Nothing';

async function signedIn(user: string, adjust = withAdmins) {
  const app = await createApp(adjust);
  const browser = app.browser();
  await browser.signIn(user);
  return { app, browser };
}

describe('GET /api/v1/activity', () => {
  test('has the sign-in and the refused role of this person, and of no other', async () => {
    const { app, browser } = await signedIn('alice');
    const other = app.browser();
    await other.signIn('bob');
    const { body: problem } = await browser.postJson('/api/v1/credentials', { roleArn });
    const { entries } = activity.parse((await browser.get('/api/v1/activity')).body);
    expect(entries).toMatchObject([
      { kind: 'refused', roleArn, code: problem.code, requestId: problem.requestId },
      { kind: 'sign_in', time: '2026-03-02T09:00:00.000Z' },
    ]);
    expect(activity.parse((await other.get('/api/v1/activity')).body).entries).toHaveLength(1);
  });

  test('needs a session', async () => {
    const { browser } = await createApp();
    expect((await browser().get('/api/v1/activity')).status).toBe(401);
  });
});

describe('GET /api/v1/admin/activity', () => {
  const path = '/api/v1/admin/activity';

  test('has the counters of each day, and the activity of one user; each look is recorded', async () => {
    const { app, browser } = await signedIn('alice');
    await app.browser().signIn('bob');
    const all = adminActivity.parse((await browser.get(path)).body);
    expect(all.days).toHaveLength(7);
    expect(all.days[0]).toEqual({
      ...{ date: '2026-03-02', signIns: 2, credentials: 0, consoles: 0, refusals: 0, roles: [] },
    });
    expect(all.entries).toBeUndefined();
    const ofBob = await browser.get(`${path}?days=1&user=bob@corp.example&idp=adfs`);
    expect(adminActivity.parse(ofBob.body)).toMatchObject({ days: [{ signIns: 2 }], entries: [{ kind: 'sign_in' }] });
    expect(events(app, 'activity_viewed')).toMatchObject([
      { user: 'alice@corp.example', days: 7 },
      { user: 'alice@corp.example', days: 1, about: 'bob@corp.example', aboutIdp: 'adfs' },
    ]);
  });

  test('is not there for other people, and asks a stranger to sign in', async () => {
    const { app, browser } = await signedIn('bob');
    expect((await browser.get(path)).status).toBe(404);
    expect((await app.browser().get(path)).status).toBe(401);
    expect(events(app, 'activity_viewed')).toEqual([]);
  });

  test('asks an administrator for a recent sign-in', async () => {
    const { app, browser } = await signedIn('alice');
    app.clock.advance(59 * 60_000);
    expect((await browser.get(path)).status).toBe(200);
    app.clock.advance(2 * 60_000);
    // The session lasts as long as it is used.
    const { status, body } = await browser.get(path);
    expect([status, body.code, body.stepUpUrl]).toEqual([403, 'step_up_required', '/login?step_up=administration']);
  });

  test.each(['days=0', 'days=31', 'days=x', 'user=bob', 'color=red'])('refuses %s', async (query) => {
    const { browser } = await signedIn('alice');
    expect((await browser.get(`${path}?${query}`)).status).toBe(400);
  });

  test('answers nothing that could not be recorded', async () => {
    const { app, browser } = await signedIn('alice');
    app.audit.fail();
    const { status, body } = await browser.get(path);
    expect([status, body.code]).toEqual([503, 'audit_unavailable']);
  });
});
