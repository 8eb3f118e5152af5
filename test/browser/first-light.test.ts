// The main job as a person lives it, in Chromium: the identity provider on another site than the broker, so that the
// answer is a cross-site post.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { accessibilityProblems } from '../support/accessibility.ts';
import { runAwsCli } from '../support/aws-cli.ts';
import { useChromium } from '../support/chromium.ts';
import { answerIdentityProvider, signOut } from './support/person.ts';

let demo: TestDemo;
let page: Page;

const chromium = useChromium();

beforeAll(async () => {
  demo = await startTestDemo({ idpHost: 'localhost' });
});

afterAll(async () => {
  await demo?.close();
});

beforeEach(async () => {
  page = await chromium.open();
});

async function signIn(user: string, path = '/'): Promise<void> {
  await page.goto(demo.brokerUrl + path);
  expect(new URL(page.url()).hostname).toBe('localhost');
  await answerIdentityProvider(page, demo.brokerUrl, user);
}

test('alice signs in across sites and uses her credentials with the AWS CLI', async () => {
  await signIn('alice');
  expect(await page.textContent('h1')).toBe('Your accounts');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Get credentials for Developer in Payments Development' }).click();
  await page.waitForSelector('#lines-bash');
  expect(await accessibilityProblems(page)).toEqual([]);
  const lines = (await page.textContent('#lines-bash')) ?? '';
  const env = Object.fromEntries([...lines.matchAll(/export (\w+)='([^']*)'/g)].map((match) => [match[1]!, match[2]!]));
  const { code, stdout, stderr } = await runAwsCli(
    ['sts', 'get-caller-identity', '--endpoint-url', demo.awsUrl, '--query', 'Arn', '--output', 'text'],
    env,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.trim()).toBe('arn:aws:sts::444455556666:assumed-role/Developer/alice@corp.example');
});

test('the console button lands on the console of the right account and role', async () => {
  await signIn('alice');
  await page.getByRole('button', { name: 'Open the console as Developer in Payments Development' }).click();
  await page.waitForURL(`${demo.awsUrl}/console/**`);
  const text = (await page.textContent('body')) ?? '';
  expect(text).toContain('444455556666');
  expect(text).toContain('Developer');
  expect(text).toContain('alice@corp.example');
});

test('a console link signs in first, keeps its target, and asks before it opens', async () => {
  await signIn('bob', '/console?role=payments-prod/ReadOnly&destination=/cloudwatch/home');
  expect(await page.textContent('h1')).toBe('Open the AWS console?');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Open the console' }).click();
  await page.waitForURL(`${demo.awsUrl}/console/cloudwatch/home**`);
  expect(await page.textContent('body')).toContain('111122223333');
});

test('a role that asks for a second factor gets it, once, and the action goes on', async () => {
  await signIn('alice');
  await page.getByRole('link', { name: 'Get credentials for Admin in Payments Production' }).click();
  await page.fill('input[name=UserName]', 'alice');
  await page.fill('input[name=Password]', 'password');
  await page.keyboard.press('Enter');
  await page.fill('input[autocomplete="one-time-code"]', '123456');
  await Promise.all([page.waitForURL((url) => url.origin === demo.brokerUrl), page.keyboard.press('Enter')]);
  await page.getByRole('button', { name: 'Get credentials: Admin, Payments Production' }).click();
  await page.waitForSelector('#lines-bash');
  expect(await page.textContent('h1')).toBe('Credentials for Admin in Payments Production');
});

test('mallory gets an explanation with her groups, not an empty page', async () => {
  await signIn('mallory');
  expect(await page.textContent('h1')).toBe('You have no AWS roles yet');
  const text = (await page.textContent('main')) ?? '';
  expect(text).toContain('CORP\\Domain Users');
  expect(text).toContain('Ask the platform team');
  expect(await accessibilityProblems(page)).toEqual([]);
});

test('after signing out nothing redirects by itself, and the session is gone', async () => {
  await signIn('alice');
  await signOut(page);
  await page.waitForURL(`${demo.brokerUrl}/signed-out`);
  expect(await accessibilityProblems(page)).toEqual([]);
  const answer = await page.request.get(`${demo.brokerUrl}/api/v1/roles`);
  expect(answer.status()).toBe(401);
});

test('every credential is between two audit records that lead back to the sign-in', async () => {
  const issued = demo.audit.find((record) => record['event'] === 'credentials_issued')!;
  const requested = demo.audit.find(
    (record) => record['event'] === 'credentials_requested' && record['assertionId'] === issued['assertionId'],
  )!;
  const signedIn = demo.audit.find(
    (record) => record['event'] === 'sign_in' && record['assertionId'] === issued['signInAssertionId'],
  )!;
  expect(Number(signedIn['audit'])).toBeLessThan(Number(requested['audit']));
  expect(Number(requested['audit'])).toBeLessThan(Number(issued['audit']));
  const seen = demo.aws.events.find((event) => JSON.stringify(event).includes(String(issued['assertionId'])));
  expect(seen).toBeDefined();
});
