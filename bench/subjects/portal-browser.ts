// What the person who opens the portal waits for, in the page's own clock.
import type { Page } from 'playwright-core';
import { launchChromium } from '../../test/support/chromium.ts';
import { findPart } from '../../test/support/parts/find-part.mjs';
import { median } from '../lib/rounds.ts';
import type { Bench } from '../lib/subject.ts';

/** The fifth is mistyped, the sixth fits nothing: both cost a look at every name. */
const keys = ['t', 'te', 'team 1 dev', 'label-7 admin', 'tema 1', 'zzzzzz', ''];

export interface BrowserFigures {
  readonly kilobytes: number;
  /** From the click to a page that answers: DOMContentLoaded with its scripts run. */
  readonly interactiveMs: number;
  /** The slowest key of the list. */
  readonly keyMs: number;
}

/** Undefined without a Chromium. */
export async function measureInBrowser(bench: Bench, url: string, cookie: string): Promise<BrowserFigures | undefined> {
  if (findPart('chromium') === undefined) return undefined;
  const browser = await launchChromium();
  try {
    const context = await browser.newContext();
    const pairs = cookie.split('; ').map((pair) => pair.split('=') as [string, string]);
    await context.addCookies(pairs.map(([name, value]) => ({ name, value, url })));
    const page = await context.newPage();
    await page.goto(url);
    return await figuresOf(page, bench.rounds);
  } finally {
    await browser.close();
  }
}

async function figuresOf(page: Page, rounds: number): Promise<BrowserFigures> {
  const interactive: number[] = [];
  let kilobytes = 0;
  for (let round = 0; round < rounds; round++) {
    await page.reload();
    const script = `(({ domContentLoadedEventEnd, transferSize }) => ({ domContentLoadedEventEnd, transferSize }))(performance.getEntriesByType('navigation')[0])`;
    const { domContentLoadedEventEnd, transferSize } = (await page.evaluate(script)) as Record<string, number>;
    interactive.push(domContentLoadedEventEnd!);
    kilobytes = transferSize! / 1024;
  }
  const times: number[] = [];
  for (const key of keys) times.push(median(await keyTimes(page, key, rounds)));
  return { kilobytes, interactiveMs: median(interactive), keyMs: Math.max(...times) };
}

/** Types a text at once and lays the page out, in the page's own clock. */
async function keyTimes(page: Page, text: string, rounds: number): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const script = `(() => {
      const field = document.getElementById('search');
      const before = performance.now();
      field.value = ${JSON.stringify(text)};
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
      document.body.getBoundingClientRect();
      return performance.now() - before;
    })()`;
    times.push((await page.evaluate(script)) as number);
  }
  return times;
}
