// Console links as people follow them, in Chromium: from a site of the company, from an untrusted one, across a
// sign-in, with another console session open, and made on the portal's own page.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { accessibilityProblems, overflow } from '../support/accessibility.ts';
import { useChromium } from '../support/chromium.ts';
import { answerIdentityProvider, visit } from './support/person.ts';

let demo: TestDemo;
let page: Page;
let intranet: Server;
/** Two names of one server, and two sites: only the first is trusted. Neither is the broker's. */
let trusted: string;
let untrusted: string;

const chromium = useChromium();

beforeAll(async () => {
  intranet = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://x');
    response.setHeader('Content-Type', 'text/html');
    const to = searchParams.get('to')?.replaceAll('&', '&amp;');
    const goes = searchParams.has('goes') ? `<meta http-equiv="refresh" content="0; url=${to}">` : '';
    response.end(`<!doctype html><title>Wiki</title>${goes}<a href="${to}">Open</a>`);
  });
  await new Promise<void>((resolve) => intranet.listen(0, '127.0.0.1', resolve));
  const { port } = intranet.address() as AddressInfo;
  trusted = `http://intranet.localhost:${port}`;
  untrusted = `http://wiki.localhost:${port}`;
  demo = await startTestDemo({
    idpHost: 'localhost',
    adjust: (config) => ({ ...config, portal: { ...(config['portal'] as object), trustedReferrers: [trusted] } }),
  });
});

afterAll(async () => {
  await demo?.close();
  intranet?.close();
});

beforeEach(async () => {
  page = await chromium.open({ permissions: ['clipboard-read', 'clipboard-write'] });
});

const developer = '/console?role=payments-dev/Developer&service=lambda';

/** Opens a page with the link, and clicks it. */
async function click(site: string, path: string): Promise<void> {
  await page.goto(`${site}/?${new URLSearchParams({ to: demo.brokerUrl + path })}`);
  await page.click('a');
}

const consoleOpened = () => page.waitForURL(`${demo.awsUrl}/console/**`);
const openConsole = () => page.getByRole('button', { name: 'Open the console' }).click();
const lastOpened = () => demo.audit.findLast(({ event }) => event === 'console_opened');

