// Console links: the page before one opens, the site it names as the origin, and the links that open without asking.
import { describe, expect, test } from 'vitest';
import type { Raw } from '../../config/support/workplace.ts';
import { type Browser, setCookies, type TestApp, useApp } from '../support/app.ts';

const createApp = useApp();
const accept = { Accept: 'text/html' };
const intranet = 'https://intranet.corp.example';
const link = '/console?role=payments-dev/Developer&service=lambda';

const trusting = (raw: Raw): Raw => ({
  ...raw,
  accounts: [
    { id: '111122223333', alias: 'payments-prod', name: 'Payments Production', environment: 'production' },
    { id: '012345678901', alias: 'payments-dev', environment: 'development' },
    { id: '222233334444', alias: 'sandbox' },
  ],
  rules: [
    ...(raw['rules'] as object[]),
    {
      name: 'operators',
      when: { group: 'CORP\\Engineers' },
      grant: { accounts: ['payments-prod', 'sandbox'], role: 'Operator' },
    },
  ],
  // No server listens here: the audit trail shows what the broker asked of AWS.
  aws: { ...(raw['aws'] as object), endpoints: { sts: 'http://127.0.0.1:9', signin: 'http://127.0.0.1:9' } },
  portal: { trustedReferrers: [intranet] },
});

/** The headers that a browser sends when a person clicks a link on another site. */
const click = (origin = intranet) => ({
  ...accept,
  Referer: `${origin}/`,
  'Sec-Fetch-Site': 'cross-site',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Dest': 'document',
  'Sec-Fetch-User': '?1',
});

async function signedIn(adjust?: (raw: Raw) => Raw): Promise<{ app: TestApp; alice: Browser }> {
  const app = await createApp(adjust);
  const alice = app.browser();
  await alice.signIn('alice');
  return { app, alice };
}

/** Whether the broker requested credentials, which is the first step of opening a console. */
const hasOpened = ({ audit }: TestApp) => audit.lines().some(({ event }) => event === 'credentials_requested');

describe('before a console opens', () => {
  test('the page says who asks for what, where, and as whom', async () => {
    const { alice } = await signedIn(trusting);
    const page = await alice.get(`${link}&region=us-east-2`, click('https://wiki.corp.example'));
    expect(page.status).toBe(200);
    for (const fact of [
      'https://wiki.corp.example',
      'payments-dev',
      '012345678901',
      'Developer',
      'Lambda',
      'us-east-2',
    ])
      expect(page.text).toContain(fact);
    expect(page.text).toContain('alice@corp.example');
    expect(page.text).toContain('https://us-east-2.console.aws.amazon.com/lambda/home?region=us-east-2');
  });

  const askers: [name: string, headers: Record<string, string>, words: string][] = [
    ['a site', { Referer: 'https://wiki.corp.example/' }, 'A link on https://wiki.corp.example asks'],
    [
      'the origin only',
      { Referer: 'https://wiki.corp.example/secret?page' },
      'A link on https://wiki.corp.example asks',
    ],
    ['a mail', {}, 'A link asks'],
    ['our own page', { Referer: 'http://127.0.0.1:8080/links?x' }, 'You are about to be signed in'],
    ['an address that is none', { Referer: 'nonsense' }, 'A link asks'],
    ['an application', { Referer: 'android-app://com.example/' }, 'A link asks'],
    ['a script', { Referer: 'javascript:alert(1)' }, 'A link asks'],
  ];
  test.each(askers)('the link came from %s', async (_, headers, words) => {
    const { alice } = await signedIn();
    const page = await alice.get(link, { ...accept, ...headers });
    expect(page.text).toContain(words);
    expect(page.text).not.toContain('secret');
  });

  test.each([
    ['service=iam', 'us-east-1'],
    ['service=s3', 'eu-west-1'],
    ['service=s3&region=us-west-2', 'us-west-2'],
    ['destination=/s3/home', 'eu-west-1'],
    ['destination=https://eu-west-3.console.aws.amazon.com/s3/home', undefined],
  ])('the region of %s is the one that the console shows', async (query, region) => {
    const { alice } = await signedIn();
    const page = await alice.get(`/console?role=payments-dev/Developer&${query}`, accept);
    expect(/<dt>Region<\/dt><dd>([^<]*)</.exec(page.text)?.[1]).toBe(region);
  });

  test('production is said in words', async () => {
    const { alice } = await signedIn(trusting);
    const words = 'This is a production account';
    expect((await alice.get('/console?role=payments-prod/Operator', accept)).text).toContain(words);
    expect((await alice.get(link, accept)).text).not.toContain(words);
  });

  test('has the box for signing out first ticked only for a person who had ticked it before', async () => {
    const { alice } = await signedIn();
    const box = 'name="sign_out_first" value="yes"';
    expect((await alice.get(link, accept)).text).toContain(`${box}>`);
    expect((await alice.get(`${link}&sign_out_first=yes`, accept)).text).toContain(`${box} checked>`);
    expect((await alice.get(`${link}&sign_out_first=maybe`, accept)).status).toBe(400);
  });

  test('a role that asks for a stronger sign-in leads there, and back to the same place', async () => {
    const { alice } = await signedIn();
    const page = await alice.get('/console?role=payments-prod/Admin&service=s3&region=eu-west-1', accept);
    expect(page.text).not.toContain('action="/portal/console"');
    const [, href = ''] = /href="(\/login\?[^"]*)"/.exec(page.text) ?? [];
    const query = new URL(href.replaceAll('&amp;', '&'), 'http://x').searchParams;
    const arn = 'arn:aws:iam::111122223333:role/Admin';
    expect(query.get('step_up')).toBe(arn);
    const back = new URL(query.get('return_to')!, 'http://x');
    expect(back.pathname).toBe('/console');
    expect(Object.fromEntries(back.searchParams)).toEqual({ role: arn, service: 's3', region: 'eu-west-1' });
  });

  test('the roles to choose from begin with one that asks for nothing more, and keep the place', async () => {
    const { alice } = await signedIn(trusting);
    const page = await alice.get('/console?role=payments-prod&service=s3', accept);
    const hrefs = [...page.text.matchAll(/class="button" href="([^"]*)"/g)].map(([, href]) =>
      decodeURIComponent(href!),
    );
    expect(hrefs).toEqual([
      '/console?role=arn:aws:iam::111122223333:role/Operator&amp;service=s3',
      '/console?role=arn:aws:iam::111122223333:role/Admin&amp;service=s3',
    ]);
  });
});

