// The order of favourites in Chromium, by keyboard, by mouse and without a script; and a portal that does not move for those
// who asked for less motion.
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { useChromium } from '../support/chromium.ts';
import { developer, signedInState, stagingDeveloper } from './support/credentials-page.ts';

const operator = 'arn:aws:iam::222233334444:role/Operator';

let demo: TestDemo;
let storageState: Awaited<ReturnType<typeof signedInState>>;
let page: Page;

const chromium = useChromium({ locale: 'en-GB' });

beforeAll(async () => {
  demo = await startTestDemo();
  storageState = await signedInState(chromium.browser(), demo.brokerUrl, 'alice');
});

afterAll(async () => {
  await demo?.close();
});

async function open(options: BrowserContextOptions = {}): Promise<void> {
  page = await chromium.open({ storageState, ...options });
  await page.goto(demo.brokerUrl);
}

const button = (name: string) => page.getByRole('button', { name });

async function setFavourites(...favourites: string[]): Promise<void> {
  const put = `fetch('/api/v1/preferences/favourites', {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: ${JSON.stringify(JSON.stringify({ favourites }))},
  }).then(({ status }) => status)`;
  expect(await page.evaluate(put)).toBe(200);
  await page.goto(demo.brokerUrl);
}

const favourites = () =>
  page.locator('#favourites .role').evaluateAll((rows) => rows.map((row) => row.querySelector('input')?.value));
const kept = () => page.waitForResponse((response) => response.url().endsWith('/portal/favourites'));

describe('the order of favourites', () => {
  test('is changed by keyboard, said, and kept', async () => {
    await open();
    await setFavourites(developer, operator, stagingDeveloper);
    await button('Move down: Developer in Payments Development').focus();
    const first = kept();
    await page.keyboard.press('Enter');
    await first;
    expect(await favourites()).toEqual([operator, developer, stagingDeveloper]);
    expect(await page.textContent('#find-status')).toBe('Developer: 2 of 3');
    const second = kept();
    await page.keyboard.press('Enter');
    await second;
    // It cannot go further down: the focus goes to the button that is left.
    expect(await page.evaluate(`document.activeElement.getAttribute('aria-label')`)).toBe(
      'Move up: Developer in Payments Development',
    );
    await page.reload();
    expect(await favourites()).toEqual([operator, stagingDeveloper, developer]);
  });

  test('is changed by dragging, also of one that was just chosen', async () => {
    await open();
    await setFavourites(operator, stagingDeveloper);
    const added = kept();
    await button('Favourite: Developer in Payments Development').first().click();
    await added;
    // As a person would: from where the list is in view, and with nothing on the move.
    await page.mouse.move(0, 0);
    await page.evaluate(() => scrollTo(0, 0));
    const moved = kept();
    await page.locator('#favourites .grip').last().dragTo(page.locator('#favourites .role').first());
    expect((await moved).status()).toBe(204);
    expect(await favourites()).toEqual([developer, operator, stagingDeveloper]);
    await page.reload();
    expect(await favourites()).toEqual([developer, operator, stagingDeveloper]);
  });

  test('is taken back when the server could not keep it', async () => {
    await open();
    await setFavourites(developer, operator);
    await page.route('**/portal/favourites', (route) => route.abort());
    await button('Move down: Developer in Payments Development').click();
    await page.waitForFunction(() =>
      document.getElementById('find-status')?.textContent?.includes('could not be saved'),
    );
    expect(await favourites()).toEqual([developer, operator]);
  });

  test('is changed without a script', async () => {
    await open();
    await setFavourites(developer, operator, stagingDeveloper);
    await open({ javaScriptEnabled: false });
    await button('Move up: Developer in Payments Staging').click();
    await page.waitForURL(`${demo.brokerUrl}/`);
    expect(await favourites()).toEqual([developer, stagingDeveloper, operator]);
    expect(await button('Move up: Developer in Payments Development').isDisabled()).toBe(true);
  });
});

test('who asked for less motion gets none', async () => {
  await open({ reducedMotion: 'reduce' });
  await setFavourites(developer);
  const moving = `[...document.querySelectorAll('*')].flatMap((element) => {
    const { transitionDuration, animationName, animationDuration, scrollBehavior } = getComputedStyle(element);
    const isMoving = /[1-9]/.test(transitionDuration) || (animationName !== 'none' && /[1-9]/.test(animationDuration));
    return isMoving || scrollBehavior === 'smooth' ? [element.outerHTML.slice(0, 100)] : [];
  }).concat(document.getAnimations().length > 0 ? ['animations'] : [])`;
  const pages = ['/', '/credentials?role=payments-dev/Developer', '/links', '/why', '/console?role=payments-dev'];
  for (const path of pages) {
    await page.goto(demo.brokerUrl + path);
    expect([path, await page.evaluate(moving)]).toEqual([path, []]);
  }
  await page.goto(demo.brokerUrl);
  await page.keyboard.press('Control+k');
  expect(await page.evaluate(moving)).toEqual([]);
  await page.evaluate(`document.body.style.transition = 'opacity 1s'`);
  expect(await page.evaluate(moving)).toHaveLength(1);
});
