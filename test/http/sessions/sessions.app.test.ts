// Sessions and issued credentials for administrators: the page, the API, who may see and end them, and their audit records.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { administeredCredentials, administeredSessions, sessionsEnded } from '../../../src/wire/administration.ts';
import { consoleUrl, credentials as credentialsShape, problem } from '../../../src/wire/api.ts';
import { startTestDemo, type TestDemo } from '../../app/support/demo.ts';
import { signIn } from '../../app/support/sign-in.ts';
import { createHttpBrowser, type HttpBrowser } from '../../support/http-browser/http-browser.ts';
import { useApp } from '../support/app.ts';

const roleArn = 'arn:aws:iam::111122223333:role/ReadOnly';
const [alice, bob] = ['alice@corp.example', 'bob@corp.example'] as const;
let demo: TestDemo;
const browsers: HttpBrowser[] = [];

beforeAll(async () => {
  demo = await startTestDemo();
});
afterEach(() => {
  for (const browser of browsers.splice(0)) browser.close();
});
afterAll(() => demo?.close());

async function signedIn(user: string): Promise<HttpBrowser> {
  const browser = createHttpBrowser();
  browsers.push(browser);
  await signIn(browser, demo.brokerUrl, user);
  return browser;
}

const origin = () => ({ origin: demo.brokerUrl });
const url = (path: string) => demo.brokerUrl + path;
const last = (name: string) => demo.audit.filter(({ event }) => event === name).at(-1);
const meOf = async (browser: HttpBrowser) => (await browser.get(url('/api/v1/me'))).status;

async function issue(browser: HttpBrowser): Promise<string> {
  const answer = await browser.json('POST', url('/api/v1/credentials'), { roleArn }, origin());
  return credentialsShape.parse(JSON.parse(answer.body)).AccessKeyId;
}