describe('a link that leads nowhere is refused before anybody signs in', () => {
  const rows: [name: string, query: string][] = [
    ['another site', 'role=x&destination=https://evil.example/'],
    ['another partition', 'role=x&destination=https://console.amazonaws.cn/'],
    ['a sign-in page of AWS', 'role=x&destination=https://signin.aws.amazon.com/oauth'],
    ['an unknown service', 'role=x&service=nothing'],
    ['a name of every object', 'role=x&service=constructor'],
    ['a service and a destination', 'role=x&service=s3&destination=/ec2/home'],
    ['a region of another partition', 'role=x&region=cn-north-1'],
    ['a region that is a host', 'role=x&region=eu-west-1.evil.example'],
    ['two roles', 'role=x&role=y'],
    ['two destinations', 'role=x&destination=/a&destination=/b'],
    ['no role', 'service=s3'],
    ['too much to come back to', `role=x&destination=/${'y'.repeat(2040)}`],
  ];
  test.each(rows)('%s', async (_, query) => {
    const { browser } = await createApp();
    const visitor = browser();
    expect((await visitor.get('/console?role=x&service=s3', accept)).status).toBe(303);
    expect((await visitor.get(`/console?${query}`, accept)).status).toBe(400);
  });

  test('while empty fields of a form count as absent', async () => {
    const { alice } = await signedIn();
    expect((await alice.get('/console?role=payments-dev&service=&destination=&region=', accept)).status).toBe(200);
  });
});

describe('after a sign-in', () => {
  async function follow(headers: Record<string, string>, path = link): Promise<{ app: TestApp; text: string }> {
    const app = await createApp(trusting);
    const alice = app.browser();
    const login = (await alice.get(path, headers)).get('Location')!;
    const answered = await alice.signIn('alice', login.slice(login.indexOf('?')));
    expect(answered.get('Location')).toBe(path);
    // The identity provider's page posted the answer, and the browser still names it.
    const from = { ...click(new URL(app.adfs.url).origin) };
    return { app, text: (await alice.get(path, from)).text };
  }

  test('the page still names the site that the link came from', async () => {
    const { text } = await follow(click('https://wiki.corp.example'));
    expect(text).toContain('A link on https://wiki.corp.example asks');
  });

  test('the identity provider is never said to ask', async () => {
    const { text, app } = await follow(accept);
    expect(text).toContain('A link asks');
    expect(text).not.toContain(new URL(app.adfs.url).origin);
  });

  test('a trusted site’s link asks once', async () => {
    const { text, app } = await follow(click());
    expect(text).toContain(`A link on ${intranet} asks`);
    expect(hasOpened(app)).toBe(false);
  });

  test('the origin of one link is not shown for another', async () => {
    const { browser } = await createApp(trusting);
    const alice = browser();
    await alice.get(link, click('https://wiki.corp.example'));
    await alice.signIn('alice');
    expect((await alice.get(link, accept)).text).toContain('https://wiki.corp.example');
    expect((await alice.get('/console?role=sandbox', accept)).text).toContain('A link asks');
  });

  test.each(['x', '.', '%E0%A4%A', 'a.b.c', `${'x'.repeat(43)}.aHR0cHM6Ly9ldmlsLmV4YW1wbGU`])(
    'a cookie that the broker did not write is ignored: %s',
    async (value) => {
      const { alice } = await signedIn();
      alice.cookies.set('rolegate-link', value);
      expect((await alice.get(link, accept)).text).toContain('A link asks');
    },
  );

  test('the cookie is HttpOnly and expires after a quarter of an hour', async () => {
    const { browser } = await createApp();
    const cookies = setCookies(await browser().get(link, click()));
    const cookie = cookies.find((each) => each.startsWith('rolegate-link='));
    expect(cookie).toMatch(/Max-Age=900;.*HttpOnly; SameSite=Lax/);
    expect(setCookies(await browser().get(link, accept)).join()).not.toContain('rolegate-link');
  });
});

