// The end of a session: announced on every page, and what was chosen goes on after the next sign-in.
import { describe, expect, test } from 'vitest';
import type { Raw } from '../../config/support/workplace.ts';
import { type Browser, host, useApp } from '../support/app.ts';

const createApp = useApp();
const accept = { Accept: 'text/html' };
const minute = 60_000;
const role = 'arn:aws:iam::012345678901:role/Developer';
const limits = (raw: Raw): Raw => ({
  ...raw,
  session: { ...(raw['session'] as object), idleTimeout: '30m', absoluteTimeout: '2h' },
});

async function signedIn() {
  const app = await createApp(limits);
  const browser = app.browser();
  await browser.signIn('alice');
  return { app, browser };
}

const watch = (page: string) => ({
  idle: Number(/data-idle-seconds="(\d+)"/.exec(page)?.[1]),
  left: Number(/data-seconds-left="(\d+)"/.exec(page)?.[1]),
});

describe('every page of a signed-in person', () => {
  test('says in seconds how long the session lasts, idle and at most', async () => {
    const { app, browser } = await signedIn();
    expect(watch((await browser.get('/', accept)).text)).toEqual({ idle: 1800, left: 7200 });
    app.clock.advance(20 * minute);
    expect(watch((await browser.get('/why', accept)).text)).toEqual({ idle: 1800, left: 6000 });
  });

  test('says until when, in words, for those without a script', async () => {
    const { browser } = await signedIn();
    const { text } = await browser.get('/', accept);
    expect(text).toContain(
      'You are signed in until <time datetime="2026-03-02T11:00:00.000Z">2026-03-02 11:00 UTC</time>',
    );
  });

  test('leads back to itself after the next sign-in', async () => {
    const { browser } = await signedIn();
    const { text } = await browser.get('/why?role=Admin', accept);
    expect(text).toContain('data-here="/why?role=Admin" data-login="/login?return_to=%2Fwhy%3Frole%3DAdmin"');
  });

  test('is the only kind that does', async () => {
    const { browser } = await createApp(limits);
    const { text } = await browser().get('/signed-out', accept);
    expect(text).not.toContain('session-watch');
    expect(text).not.toContain('signed in until');
  });

  test('is not kept by the browser', async () => {
    const { browser } = await signedIn();
    for (const path of ['/', '/why', '/console?role=payments-dev/Developer']) {
      expect((await browser.get(path, accept)).get('Cache-Control'), path).toBe('no-store');
    }
  });
});

describe('a session', () => {
  test('is kept by any request within its idle time, and by none beyond its absolute time', async () => {
    const { app, browser } = await signedIn();
    for (let elapsed = 25; elapsed < 120; elapsed += 25) {
      app.clock.advance(25 * minute);
      expect((await browser.get('/api/v1/me')).status, `${elapsed} minutes`).toBe(200);
    }
    app.clock.advance(20 * minute);
    expect((await browser.get('/api/v1/me')).status).toBe(401);
  });

  test('ends without requests', async () => {
    const { app, browser } = await signedIn();
    app.clock.advance(31 * minute);
    expect((await browser.get('/api/v1/me')).status).toBe(401);
  });
});

describe('a button pressed after the end of the session', () => {
  const ended = async () => {
    const { app, browser } = await signedIn();
    app.clock.advance(31 * minute);
    return browser;
  };
  const goesTo = (page: string) =>
    /http-equiv="refresh" content="0; url=([^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const returnTo = (page: string) => new URL(goesTo(page), 'http://x').searchParams.get('return_to');

  const rows: [path: string, fields: Record<string, string>, back: string][] = [
    ['/portal/credentials', { roleArn: role }, `/?resume=credentials&role=${encodeURIComponent(role)}`],
    [
      '/portal/credentials',
      { roleArn: role, durationSeconds: '900', sessionPolicy: 'read-only' },
      `/?resume=credentials&role=${encodeURIComponent(role)}&durationSeconds=900&sessionPolicy=read-only`,
    ],
    ['/portal/console', { roleArn: role }, `/?resume=console&role=${encodeURIComponent(role)}`],
    [
      '/portal/console',
      { roleArn: role, destination: '/s3/home', region: 'eu-central-1' },
      `/console?role=${encodeURIComponent(role)}&destination=%2Fs3%2Fhome&region=eu-central-1`,
    ],
    [
      '/portal/console',
      { roleArn: role, sign_out_first: 'yes' },
      `/console?role=${encodeURIComponent(role)}&sign_out_first=yes`,
    ],
  ];
  test.each(rows)('signs in again by itself and comes back to what was chosen: %s %j', async (path, fields, back) => {
    const answer = await (await ended()).postForm(path, fields);
    expect(answer.status).toBe(401);
    expect(answer.get('Location')).toBeUndefined();
    expect(goesTo(answer.text)).toMatch(/^\/login\?/);
    expect(returnTo(answer.text)).toBe(back);
    expect(answer.text).toContain('Your session has expired');
  });

  test('ends where the action goes on', async () => {
    const browser = await ended();
    const answer = await browser.postForm('/portal/credentials', { roleArn: role });
    const query = goesTo(answer.text).slice('/login'.length);
    const arrived = await browser.signIn('alice', query);
    const page = await browser.get(String(arrived.get('Location')), accept);
    expect(page.text).toContain('You were about to use Developer in Payments Development.');
  });

  test('of another site establishes no session', async () => {
    const browser = await ended();
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', Origin: 'https://evil.example', ...accept };
    const answer = await browser.send('POST', '/portal/credentials', { headers, body: `roleArn=${role}` });
    expect(answer.status).toBe(403);
    expect(answer.text).not.toContain('http-equiv');
  });

  test('that says nothing of use is simply not signed in', async () => {
    const answer = await (await ended()).postForm('/portal/credentials', {});
    expect(answer.status).toBe(401);
    expect(answer.text).not.toContain('http-equiv');
  });

  test('leads nowhere else, whatever the role says', async () => {
    const hostile = '"><script>//evil.example';
    const answer = await (await ended()).postForm('/portal/console', {
      roleArn: hostile,
      destination: 'https://evil.example/',
    });
    expect(answer.text).not.toContain('<script>//');
    expect(new URL(goesTo(answer.text), `http://${host}`).host).toBe(host);
    expect(returnTo(answer.text)).toMatch(/^\/console\?/);
  });

  test('works at once while the session lives', async () => {
    const { browser } = await signedIn();
    const answer = await browser.postForm('/portal/console', { roleArn: 'arn:aws:iam::111122223333:role/Other' });
    expect(answer.status).toBe(403);
    expect(answer.text).not.toContain('http-equiv');
  });
});

describe('two people on one browser', () => {
  const shows = async (browser: Browser, name: string) =>
    (await browser.get('/', accept)).text.includes(`data-user="${name}@corp.example"`);

  test('follow each other: the second sees nothing of the first, and a step-up of the first is dropped', async () => {
    const { browser } = await signedIn();
    const stepUp = await browser.startLogin(
      `?${new URLSearchParams({ step_up: 'arn:aws:iam::111122223333:role/Admin', return_to: '/?resume=console' })}`,
    );
    const answered = await browser.answer(stepUp, 'bob');
    expect(answered.get('Location')).toBe('/');
    expect(await shows(browser, 'bob')).toBe(true);
    expect(await shows(browser, 'alice')).toBe(false);
  });
});
