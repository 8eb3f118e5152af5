// The same job under production's rules: TLS, Redis, STS under its real name, `__Host-` cookies.
import https from 'node:https';
import { Redis } from 'ioredis';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { brokerHost, type Production, startProduction } from '../app/support/production.ts';
import { answerOf, reachAnswer, signIn } from '../app/support/sign-in.ts';
import { useChromium } from '../support/chromium.ts';
import { createHttpBrowser } from '../support/http-browser/http-browser.ts';
import { answerIdentityProvider } from './support/person.ts';

const keyPrefix = `production-${process.pid}:`;
let production: Production;
/** Texts that must not be in Redis or in the log. */
const canaries: string[] = ['alice', 'Alice', 'AWS-Payments', 'Domain Users', 'corp.example/adfs', 'claims/Group'];

beforeAll(async () => {
  production = await startProduction(inject('redisUrl'), keyPrefix);
});

// Chromium has its own CAs: the other browser of this file checks the chain.
const chromium = useChromium({ ignoreHTTPSErrors: true }, () => ({ hostRules: production.hostRules }));

afterAll(async () => {
  await production?.close();
});

function newHttpBrowser() {
  const resolve = (hostname: string) => {
    const port = production.portOf(hostname);
    return port === undefined ? undefined : { address: '127.0.0.1', port };
  };
  return createHttpBrowser({ ca: production.caCertificate, resolve });
}

async function signInWithChromium(): Promise<Page> {
  const page = await chromium.open();
  await page.goto(production.brokerUrl);
  await answerIdentityProvider(page, production.brokerUrl, 'alice');
  return page;
}

test('a person signs in with Chromium, gets credentials, and opens the console', async () => {
  const page = await signInWithChromium();
  await page.getByRole('button', { name: 'Get credentials for Developer in Payments Development' }).click();
  const lines = (await page.textContent('#lines-bash')) ?? '';
  canaries.push(
    ...[...lines.matchAll(/(?:SECRET_ACCESS_KEY|SESSION_TOKEN|ACCESS_KEY_ID)='([^']+)'/g)].map((match) => match[1]!),
  );
  expect(canaries.length).toBeGreaterThan(8);
  await page.goto(production.brokerUrl);
  await page.getByRole('button', { name: 'Open the console as Developer in Payments Development' }).click();
  await page.waitForURL((url) => url.pathname.startsWith('/console/'));
  expect(await page.textContent('body')).toContain('444455556666');
  const cookies = await page.context().cookies(production.brokerUrl);
  // The cookie that ends this session names its record, whose key a reader of Redis sees; the secret is the MAC behind it.
  const secretOf = ({ name, value }: { name: string; value: string }) =>
    name === '__Host-rolegate-end' ? value.split('.')[1]! : value.slice(4, 40);
  canaries.push(...cookies.map(secretOf));
  const flags = cookies.map(({ name, secure, httpOnly, sameSite, path, domain }) => ({
    name,
    secure,
    httpOnly,
    sameSite,
    path,
    domain,
  }));
  const common = { secure: true, httpOnly: true, path: '/', domain: brokerHost };
  expect(flags).toContainEqual({ name: '__Host-rolegate', sameSite: 'Lax', ...common });
  expect(flags).toContainEqual({ name: '__Host-rolegate-login', sameSite: 'None', ...common });
});

test('the certificate chain holds, and STS was called under its regional name', async () => {
  const http = newHttpBrowser();
  const page = await signIn(http, production.brokerUrl, 'bob');
  expect(page.status).toBe(200);
  expect(page.headers['strict-transport-security']).toContain('max-age=31536000');
  const answer = await http.json('POST', `${production.brokerUrl}/api/v1/credentials`, {
    roleArn: 'arn:aws:iam::111122223333:role/ReadOnly',
  });
  expect(answer.status).toBe(200);
  expect(production.aws.events.some((event) => event.eventName === 'AssumeRoleWithSAML')).toBe(true);
  http.close();
});

test('another Host is answered 421', async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: production.portOf(brokerHost),
      ca: production.caCertificate,
      servername: brokerHost,
    };
    https
      .get({ ...options, path: '/', headers: { host: 'other.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
      .on('error', reject);
  });
  expect(status).toBe(421);
});

test('a dump of Redis and the whole log hold no name, group, cookie, token or assertion', async () => {
  const http = newHttpBrowser();
  const answer = await reachAnswer(http, production.brokerUrl, 'alice');
  canaries.push(answerOf(answer)['RelayState']!, answerOf(answer)['SAMLResponse']!.slice(200, 260));
  const redis = new Redis(inject('redisUrl'));
  const keys = await redis.keys(`${keyPrefix}*`);
  expect(keys.length).toBeGreaterThan(3);
  const values = await Promise.all(keys.map((key) => contentOf(redis, key)));
  const ttls = await Promise.all(keys.map((key) => redis.pttl(key)));
  redis.disconnect();
  http.close();
  const dump = `${keys.join('\n')}\n${values.join('\n')}`;
  expect(canaries.filter((canary) => dump.includes(canary))).toEqual([]);
  expect(ttls.every((ttl) => ttl > 0)).toBe(true);
  // The audit trail names people; it names no secret. The first six canaries are names.
  const log = production.log.map((line) => JSON.stringify(line)).join('\n');
  expect(log.length).toBeGreaterThan(1000);
  expect(canaries.slice(6).filter((canary) => !canary.startsWith('ASIA') && log.includes(canary))).toEqual([]);
});

async function contentOf(redis: Redis, key: string): Promise<string> {
  if ((await redis.type(key)) === 'string') return (await redis.getBuffer(key))!.toString('latin1');
  return (await redis.zrange(key, '0', '-1')).join('\n');
}
