// The page of accounts, favourites and recents, and several roles at once: against the running demo, without a script.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { preferences } from '../../../src/wire/api.ts';
import { startTestDemo, type TestDemo } from '../../app/support/demo.ts';
import { signIn } from '../../app/support/sign-in.ts';
import { createHttpBrowser, type HttpBrowser } from '../../support/http-browser/http-browser.ts';

const dev = 'arn:aws:iam::444455556666:role/Developer';
const staging = 'arn:aws:iam::333344445555:role/Developer';
const admin = 'arn:aws:iam::111122223333:role/Admin';
const ghost = 'arn:aws:iam::444455556666:role/Ghost';
const foreign = 'arn:aws:iam::999999999999:role/Nobody';

let demo: TestDemo;
const browsers: HttpBrowser[] = [];

beforeAll(async () => {
  // A rule for a role that AWS does not know.
  const ghosts = {
    name: 'ghosts',
    when: { group: 'CORP\\Domain Users' },
    grant: { accounts: ['payments-dev'], role: 'Ghost' },
  };
  const adjust = (config: Record<string, unknown>) => ({ ...config, rules: [...(config['rules'] as []), ghosts] });
  demo = await startTestDemo({ adjust });
});

afterAll(async () => {
  for (const browser of browsers) browser.close();
  await demo?.close();
});

async function signedIn(user: string): Promise<HttpBrowser> {
  const browser = createHttpBrowser();
  browsers.push(browser);
  await signIn(browser, demo.brokerUrl, user);
  return browser;
}

const url = (path: string) => demo.brokerUrl + path;
const setFavourites = (browser: HttpBrowser, favourites: unknown) =>
  browser.json('PUT', url('/api/v1/preferences/favourites'), { favourites });
const stored = async (browser: HttpBrowser) =>
  preferences.parse((await browser.json('GET', url('/api/v1/preferences'))).json());
const postRoles = (browser: HttpBrowser, roles: readonly string[]) =>
  browser.post(url('/portal/credentials'), new URLSearchParams(roles.map((arn) => ['roleArn', arn])));

describe('the page', () => {
  test('says of each account and role what it is, and offers console, link and credentials', async () => {
    const browser = await signedIn('alice');
    const { body } = await browser.get(url('/'));
    for (const text of ['Payments Development', 'payments-dev', '444455556666', 'Owner: payments-team@corp.example']) {
      expect(body).toContain(text);
    }
    expect(body).toMatch(/<li>pci<\/li>/);
    expect(body).toContain('Build and run the payment services.');
    const options = await browser.get(url('/credentials?role=444455556666/Developer'));
    expect(options.body).toContain('granted by the rule “payments engineers”');
    expect(options.body).toContain('href="/console?role=444455556666/Developer"');
    expect(body).toContain('requires MFA');
  });

  test('marks production by more than a colour', async () => {
    const { body } = await (await signedIn('alice')).get(url('/'));
    const production = body.split('<section class="environment"').find((part) => part.includes('payments-prod'))!;
    expect(production).toMatch(/^ data-environment="production" data-production>/);
    expect(production.match(/<span class="env">production<\/span>/g)).toHaveLength(2);
    expect(body.match(/<span class="env">/g)).toHaveLength(2);
  });
});

describe('favourites', () => {
  test('are set with a form, come first, and follow the person to another browser', async () => {
    const alice = await signedIn('alice');
    const page = await alice.get(url('/'));
    expect(page.body).toMatch(/<section class="quick" id="favourites"[^>]* hidden>/);
    const after = await alice.post(url('/portal/favourites'), { roleArn: dev, favourite: 'on' });
    expect(after.url).toBe(url('/'));
    const elsewhere = await (await signedIn('alice')).get(url('/'));
    const section = elsewhere.body.split('id="favourites"')[1]!.split('</section>')[0]!;
    expect(section).toMatch(/aria-pressed="true" aria-label="Favourite: Developer in Payments Development"/);
    await alice.post(url('/portal/favourites'), { roleArn: dev, favourite: 'off' });
    expect((await stored(alice)).favourites).toEqual([]);
  });

  test('are shared with clients of the API, and are private to the person', async () => {
    const [alice, bob] = [await signedIn('alice'), await signedIn('bob')];
    const answer = await setFavourites(alice, [staging, foreign]);
    expect([answer.status, preferences.parse(answer.json()).favourites]).toEqual([200, [staging, foreign]]);
    expect((await stored(bob)).favourites).toEqual([]);
    expect((await alice.get(url('/'))).body).not.toContain(foreign);
    await setFavourites(alice, []);
  });

  test.each([
    ['no list', 'x', 400],
    ['an ARN that is not a role', ['arn:aws:iam::444455556666:user/x'], 400],
    ['more than 100', Array.from({ length: 101 }, (_, index) => `${dev}${index}`), 400],
    ['100', Array.from({ length: 100 }, (_, index) => `${dev}${index}`), 200],
  ])('answer %s as they should', async (_, favourites, status) => {
    expect((await setFavourites(await signedIn('bob'), favourites)).status).toBe(status);
  });

  test('need a session, our origin, and a role that the person has', async () => {
    const nobody = createHttpBrowser();
    browsers.push(nobody);
    const bob = await signedIn('bob');
    const path = url('/portal/favourites');
    expect((await nobody.json('GET', url('/api/v1/preferences'))).status).toBe(401);
    expect((await setFavourites(nobody, [])).status).toBe(401);
    expect((await nobody.post(path, { roleArn: dev, favourite: 'on' })).status).toBe(401);
    expect((await bob.post(path, { roleArn: dev, favourite: 'on' })).status).toBe(403);
    expect((await bob.post(path, { roleArn: dev, favourite: 'maybe' })).status).toBe(400);
    const evil = { origin: 'https://evil.example' };
    expect((await bob.json('PUT', url('/api/v1/preferences/favourites'), { favourites: [] }, evil)).status).toBe(403);
  });
});