describe('a click on a trusted site', () => {
  test('opens without asking, with the same records as any other', async () => {
    const { app, alice } = await signedIn(trusting);
    const answer = await alice.get(link, click());
    // AWS does not answer here; what matters is that it was asked, after the record of the intent.
    expect(answer.status).toBe(503);
    expect(hasOpened(app)).toBe(true);
  });

  test('opens from a neighbour on the same site, too', async () => {
    const { app, alice } = await signedIn(trusting);
    await alice.get(link, { ...click(), 'Sec-Fetch-Site': 'same-site' });
    expect(hasOpened(app)).toBe(true);
  });

  const asked: [name: string, path: string, headers: Record<string, string | undefined>][] = [
    ['of a site that is not trusted', link, { Referer: 'https://wiki.corp.example/' }],
    ['of a site with another port', link, { Referer: `${intranet}:8443/` }],
    ['of a site with another scheme', link, { Referer: 'http://intranet.corp.example/' }],
    ['of a site whose name begins so', link, { Referer: `${intranet}.evil.example/` }],
    ['of a site whose name ends so', link, { Referer: 'https://evil-intranet.corp.example/' }],
    ['of a site that has the name as its user', link, { Referer: `${intranet}@evil.example/` }],
    ['without a referrer', link, { Referer: undefined }],
    ['that is none: a script or a refresh', link, { 'Sec-Fetch-User': undefined }],
    ['that is none: a frame', link, { 'Sec-Fetch-Dest': 'iframe' }],
    ['that is none: an image', link, { 'Sec-Fetch-Dest': 'image', 'Sec-Fetch-Mode': 'no-cors' }],
    ['that is none: a prefetch', link, { 'Sec-Purpose': 'prefetch;prerender' }],
    ['that is none: a request with an Origin', link, { Origin: intranet }],
    ['in a browser that does not say', link, { 'Sec-Fetch-Mode': undefined, 'Sec-Fetch-Dest': undefined }],
    ['for production', '/console?role=payments-prod/Operator', {}],
    ['for an account that does not say what it is', '/console?role=sandbox/Operator', {}],
    ['for a role that asks for a stronger sign-in', '/console?role=payments-prod/Admin', {}],
    ['that fits several roles', '/console?role=payments', {}],
    ['for a role that the reader does not have', '/console?role=payments-dev/Admin', {}],
  ];
  test.each(asked)('asks %s', async (_, path, headers) => {
    const { app, alice } = await signedIn(trusting);
    const sent = Object.entries({ ...click(), ...headers }).filter((entry): entry is [string, string] => !!entry[1]);
    const page = await alice.get(path, Object.fromEntries(sent));
    expect(page.status).toBe(200);
    expect(hasOpened(app)).toBe(false);
  });

  test('is not a HEAD request', async () => {
    const { app, alice } = await signedIn(trusting);
    expect((await alice.send('HEAD', link, { headers: click() })).status).toBe(200);
    expect(hasOpened(app)).toBe(false);
  });

  test('opens nothing while the audit trail cannot be written', async () => {
    const { app, alice } = await signedIn(trusting);
    app.audit.fail();
    const answer = await alice.get(link, click());
    expect(answer.status).toBe(503);
    expect(answer.text).toContain('audit trail');
    expect(answer.get('Location')).toBeUndefined();
  });

  test('asks where no site is trusted', async () => {
    const { app, alice } = await signedIn((raw) => ({ ...trusting(raw), portal: {} }));
    expect((await alice.get(link, click())).text).toContain(`A link on ${intranet} asks`);
    expect(hasOpened(app)).toBe(false);
  });
});

describe('the form', () => {
  const roleArn = 'arn:aws:iam::012345678901:role/Developer';
  test.each([
    { destination: 'https://evil.example/' },
    { region: 'eu-west-1.evil.example' },
    { region: 'us-gov-west-1' },
    { sign_out_first: 'maybe' },
  ])('refuses %o, and nothing is asked of AWS', async (fields) => {
    const { app, alice } = await signedIn(trusting);
    const answer = await alice.postForm('/portal/console', { roleArn, ...(fields as Record<string, string>) });
    expect(answer.status).toBe(400);
    expect(hasOpened(app)).toBe(false);
    await alice.postForm('/portal/console', {
      roleArn,
      destination: '/s3/home',
      region: 'us-east-1',
      sign_out_first: 'yes',
    });
    expect(hasOpened(app)).toBe(true);
  });
});
