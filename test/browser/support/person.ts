// A person in Chromium who signs in at the sample company's identity provider.
import type { Page } from 'playwright-core';

/** From wherever the page is: opens a path, and signs in on the way if the identity provider asks. */
export async function visit(page: Page, brokerUrl: string, path: string, user: string): Promise<void> {
  await page.goto(brokerUrl + path);
  await answerIdentityProvider(page, brokerUrl, user);
}

export async function answerIdentityProvider(page: Page, brokerUrl: string, user: string): Promise<void> {
  if ((await page.locator('input[name=UserName]').count()) === 0) return;
  await page.fill('input[name=UserName]', user);
  await page.fill('input[name=Password]', 'password');
  await Promise.all([page.waitForURL((url) => url.origin === brokerUrl), page.keyboard.press('Enter')]);
}

/** By the user's menu. */
export async function signOut(page: Page): Promise<void> {
  await page.locator('details.person > summary').click();
  await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
}