describe('several roles at once', () => {
  test('come as one block of profiles, each audited, those without credentials with their reason', async () => {
    const alice = await signedIn('alice');
    const before = demo.audit.length;
    const page = await postRoles(alice, [dev, staging, admin, foreign, dev]);
    expect(page.status).toBe(200);
    expect(page.body.match(/^(?:.*>)?\[[\w-]+\]$/gm)?.map((line) => line.replace(/.*>/, ''))).toEqual([
      '[payments-dev-Developer]',
      '[payments-staging-Developer]',
    ]);
    expect(page.body.match(/aws_session_token = \S+/g)).toHaveLength(2);
    expect(page.body).toMatch(/<strong>Admin<\/strong> Payments Production: This role requires MFA or/);
    expect(page.body).toContain('/login?step_up=');
    expect(page.body).toContain('A role that you don’t have access to: You don’t have access to this role.');
    const events = demo.audit.slice(before).map(({ event }) => event);
    expect(events.filter((event) => event === 'credentials_issued')).toHaveLength(2);
    expect(events.filter((event) => event === 'role_refused')).toHaveLength(2);
  });

  test('do not stop at one that AWS refuses, and remember only what was issued', async () => {
    const bob = await signedIn('bob');
    const readOnly = 'arn:aws:iam::111122223333:role/ReadOnly';
    const page = await postRoles(bob, [ghost, readOnly]);
    expect(page.status).toBe(200);
    expect(page.body).toContain('<strong>Ghost</strong> Payments Development: AWS refused this role.');
    expect(page.body).toContain('[payments-prod-ReadOnly]');
    expect((await stored(bob)).recents.map(({ roleArn }) => roleArn)).toEqual([readOnly]);
    expect(demo.audit.at(-1)).toMatchObject({ event: expect.stringMatching(/^credentials_(issued|refused)$/) });
  });

  test('are remembered, the last used on top of the page', async () => {
    const alice = await signedIn('alice');
    await postRoles(alice, [dev, staging]);
    await alice.json('POST', url('/api/v1/console-url'), { roleArn: dev });
    expect((await stored(alice)).recents.map(({ roleArn }) => roleArn)).toEqual([dev, staging]);
    const { body } = await alice.get(url('/'));
    expect(body).toMatch(/id="recents"[^>]*>\s*<h2[^>]*>Recent<\/h2>\s*<ul>[\s\S]*Console: Developer, Payments Dev/);
  });

  test('are one page too when only one was ticked', async () => {
    const alice = await signedIn('alice');
    const page = await alice.post(url('/portal/credentials'), { several: 'yes', roleArn: dev });
    expect(page.body).toContain('[payments-dev-Developer]');
  });

  test.each([
    [0, 400, 'No role was selected'],
    [21, 400, '21 roles are selected: the maximum is 20'],
    [20, 200, 'A role that you don’t have access to'],
  ])('%i of them answer %i', async (count, status, text) => {
    const fields = Array.from({ length: count }, (_, index) => ['roleArn', `${foreign}${index}`]);
    const bob = await signedIn('bob');
    const page = await bob.post(url('/portal/credentials'), new URLSearchParams([['several', 'yes'], ...fields]));
    expect(page.status).toBe(status);
    expect(page.body).toContain(text);
  });
});