describe('the API', () => {
  test('lists live sessions and issued credentials, and records each look', async () => {
    const [admin, person] = [await signedIn('alice'), await signedIn('bob')];
    const key = await issue(person);
    const live = await admin.get(url(`/api/v1/admin/sessions?user=${bob}`));
    const listed = administeredSessions.parse(JSON.parse(live.body));
    expect(listed.total).toBeGreaterThanOrEqual(1);
    expect(new Set(listed.sessions.map(({ user, kind }) => `${kind} ${user}`))).toEqual(new Set([`browser ${bob}`]));
    expect(last('sessions_viewed')).toMatchObject({ user: alice, about: bob, sessions: listed.total });
    const issued = await admin.get(url(`/api/v1/admin/credentials?user=${bob}&idp=adfs`));
    const { credentials } = administeredCredentials.parse(JSON.parse(issued.body));
    expect(credentials.map(({ accessKeyId }) => accessKeyId)).toContain(key);
    expect(last('sessions_viewed')).toMatchObject({ about: bob, aboutIdp: 'adfs', credentials: credentials.length });
    const elsewhere = await admin.get(url('/api/v1/admin/sessions?idp=other'));
    expect(JSON.parse(elsewhere.body)).toEqual({ total: 0, sessions: [] });
  });

  test('lists a console until it expires, once', async () => {
    const [admin, person] = [await signedIn('alice'), await signedIn('bob')];
    const list = async () => {
      const answer = await admin.get(url(`/api/v1/admin/credentials?user=${bob}`));
      return administeredCredentials.parse(JSON.parse(answer.body)).credentials;
    };
    const before = (await list()).length;
    const opened = await person.json('POST', url('/api/v1/console-url'), { roleArn }, origin());
    const { sessionExpiresAt } = consoleUrl.parse(JSON.parse(opened.body));
    const after = await list();
    const consoles = after.filter(({ purpose }) => purpose === 'console');
    expect([after.length, consoles.length]).toEqual([before + 1, 1]);
    expect(Date.parse(consoles[0]!.expiresAt)).toBeGreaterThanOrEqual(Date.parse(sessionExpiresAt!));
  });

  test('ends the sessions of a person at once, and of no other', async () => {
    const [admin, first, second] = [await signedIn('alice'), await signedIn('bob'), await signedIn('bob')];
    const path = url(`/api/v1/admin/sessions?user=${bob}`);
    const { ended } = sessionsEnded.parse(JSON.parse((await admin.json('DELETE', path, {}, origin())).body));
    expect(ended).toBeGreaterThanOrEqual(2);
    expect([await meOf(first), await meOf(second), await meOf(admin)]).toEqual([401, 401, 200]);
    expect(last('sessions_ended')).toMatchObject({ by: alice, user: bob, browserSessions: ended });
  });

  test('ends the sessions of an identity provider, or of all', async () => {
    for (const query of ['idp=adfs', 'all=true']) {
      const [admin, person] = [await signedIn('alice'), await signedIn('bob')];
      const answer = await admin.json('DELETE', url(`/api/v1/admin/sessions?${query}`), {}, origin());
      expect(sessionsEnded.parse(JSON.parse(answer.body)).ended).toBeGreaterThanOrEqual(2);
      expect([await meOf(person), await meOf(admin)], query).toEqual([401, 401]);
    }
  });

  test('ends one session by its id', async () => {
    const [admin, first] = [await signedIn('alice'), await signedIn('bob')];
    const list = async () => {
      const answer = await admin.get(url(`/api/v1/admin/sessions?user=${bob}`));
      return administeredSessions.parse(JSON.parse(answer.body)).sessions.map(({ id }) => id);
    };
    const before = new Set(await list());
    const second = await signedIn('bob');
    const [id] = (await list()).filter((each) => !before.has(each));
    const answer = await admin.json('DELETE', url(`/api/v1/admin/sessions?id=${id}`), {}, origin());
    expect(JSON.parse(answer.body)).toEqual({ ended: 1 });
    expect([await meOf(first), await meOf(second)]).toEqual([200, 401]);
  });

  test('is not there for others, needs a session, and a user or session to be named', async () => {
    const [admin, person] = [await signedIn('alice'), await signedIn('bob')];
    const stranger = createHttpBrowser();
    browsers.push(stranger);
    for (const path of ['/api/v1/admin/sessions', '/api/v1/admin/credentials']) {
      expect((await person.get(url(path))).status, path).toBe(404);
      expect((await stranger.get(url(path))).status, path).toBe(401);
    }
    const ending = url(`/api/v1/admin/sessions?user=${bob}`);
    expect((await person.json('DELETE', ending, {}, origin())).status).toBe(404);
    expect((await admin.json('DELETE', url('/api/v1/admin/sessions'), {}, origin())).status).toBe(400);
    const both = url(`/api/v1/admin/sessions?all=true&user=${bob}`);
    expect((await admin.json('DELETE', both, {}, origin())).status).toBe(400);
    expect((await admin.get(url('/api/v1/admin/sessions?color=red'))).status).toBe(400);
    expect([await meOf(person), await meOf(admin)]).toEqual([200, 200]);
  });
});

