// A person in Chromium: signs in at the sample company's identity provider, and looks at pages as axe and a ruler do.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { BrowserContext, Frame, Page } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

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

/** What Chromium blocks or throws on the pages of a context, as it comes. */
export function complaintsOf(context: BrowserContext): string[] {
  const complaints: string[] = [];
  context.on('console', (message) => {
    if (/Content Security Policy|violates/.test(message.text())) complaints.push(message.text());
  });
  context.on('weberror', (error) => complaints.push(error.error().message));
  return complaints;
}

/** Of a page, or of a frame in one. */
export async function accessibilityProblems(page: Page | Frame): Promise<string[]> {
  await page.evaluate(axeSource);
  const run = 'axe.run().then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).join(" ")))';
  return (await page.evaluate(run)) as string[];
}

/** How far the page is wider than its window, in pixels. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
