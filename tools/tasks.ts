// `npm run tasks`: three tasks of users in Chromium with the sample company, each from the portal's address to the result.
// Prints clicks and seconds as a Markdown table. Typing counts as seconds only at the speed of the script.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { type Demo, startDemo } from '../examples/demo/start.ts';
import { createLogger } from '../src/log.ts';
import { launchChromium } from '../test/support/chromium.ts';
import { freeConsecutivePorts } from '../test/support/ports.ts';

interface Session {
  readonly demo: Demo;
  readonly page: Page;
  readonly click: (name: string | RegExp, role?: 'button' | 'link') => Promise<void>;
}

interface Task {
  readonly name: string;
  readonly user: string;
  /** @throws Error unless the result is there */
  readonly run: (session: Session) => Promise<void>;
}

const tasks: readonly Task[] = [
  {
    name: 'Open the first console',
    user: 'alice',
    run: async ({ demo, page, click }) => {
      await click('Open the console as Developer in Payments Development');
      await page.waitForURL(`${demo.awsUrl}/console/**`);
    },
  },
  {
    name: 'Get credentials into a shell',
    user: 'alice',
    run: async ({ page, click }) => {
      await click('Get credentials for Developer in Payments Development');
      await click(/^Copy$/);
      await page.getByText('Copied for').waitFor();
      const lines = await page.evaluate<string>('navigator.clipboard.readText()');
      const script = `${lines}\nprintf %s "$AWS_SESSION_TOKEN"`;
      if (execFileSync('bash', ['-c', script], { encoding: 'utf8' }) === '') throw new Error('the shell got no token');
    },
  },
  {
    name: 'Find out why a role is missing',
    user: 'bob',
    run: async ({ page, click }) => {
      await click('Access help', 'link');
      await page.getByRole('textbox', { name: 'Role' }).fill('Developer');
      await click('Search');
      await page.getByText('You are not in the group').first().waitFor();
    },
  },
];

const directory = mkdtempSync(join(tmpdir(), 'rolegate-tasks-'));
const demo = await startDemo({ port: await freeConsecutivePorts(4), directory, log: createLogger('silent') });
const browser = await launchChromium();
try {
  console.log('| Task | Clicks after sign-in | Seconds with sign-in |\n|---|---|---|');
  for (const { name, user, run } of tasks) {
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: demo.brokerUrl });
    const page = await context.newPage();
    let clicks = 0;
    const click: Session['click'] = async (label, role = 'button') => {
      clicks += 1;
      await page.getByRole(role, { name: label }).first().click();
    };
    const start = performance.now();
    await signIn(page, user);
    await run({ demo, page, click });
    console.log(`| ${name} | ${clicks} | ${((performance.now() - start) / 1000).toFixed(1)} |`);
    await context.close();
  }
} finally {
  await browser.close();
  await demo.close();
  rmSync(directory, { recursive: true, force: true });
}

async function signIn(page: Page, user: string): Promise<void> {
  await page.goto(demo.brokerUrl);
  await page.fill('input[name=UserName]', user);
  await page.fill('input[name=Password]', 'password');
  await Promise.all([page.waitForURL((url) => url.origin === demo.brokerUrl), page.keyboard.press('Enter')]);
}
