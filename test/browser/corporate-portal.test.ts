// The sample intranet beside the demo, in Chromium: what an ordinary page can do with the broker, and what it cannot.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { consoleLink, createIntranet } from '../../examples/corporate-portal/intranet.ts';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { accessibilityProblems } from '../support/accessibility.ts';
import { endsWithUs } from '../support/children.ts';
import { useChromium } from '../support/chromium.ts';
import { freeConsecutivePorts } from '../support/ports.ts';
import { answerIdentityProvider, visit } from './support/person.ts';

let demo: TestDemo;
let intranet: Server;
let intranetUrl: string;
let page: Page;

const chromium = useChromium();

beforeAll(async () => {
  const port = await freeConsecutivePorts(5);
  const brokerUrl = `http://127.0.0.1:${port}`;
  intranetUrl = `http://127.0.0.1:${port + 4}`;
  const portal = { embedders: [intranetUrl], trustedReferrers: [intranetUrl] };
  demo = await startTestDemo({
    port,
    idpHost: 'localhost',
    adjust: (config) => ({ ...config, portal: { ...(config['portal'] as object), ...portal } }),
  });
  await new Promise<void>((resolve, reject) => {
    intranet = createIntranet({ brokerUrl }).listen(port + 4, '127.0.0.1', (error) =>
      error ? reject(error) : resolve(),
    );
  });
});

afterAll(async () => {
  intranet?.close();
  await demo?.close();
});

beforeEach(async () => {
  page = await chromium.open();
});

const frame = () => page.frameLocator('iframe');

test('a link signs in, says who asks, and opens the place it names', async () => {
  await page.goto(intranetUrl);
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('link', { name: 'Functions' }).click();
  await answerIdentityProvider(page, demo.brokerUrl, 'alice');
  expect(await page.textContent('main')).toContain(`A link on ${intranetUrl} asks`);
  await page.getByRole('button', { name: 'Open the console' }).click();
  await page.waitForURL(`${demo.awsUrl}/console/lambda/home**`);
  expect(await page.textContent('body')).toContain('444455556666');
});

test('for a signed-in person it opens at once, except in production', async () => {
  await visit(page, demo.brokerUrl, '/', 'alice');
  await page.goto(intranetUrl);
  await page.getByRole('link', { name: 'Logs' }).click();
  await page.waitForURL(`${demo.awsUrl}/console/cloudwatch/home**`);
  await page.goto(intranetUrl);
  await page.getByRole('link', { name: 'Invoices' }).click();
  await page.waitForURL(`${demo.brokerUrl}/console?**`);
  expect(await page.textContent('main')).toContain('/s3/buckets/invoices?prefix=2026/');
});

test('one link gives each reader their own role', async () => {
  await visit(page, demo.brokerUrl, '/', 'bob');
  await page.goto(intranetUrl);
  await page.getByRole('link', { name: 'Dashboards' }).click();
  await page.waitForURL(`${demo.brokerUrl}/console?**`);
  expect(await page.textContent('.facts')).toContain('ReadOnly');
});

test('the frame asks to sign in, then lists the person’s own links, which leave the frame', async () => {
  await page.goto(intranetUrl);
  await frame().getByRole('link', { name: 'Sign in' }).waitFor();
  await visit(page, demo.brokerUrl, '/', 'bob');
  await page.goto(intranetUrl);
  await frame().getByRole('link', { name: 'ReadOnly' }).click();
  await page.waitForURL(`${demo.brokerUrl}/console?role=payments-prod%2FReadOnly`);
  expect(await page.textContent('h1')).toBe('Open the AWS console?');
});

test('the API answers no page of another origin', async () => {
  // The intranet's own policy would stop it before the broker does.
  page = await chromium.open({ bypassCSP: true });
  await visit(page, demo.brokerUrl, '/', 'alice');
  await page.goto(intranetUrl);
  const read = `fetch('${demo.brokerUrl}/api/v1/roles', { credentials: 'include' }).then(() => 'read', () => 'refused')`;
  expect(await page.evaluate(read)).toBe('refused');
  await page.goto(`${demo.brokerUrl}/`);
  expect(await page.evaluate(read)).toBe('read');
});

test('the program starts beside a demo, and says where', async () => {
  const port = await freeConsecutivePorts(1);
  const program = fileURLToPath(new URL('../../examples/corporate-portal/server.ts', import.meta.url));
  const env = { ...process.env, INTRANET_PORT: String(port), ROLEGATE_URL: demo.brokerUrl };
  const child = endsWithUs(
    spawn(process.execPath, ['--import', 'tsx', program], { env, stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    expect(line.toString()).toBe(`intranet listening http://127.0.0.1:${port}, with links to ${demo.brokerUrl}\n`);
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect(await answer.text()).toContain(`${demo.brokerUrl}/console?role=payments-prod`);
  } finally {
    child.kill();
    await once(child, 'exit');
  }
});

test('a link is built of encoded parts', () => {
  expect(consoleLink('https://aws.corp.example', { role: 'a/b c', destination: '/x?y=1&z=2#f' })).toBe(
    'https://aws.corp.example/console?role=a%2Fb+c&destination=%2Fx%3Fy%3D1%26z%3D2%23f',
  );
});