describe('a link', () => {
  test('on an untrusted page survives the sign-in, names that page, and asks once', async () => {
    await click(untrusted, developer);
    await answerIdentityProvider(page, demo.brokerUrl, 'alice');
    expect(page.url()).toBe(demo.brokerUrl + developer);
    expect(await page.textContent('main')).toContain(`A link on ${untrusted} asks`);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await overflow(page)).toBe(0);
    await openConsole();
    await consoleOpened();
    expect(page.url()).toContain('/console/lambda/home');
    expect(await page.textContent('body')).toContain('444455556666');
    expect(lastOpened()).toMatchObject({ destination: 'eu-west-1.console.aws.amazon.com/lambda/home' });
    expect(lastOpened()).not.toHaveProperty('trustedReferrer');
  });

  test('leaves no address that signs in behind: going back shows the question', async () => {
    await visit(page, demo.brokerUrl, developer, 'alice');
    await openConsole();
    await consoleOpened();
    await page.goBack();
    expect(page.url()).toBe(demo.brokerUrl + developer);
    await page.goForward();
    expect(page.url()).toContain('/console/lambda/home');
    expect(page.url()).not.toContain('SigninToken');
  });

  test('on a trusted site opens at a click, and the audit trail says which', async () => {
    await visit(page, demo.brokerUrl, '/', 'alice');
    await click(trusted, developer);
    await consoleOpened();
    expect(lastOpened()).toMatchObject({ user: 'alice@corp.example', trustedReferrer: trusted });
    await page.goBack();
    expect(page.url().startsWith(trusted)).toBe(true);
  });

  test('on a trusted site asks without a click, and for production', async () => {
    await visit(page, demo.brokerUrl, '/', 'alice');
    await page.goto(`${trusted}/?${new URLSearchParams({ goes: '', to: demo.brokerUrl + developer })}`);
    await page.waitForURL(demo.brokerUrl + developer);
    expect(await page.textContent('main')).toContain(`A link on ${trusted} asks`);
    await click(trusted, '/console?role=platform-prod/Operator');
    await page.waitForURL(`${demo.brokerUrl}/console?**`);
    expect(await page.textContent('main')).toContain('This is a production account');
  });

  test('to a role that asks for a second factor comes back to the same place', async () => {
    await visit(page, demo.brokerUrl, '/console?role=payments-prod/Admin&destination=/cloudwatch/home', 'alice');
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('link', { name: 'Sign in again' }).click();
    await page.fill('input[name=UserName]', 'alice');
    await page.fill('input[name=Password]', 'password');
    await page.keyboard.press('Enter');
    await page.fill('input[autocomplete="one-time-code"]', '123456');
    await Promise.all([page.waitForURL((url) => url.origin === demo.brokerUrl), page.keyboard.press('Enter')]);
    await openConsole();
    await consoleOpened();
    expect(page.url()).toContain('/console/cloudwatch/home');
    expect(await page.textContent('body')).toContain('Admin');
  });

  test('beside another account’s console: AWS refuses, and signing out first is a choice', async () => {
    await visit(page, demo.brokerUrl, developer, 'alice');
    await openConsole();
    await consoleOpened();
    await page.goto(`${demo.brokerUrl}/console?role=platform-prod/Operator`);
    await openConsole();
    await page.waitForURL(`${demo.awsUrl}/**`);
    expect(await page.textContent('body')).toContain('You must first log out');
    await page.goto(`${demo.brokerUrl}/console?role=platform-prod/Operator`);
    await page.getByLabel('Sign out of the AWS console in this browser first').check();
    await openConsole();
    await consoleOpened();
    expect(await page.textContent('body')).toContain('222233334444');
    expect(page.url()).not.toContain('SigninToken');
  });

  test('leads back to the portal from the console', async () => {
    await visit(page, demo.brokerUrl, developer, 'alice');
    await openConsole();
    await consoleOpened();
    await page.getByRole('link', { name: 'Back to where you signed in' }).click();
    await page.waitForURL(`${demo.brokerUrl}/`);
    expect(await page.textContent('h1')).toBe('Your accounts');
  });
});

describe('the page that makes links', () => {
  test('makes one without a script, and the link opens what was chosen', async () => {
    page = await chromium.open({ javaScriptEnabled: false });
    await page.goto(`${demo.brokerUrl}/links`);
    await page.fill('input[name=UserName]', 'alice');
    await page.fill('input[name=Password]', 'password');
    await page.keyboard.press('Enter');
    // Where no script posts the answer, the page has a button for it.
    await page
      .locator('form:has(input[name=SAMLResponse]) [type=submit], form:has(input[name=SAMLResponse]) button')
      .click();
    await page.waitForURL(`${demo.brokerUrl}/links`);
    await page.getByLabel('Role', { exact: true }).selectOption({ label: 'Payments Staging: Developer' });
    await page.getByLabel('Service').selectOption('dynamodb');
    await page.getByLabel('Region').fill('eu-central-1');
    await page.getByRole('button', { name: 'Create link' }).click();
    const link = (await page.textContent('#made-link'))!;
    expect(link).toBe(`${demo.brokerUrl}/console?role=payments-staging/Developer&service=dynamodb&region=eu-central-1`);
    await page.goto(link);
    await openConsole();
    await consoleOpened();
    expect(page.url()).toContain('/console/dynamodbv2/home?region=eu-central-1');
    expect(await page.textContent('body')).toContain('333344445555');
  });

  test('copies the link, is accessible, and fits a small window', async () => {
    await visit(page, demo.brokerUrl, '/', 'alice');
    await page.getByRole('link', { name: 'Create a link' }).click();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByLabel('Or a destination').fill('https://evil.example/');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=alert]');
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByLabel('Or a destination').fill('/s3/home');
    await page.keyboard.press('Enter');
    await page.locator('button[data-copy=made-link]').click();
    const link = (await page.textContent('#made-link'))!;
    expect((await page.evaluate('navigator.clipboard.readText()')) as string).toBe(`${link}\n`);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await overflow(page)).toBe(0);
    await page.goto(`${demo.brokerUrl}/links/list`);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
  });
});
