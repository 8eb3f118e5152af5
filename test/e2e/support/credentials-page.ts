// Chromium on the page of credentials: signed in once, every context of a test begins from there.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

type State = Awaited<ReturnType<BrowserContext['storageState']>>;

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const developer = 'arn:aws:iam::444455556666:role/Developer';
/** The rule allows eight hours, the role one. */
export const stagingDeveloper = 'arn:aws:iam::333344445555:role/Developer';

/** Cookies of a person who has just signed in. */
export async function signedInState(browser: Browser, brokerUrl: string, user: string): Promise<State> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(brokerUrl);
  await page.fill('input[name=UserName]', user);
  await page.fill('input[name=Password]', 'password');
  await Promise.all([page.waitForURL((url) => url.origin === brokerUrl), page.keyboard.press('Enter')]);
  const state = await context.storageState();
  await context.close();
  return state;
}

export interface Opened {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What Chromium blocked. */
  readonly complaints: readonly string[];
}

export async function openContext(browser: Browser, options: BrowserContextOptions): Promise<Opened> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy|violates/.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { context, page, complaints };
}

/** Goes on where a sign-in interrupted: the portal's notice with one button, in any language. */
export async function askFor(page: Page, brokerUrl: string, roleArn: string): Promise<void> {
  await page.goto(`${brokerUrl}/?${new URLSearchParams({ resume: 'credentials', role: roleArn })}`);
  const button = page.getByRole('button', { name: /^(Get credentials|자격 증명 받기): / });
  await Promise.all([page.waitForURL('**/portal/credentials'), button.click()]);
  await page.waitForSelector('.credentials');
}

export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const run = 'axe.run().then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).join(" ")))';
  return (await page.evaluate(run)) as string[];
}

/** How far the page is wider than its window, in pixels. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
