// `npm run bench`: what the portal costs the person who opens it, with a few roles and with five thousand, in one run on
// one machine. The ratios are the result; the figures move with the machine.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startDemo } from '../examples/demo/start.ts';
import { createLogger } from '../src/log.ts';
import { launchChromium } from '../test/support/chromium.ts';
import { freeConsecutivePorts } from '../test/support/ports.ts';
import { largeEstate, roleNames } from './large-estate.ts';

const rounds = 5;
/** The fifth is mistyped, the sixth fits nothing: both cost a look at every name. */
const keys = ['t', 'te', 'team 1 dev', 'label-7 admin', 'tema 1', 'zzzzzz', ''];

interface Figures {
  readonly kilobytes: number;
  /** From the click to a page that answers: DOMContentLoaded with its scripts run. */
  readonly interactiveMs: number;
  /** The slowest key of the list. */
  readonly keyMs: number;
}

async function measure(accountCount: number): Promise<Figures> {
  const directory = mkdtempSync(join(tmpdir(), 'rolegate-bench-'));
  const demo = await startDemo({
    port: await freeConsecutivePorts(4),
    directory,
    log: createLogger('error'),
    adjust: (config) => ({ ...config, ...largeEstate(accountCount) }),
  });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(demo.brokerUrl);
    await page.fill('input[name=UserName]', 'bob');
    await page.fill('input[name=Password]', 'password');
    await Promise.all([page.waitForURL((url) => url.origin === demo.brokerUrl), page.keyboard.press('Enter')]);
    return await figuresOf(page);
  } finally {
    await browser.close();
    await demo.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function figuresOf(page: Page): Promise<Figures> {
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
  for (const key of keys) times.push(median(await keyTimes(page, key)));
  return { kilobytes, interactiveMs: median(interactive), keyMs: Math.max(...times) };
}

/** Types a text at once and lays the page out, in the page's own clock. */
async function keyTimes(page: Page, text: string): Promise<number[]> {
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

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const few = await measure(2);
const many = await measure(1000);
const row = (name: string, unit: string, key: keyof Figures) => ({
  what: `${name} (${unit})`,
  [`${2 * roleNames.length} roles`]: Number(few[key].toFixed(1)),
  [`${1000 * roleNames.length} roles`]: Number(many[key].toFixed(1)),
  ratio: Number((many[key] / few[key]).toFixed(1)),
});
console.table([
  row('sent for the page', 'KB', 'kilobytes'),
  row('from request to answering', 'ms, median of 5', 'interactiveMs'),
  row('a key in the search field', 'ms, slowest of 7 texts', 'keyMs'),
]);
