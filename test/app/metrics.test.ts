// The metrics of a running broker: what Prometheus reads after people have signed in and asked for credentials.
import { afterEach, expect, inject, test } from 'vitest';
import { createHttpBrowser } from '../support/http-browser/http-browser.ts';
import { startTestDemo } from './support/demo.ts';
import { postAnswer, reachAnswer, signIn } from './support/sign-in.ts';

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

test('sign-ins, credentials, latencies, ages and limits are on the operations listener', async () => {
  const limits = { refusalRecords: { perMinute: 1000 }, credentials: { perMinute: 2, burst: 2 } };
  const demo = await startTestDemo({ redisUrl: inject('redisUrl'), adjust: (config) => ({ ...config, limits }) });
  const browser = createHttpBrowser();
  ends.push(
    () => demo.close(),
    () => browser.close(),
  );
  const answer = await reachAnswer(browser, demo.brokerUrl, 'alice');
  await postAnswer(browser, answer);
  expect((await postAnswer(browser, answer)).status).toBe(403);
  await signIn(browser, demo.brokerUrl, 'alice');
  const credentials = async (role: string) =>
    (
      await browser.json('POST', `${demo.brokerUrl}/api/v1/credentials`, {
        roleArn: `arn:aws:iam::444455556666:role/${role}`,
      })
    ).status;
  expect(await credentials('Developer')).toBe(200);
  expect(await credentials('Nobody')).toBe(403);
  demo.aws.faults.set({ throttleEvery: 1, scope: 'sts' });
  expect(await credentials('Developer')).toBe(503);
  demo.aws.faults.clear();
  expect(await credentials('Developer')).toBe(429);
  const text = await (await fetch(`${demo.operationsUrl}/metrics`)).text();
  const value = (series: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')[1],
    );
  expect(value('rolegate_sign_ins_total{outcome="opened",idp="adfs",reason=""}')).toBe(2);
  expect(text).toMatch(/^rolegate_sign_ins_total\{outcome="refused",idp="[a-z]*",reason="\w+"\} 1$/m);
  const issued = 'rolegate_credentials_total{outcome="issued",purpose="credentials",mode="mint",reason=""}';
  expect(value(issued)).toBe(1);
  const throttled = 'outcome="refused",purpose="credentials",mode="mint",reason="sts_throttled"';
  expect(value(`rolegate_credentials_total{${throttled}}`)).toBe(1);
  expect(value('rolegate_credentials_total{outcome="refused",purpose="",mode="",reason="role_not_granted"}')).toBe(1);
  expect(value('rolegate_rate_limited_total{limit="credentials"}')).toBe(1);
  const sts = 'rolegate_sts_duration_seconds_count{operation="assumeRoleWithSaml",outcome="ok"}';
  expect(value(sts)).toBe(1);
  expect(value('rolegate_store_duration_seconds_count{operation="createThenTake",outcome="ok"}')).toBe(2);
  expect(value('rolegate_request_duration_seconds_count{kind="sign_in",status="3xx"}')).toBe(2);
  expect(value('rolegate_request_duration_seconds_count{kind="sign_in",status="4xx"}')).toBe(1);
  expect(value('rolegate_audit_duration_seconds_count{outcome="ok"}')).toBeGreaterThan(5);
  expect(value('rolegate_certificate_expiry_seconds{use="minting",idp=""}')).toBeGreaterThan(0);
  expect(value('rolegate_certificate_age_seconds{use="minting",idp=""}')).toBeGreaterThan(0);
  expect(value('rolegate_sessions')).toBeGreaterThanOrEqual(1);
  expect(value('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
  // An address, a name or a path in a label would make as many series as there are people.
  const labels = new Set([...text.matchAll(/[{,](\w+)="/g)].map(([, name]) => name));
  const bounded = [
    'outcome',
    'idp',
    'reason',
    'purpose',
    'mode',
    'limit',
    'operation',
    'kind',
    'status',
    'event',
    'use',
  ];
  const ofNode = ['le', 'version', 'major', 'minor', 'patch', 'type', 'space'];
  expect([...labels].filter((name) => ![...bounded, ...ofNode].includes(name ?? ''))).toEqual([]);
});
