// Things going wrong in the middle: nothing comes back to life, nothing is lost, nothing hangs.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, inject, test } from 'vitest';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import { freeConsecutivePorts } from '../support/ports.ts';
import { startRedis } from '../support/redis.ts';
import { startTestDemo, type TestDemo } from './support/demo.ts';
import { postAnswer, reachAnswer, signIn } from './support/sign-in.ts';

const developer = 'arn:aws:iam::444455556666:role/Developer';
const ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function start(
  options: Parameters<typeof startTestDemo>[0] = {},
): Promise<{ demo: TestDemo; browser: HttpBrowser }> {
  const demo = await startTestDemo(options);
  const browser = createHttpBrowser();
  ends.push(
    () => demo.close(),
    () => browser.close(),
  );
  return { demo, browser };
}

const stores = [
  { name: 'memory', redisUrl: () => undefined },
  { name: 'Redis', redisUrl: () => inject('redisUrl') },
];

for (const store of stores) {
  test(`logout during a slow request: the session stays dead (${store.name})`, async () => {
    const { demo, browser } = await start({ redisUrl: store.redisUrl() });
    const page = await signIn(browser, demo.brokerUrl, 'alice');
    const cookies = browser.cookies(demo.brokerUrl);
    const cookie = Object.entries(cookies)
      .map(([name, value]) => `${name}=${value}`)
      .join('; ');
    demo.aws.faults.set({ latencyMs: 800, scope: 'sts' });
    const slow = browser.json('POST', `${demo.brokerUrl}/api/v1/credentials`, { roleArn: developer });
    await sleep(200);
    await browser.submit(page, (form) => form.action.endsWith('/logout'));
    await slow;
    demo.aws.faults.clear();
    const after = await fetch(`${demo.brokerUrl}/api/v1/me`, { headers: { cookie } });
    expect(after.status).toBe(401);
  });
}

test('Redis stopped: 503 after seconds, and the pending login survives', async () => {
  const redis = await startRedis();
  ends.push(() => redis.stop());
  const { demo, browser } = await start({ redisUrl: redis.url });
  const answer = await reachAnswer(browser, demo.brokerUrl, 'alice');
  redis.signal('SIGSTOP');
  const startedAt = performance.now();
  const refused = await postAnswer(browser, answer);
  expect(refused.status).toBe(503);
  expect(performance.now() - startedAt).toBeLessThan(15_000);
  expect(refused.headers['retry-after']).toBe('5');
  expect(refused.body).toContain('No data is lost');
  expect((await fetch(`${demo.operationsUrl}/livez`)).status).toBe(200);
  redis.signal('SIGCONT');
  const again = await postAnswer(browser, answer);
  expect(again.status).toBe(200);
  expect(again.body).toContain('Your accounts');
});

test('Redis slow: what it answers within the time limit counts, and nothing is asked twice', async () => {
  const redis = await startRedis();
  ends.push(() => redis.stop());
  const { demo, browser } = await start({ redisUrl: redis.url });
  const answer = await reachAnswer(browser, demo.brokerUrl, 'alice');
  redis.signal('SIGSTOP');
  const signedIn = postAnswer(browser, answer);
  await sleep(700);
  redis.signal('SIGCONT');
  expect((await signedIn).body).toContain('Your accounts');
  expect(demo.audit.filter(({ event }) => event === 'sign_in')).toHaveLength(1);
});

test('a rule taken away and the server restarted: the live session gets nothing by it', async () => {
  const port = await freeConsecutivePorts(4);
  const redisUrl = inject('redisUrl');
  const secret = 'one secret before and after the restart';
  const withSecret = (config: Record<string, unknown>) => ({ ...config, session: { secrets: [secret] } });
  const before = await startTestDemo({ port, redisUrl, adjust: withSecret });
  const browser = createHttpBrowser();
  ends.push(() => browser.close());
  await signIn(browser, before.brokerUrl, 'alice');
  const credentials = () => browser.json('POST', `${before.brokerUrl}/api/v1/credentials`, { roleArn: developer });
  expect((await credentials()).status).toBe(200);
  await before.close();
  const withoutRule = (config: Record<string, unknown>) => {
    const rules = (config['rules'] as { name: string }[]).filter((rule) => rule.name !== 'payments engineers');
    return { ...withSecret(config), rules };
  };
  const after = await startTestDemo({ port, redisUrl, adjust: withoutRule });
  ends.push(() => after.close());
  expect((await browser.json('GET', `${before.brokerUrl}/api/v1/me`)).status).toBe(200);
  const refused = await credentials();
  expect(refused.status).toBe(403);
  expect(refused.json()).toMatchObject({ code: 'role_not_granted' });
});

const faults = [
  { fault: { status: 503, scope: 'sts' }, status: 503, code: 'sts_unavailable' },
  { fault: { reset: true, scope: 'sts' }, status: 503, code: 'sts_unavailable' },
  { fault: { throttleEvery: 1, scope: 'sts' }, status: 503, code: 'sts_throttled' },
] as const;

test('trouble at STS has its own answer each time, with an id and without secrets', async () => {
  const { demo, browser } = await start();
  await signIn(browser, demo.brokerUrl, 'alice');
  for (const { fault, status, code } of faults) {
    demo.aws.faults.set(fault);
    const answer = await browser.json('POST', `${demo.brokerUrl}/api/v1/credentials`, { roleArn: developer });
    expect([answer.status, answer.json()]).toMatchObject([status, { code, requestId: expect.any(String) }]);
    expect(
      demo.log.find((line) => line['requestId'] === (answer.json() as { requestId: string }).requestId),
    ).toBeDefined();
  }
  demo.aws.faults.clear();
  const answer = await browser.json('POST', `${demo.brokerUrl}/api/v1/credentials`, { roleArn: developer });
  expect(answer.status).toBe(200);
});

test('an answer the role cuts short says that the role did', async () => {
  const { demo, browser } = await start();
  await signIn(browser, demo.brokerUrl, 'alice');
  const roleArn = 'arn:aws:iam::333344445555:role/Developer';
  const answer = await browser.json('POST', `${demo.brokerUrl}/api/v1/credentials`, { roleArn });
  expect(answer.json()).toMatchObject({ DurationSeconds: 3600, DurationLimitedBy: 'role' });
});
