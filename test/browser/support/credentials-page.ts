// Chromium on the page of credentials: signed in once, every context of a test begins from there.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { visit } from './person.ts';

type State = Awaited<ReturnType<BrowserContext['storageState']>>;

export const developer = 'arn:aws:iam::444455556666:role/Developer';
/** The rule allows eight hours, the role one. */
export const stagingDeveloper = 'arn:aws:iam::333344445555:role/Developer';

/** Cookies of a person who has just signed in. */
export async function signedInState(browser: Browser, brokerUrl: string, user: string): Promise<State> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await visit(page, brokerUrl, '', user);
  const state = await context.storageState();
  await context.close();
  return state;
}

/** Goes on where a sign-in interrupted: the portal's notice with one button, in any language. */
export async function askFor(page: Page, brokerUrl: string, roleArn: string): Promise<void> {
  await page.goto(`${brokerUrl}/?${new URLSearchParams({ resume: 'credentials', role: roleArn })}`);
  const button = page.getByRole('button', { name: /^(Get credentials|자격 증명 받기): / });
  await Promise.all([page.waitForURL('**/portal/credentials'), button.click()]);
  await page.waitForSelector('.credentials');
}
