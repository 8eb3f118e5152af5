// How often one request resolves the policy: once, and the decision is then handed on.
import type { Response } from 'supertest';
import { describe, expect, test, vi } from 'vitest';
import { indexOf } from '../../src/access/policy-index.ts';
import type { Raw } from '../config/support/workplace.ts';
import { type Browser, baseUrl, useApp } from './support/app.ts';

const createApp = useApp();

const account = '012345678901';
const [developer, operator] = ['Developer', 'Operator'].map((role) => `arn:aws:iam::${account}:role/${role}`);
const [admin, browserOnly, absent] = [
  'arn:aws:iam::111122223333:role/Admin',
  `arn:aws:iam::${account}:role/Browser`,
  `arn:aws:iam::${account}:role/Absent`,
];

const grant = (role: string, more: object = {}) => ({
  name: role,
  when: { group: 'CORP\\Engineers' },
  grant: { accounts: ['payments-dev'], role, ...more },
});

const world = (raw: Raw): Raw => ({
  ...raw,
  rules: [...(raw['rules'] as object[]), grant('Operator'), grant('Browser', { mode: 'browser-post' })],
  // Nothing answers there: the decision is made before AWS is asked.
  aws: { ...(raw['aws'] as object), endpoints: { sts: 'http://127.0.0.1:9', signin: 'http://127.0.0.1:9' } },
});

type Send = (browser: Browser) => Promise<Response>;
const batch: Send = (browser) =>
  browser.send('POST', '/portal/credentials', {
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'text/html', Origin: baseUrl },
    body: [developer, operator, absent].map((arn) => `roleArn=${encodeURIComponent(arn!)}`).join('&'),
  });
const api =
  (path: string, body: object): Send =>
  (browser) =>
    browser.postJson(`/api/v1/${path}`, body);
const form =
  (path: string, fields: Readonly<Record<string, string>>): Send =>
  (browser) =>
    browser.postForm(`/portal/${path}`, fields);
const get =
  (path: string): Send =>
  (browser) =>
    browser.get(path, { Accept: 'text/html' });

describe('the policy is resolved once for', () => {
  test.each<[string, number, Send]>([
    ['the list of roles', 200, get('/api/v1/roles')],
    ['the portal', 200, get(`/?resume=credentials&role=${developer}`)],
    ['credentials over the API', 503, api('credentials', { roleArn: developer })],
    ['a role that no rule grants', 403, api('credentials', { roleArn: absent })],
    ['a role that needs a step-up', 403, api('credentials', { roleArn: admin })],
    ['a console URL', 503, api('console-url', { roleArn: developer })],
    ['a console URL of a service', 503, api('console-url', { roleArn: developer, service: 's3' })],
    ['a console URL that a browser has to post', 200, api('console-url', { roleArn: browserOnly, service: 's3' })],
    ['the page of credentials', 503, form('credentials', { roleArn: developer! })],
    ['the page of a step-up', 403, form('credentials', { roleArn: admin! })],
    ['several roles', 200, batch],
    ['the options of credentials', 200, get('/credentials?role=payments-dev/Developer')],
    ['a console', 503, form('console', { roleArn: developer! })],
    ['a console that the browser posts', 200, form('console', { roleArn: browserOnly })],
    ['a choice at AWS', 200, form('console', { roleArn: browserOnly, choose: 'yes' })],
    ['a console link', 200, get('/console?role=payments-dev/Developer')],
    ['the page that makes links', 200, get(`/links?role=${developer}&service=s3`)],
    ['a favourite', 303, form('favourites', { roleArn: developer!, favourite: 'on' })],
  ])('%s', async (_, status, send) => {
    const { browser, config } = await createApp(world);
    const alice = browser();
    await alice.signIn('alice');
    // Every resolution for a session begins by looking for the decision made before.
    const lookups = vi.spyOn(indexOf(config.policy).decisions, 'read');
    expect((await send(alice)).status).toBe(status);
    expect(lookups).toHaveBeenCalledTimes(1);
  });
});