describe('the page', () => {
  test('shows nothing before it is asked, then sessions with a button and credentials with their expiry', async () => {
    const [admin, person] = [await signedIn('alice'), await signedIn('bob')];
    const key = await issue(person);
    const looks = () => demo.audit.filter(({ event }) => event === 'sessions_viewed').length;
    const before = looks();
    const empty = await admin.get(url('/admin/sessions'));
    expect([empty.body.includes('class="cards"'), looks()]).toEqual([false, before]);
    const page = await admin.get(url(`/admin/sessions?user=${bob}`));
    expect(page.body).toContain('End session');
    expect(page.body).toContain(key);
    expect(page.body).toContain(`rolegate-server revoke --user ${bob}`);
    expect(looks()).toBe(before + 1);
    await admin.submit(page, ({ fields }) => fields.some(([name, value]) => name === 'id' && value === ''), {});
    expect([await meOf(person), await meOf(admin)]).toEqual([401, 200]);
    expect(last('sessions_ended')).toMatchObject({ by: alice, user: bob });
    const after = await admin.get(url(`/admin/sessions?user=${bob}`));
    expect([after.body.includes('No live sessions.'), after.body.includes(key)]).toEqual([true, true]);
  });

  test('ends the sessions of an identity provider, and those of all users once that is confirmed', async () => {
    const [admin, person] = [await signedIn('alice'), await signedIn('bob')];
    const page = await admin.get(url('/admin/sessions?idp=adfs'));
    const isAll = ({ fields }: { fields: readonly (readonly string[])[] }) =>
      fields.some(([name, value]) => name === 'id' && value === '');
    expect((await admin.submit(page, isAll, {})).url).toBe(url('/signed-out'));
    expect([await meOf(person), await meOf(admin)]).toEqual([401, 401]);
    expect(last('sessions_ended')).toMatchObject({ by: alice, idp: 'adfs' });
    const [again, other] = [await signedIn('alice'), await signedIn('bob')];
    const unconfirmed = await again.post(url('/admin/sessions'), { user: '', idp: '', id: '' }, origin());
    expect([unconfirmed.status, await meOf(other)]).toEqual([400, 200]);
    const form = await again.get(url('/admin/sessions'));
    // A box that is not ticked is not a field.
    const ofAll = ({ action, fields }: { action: string; fields: readonly (readonly string[])[] }) =>
      action.endsWith('/admin/sessions') && fields.every(([name]) => !['id', 'user'].includes(name!));
    expect((await again.submit(form, ofAll, { all: 'true' })).url).toBe(url('/signed-out'));
    expect([await meOf(other), await meOf(again)]).toEqual([401, 401]);
    expect(last('sessions_ended')).toMatchObject({ by: alice, browserSessions: 2 });
  });

  test('is not there for others, and ends nothing for them', async () => {
    const [person, other] = [await signedIn('bob'), await signedIn('alice')];
    expect((await person.get(url('/admin/sessions'))).status).toBe(404);
    const answer = await person.post(url('/admin/sessions'), { user: alice, idp: '', id: '' }, origin());
    expect([answer.status, await meOf(other)]).toEqual([404, 200]);
  });
});

describe('the sign-in of an administrator', () => {
  const createApp = useApp();

  test('is a recent one of this origin, for the page and for the API, which says where to sign in again', async () => {
    const app = await createApp((raw) => ({ ...raw, portal: { administrators: ['CORP\\Admins'] } }));
    const browser = app.browser();
    await browser.signIn('alice');
    expect((await browser.get('/api/v1/admin/sessions')).status).toBe(200);
    const headers = { Origin: 'https://evil.example' };
    const foreign = await browser.send('DELETE', '/api/v1/admin/sessions?user=alice@corp.example', { headers });
    expect(foreign.status).toBe(403);
    for (const minutes of [31, 30]) {
      app.clock.advance(minutes * 60_000);
      expect((await browser.get('/api/v1/me')).status).toBe(200);
    }
    const refused = await browser.get('/api/v1/admin/sessions');
    const { code, stepUpUrl } = problem.parse(JSON.parse(refused.text));
    expect([refused.status, code, stepUpUrl]).toEqual([403, 'step_up_required', '/login?step_up=administration']);
    const page = await browser.get('/admin/sessions?user=bob', { Accept: 'text/html' });
    expect(page.get('Location')).toMatch(
      /^\/login\?step_up=administration&return_to=%2Fadmin%2Fsessions%3Fuser%3Dbob$/,
    );
    const post = await browser.postForm('/admin/sessions', { user: 'bob@corp.example', idp: '', id: '' });
    expect(post.status).toBe(401);
    expect(app.audit.lines().filter(({ event }) => event === 'sessions_ended')).toEqual([]);
  });
});
