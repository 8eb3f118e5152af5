// No secret reaches the log, the audit trail, Redis, the metrics, traces or a page that does not hand it out: one person's day with
// the broker, with everything that it wrote searched for every secret that was used.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { createLogger } from '../../src/log.ts';
import { cliClientId, cliScope, confirmationCode, pushedRequest, remoteRedirectPath } from '../../src/wire/oauth.ts';
import { createTracing } from '../../src/wiring/tracing.ts';
import { decide, goOn, reachConfirm } from '../app/support/command-line.ts';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { answerOf, postAnswer, reachAnswer } from '../app/support/sign-in.ts';
import { createProof } from '../http/support/oauth.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import { startRedis } from '../support/redis.ts';
import { leaks } from './support/canaries.ts';

type Secrets = Record<string, string>;
const roleArn = 'arn:aws:iam::444455556666:role/Developer';
const sessionSecret = 'canary-of-the-session-secret-0123456789';

function textStream(): { stream: Writable; text: () => string } {
  let text = '';
  const write = (chunk: Buffer, _encoding: unknown, done: () => void) => {
    text += chunk.toString('latin1');
    done();
  };
  return { stream: new Writable({ write }), text: () => text };
}

/** Everything that is sent to Redis, and what it holds at the end. */
async function watchRedis(url: string) {
  const redis = new Redis(url);
  const monitor = await redis.monitor();
  const commands: string[] = [];
  monitor.on('monitor', (_time: string, args: string[]) => commands.push(args.join(' ')));
  onTestFinished(() => {
    monitor.disconnect();
    redis.disconnect();
  });
  const dump = async () => {
    const parts: string[] = [];
    for (const key of await redis.keys('*')) {
      const isText = (await redis.type(key)) === 'string';
      const value = isText
        ? (await redis.getBuffer(key))?.toString('latin1')
        : (await redis.zrange(key, '0', '-1')).join(' ');
      parts.push(key, value ?? '');
    }
    return parts.join('\n');
  };
  return { commands, dump };
}

async function start() {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const database = await watchRedis(redis.url);
  const [log, audit] = [textStream(), textStream()];
  const spans = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  provider.register();
  onTestFinished(async () => {
    await provider.shutdown();
    trace.disable();
  });
  const demo = await startTestDemo({
    redisUrl: redis.url,
    tracing: createTracing(createLogger('info', textStream().stream)),
    log: createLogger('trace', log.stream),
    auditStream: audit.stream,
    adjust: (config) => ({ ...config, session: { secrets: [sessionSecret] } }),
  });
  const browser = createHttpBrowser();
  onTestFinished(async () => {
    browser.close();
    await demo.close();
  });
  return { demo, browser, log, audit, database, spans };
}

function cookiesOf(browser: HttpBrowser, url: string, when: string): Secrets {
  const found: Secrets = {};
  for (const [name, value] of Object.entries(browser.cookies(url))) {
    const plain = decodeURIComponent(value);
    // `s:id.signature` signs a secret id; `handle.mac` names the record by its public handle, and the MAC is the secret.
    const secret = plain.startsWith('s:') ? plain.slice(2).split('.')[0]! : plain.split('.').at(-1)!;
    if (secret.length >= 24) found[`cookie ${name} ${when}`] = secret;
  }
  return found;
}

async function signIn({ brokerUrl }: TestDemo, browser: HttpBrowser, secrets: Secrets, pages: string[]): Promise<void> {
  const answer = await reachAnswer(browser, brokerUrl, 'alice');
  Object.assign(secrets, cookiesOf(browser, `${brokerUrl}/saml/acs`, 'before the sign-in'));
  const { SAMLResponse = '' } = answerOf(answer);
  const xml = Buffer.from(SAMLResponse, 'base64').toString();
  secrets['response'] = SAMLResponse;
  secrets['its cipher text or assertion'] = xml.slice(xml.length / 2, xml.length / 2 + 400);
  secrets['its signature'] = /SignatureValue>([^<]+)</.exec(xml)?.[1] ?? secrets['its cipher text or assertion'];
  pages.push((await postAnswer(browser, answer)).body);
  // The same answer again: an error page, a log line and a record.
  pages.push((await postAnswer(browser, answer)).body);
  const again = await postAnswer(browser, await reachAnswer(browser, brokerUrl, 'alice'));
  expect(again.body).toContain('Your accounts');
  pages.push(again.body);
  Object.assign(secrets, cookiesOf(browser, `${brokerUrl}/`, 'of the session'));
}

async function askForCredentials(
  { brokerUrl, aws }: TestDemo,
  browser: HttpBrowser,
  secrets: Secrets,
  pages: string[],
) {
  const ask = () => browser.json('POST', `${brokerUrl}/api/v1/credentials`, { roleArn });
  const issued = (await ask()).json() as Record<string, string>;
  secrets['secret access key'] = issued['SecretAccessKey'] ?? '';
  secrets['session token'] = issued['SessionToken'] ?? '';
  const consoleUrl = await browser.json('POST', `${brokerUrl}/api/v1/console-url`, { roleArn });
  const { url = '' } = consoleUrl.json() as { url?: string };
  const signinToken = new URL(url).searchParams.get('SigninToken');
  if (signinToken) secrets['sign-in token of the console'] = signinToken;
  for (const fault of [{ throttleEvery: 1 }, { status: 503 }, { reset: true }] as const) {
    aws.faults.set({ ...fault, scope: 'sts' });
    const failed = await ask();
    expect(failed.status).toBe(503);
    pages.push(failed.body);
  }
  aws.faults.clear();
}

async function useCommandLine({ brokerUrl }: TestDemo, browser: HttpBrowser, secrets: Secrets, pages: string[]) {
  const post = async (path: string, fields: Secrets) =>
    (
      await fetch(brokerUrl + path, {
        method: 'POST',
        body: new URLSearchParams({ client_id: cliClientId, ...fields }),
      })
    ).text();
  const { challenge, verifier, state } = createProof();
  const redirect_uri = brokerUrl + remoteRedirectPath;
  const pushed = await post('/oauth/par', {
    ...{ response_type: 'code', scope: cliScope, redirect_uri, state },
    ...{ code_challenge: challenge, code_challenge_method: 'S256' },
    ...{ device_host: 'laptop', device_os: 'Linux', device_user: 'alice' },
  });
  const { request_uri } = pushedRequest.parse(JSON.parse(pushed));
  const query = new URLSearchParams({ client_id: cliClientId, request_uri });
  const asked = await browser.get(`${brokerUrl}/oauth/authorize?${query}`);
  const page = asked.body.includes('/oauth/confirm/') ? asked : await reachConfirm(browser, asked.url, 'alice');
  const { body } = await goOn(browser, await decide(browser, page, 'allow', confirmationCode(challenge)));
  const [, code = ''] = /<code id="remote-code">([\w-]+)\./.exec(body) ?? [];
  const grant = { grant_type: 'authorization_code', code, redirect_uri, code_verifier: verifier };
  const first = JSON.parse(await post('/oauth/token', grant)) as Secrets;
  const second = JSON.parse(
    await post('/oauth/token', { grant_type: 'refresh_token', refresh_token: first['refresh_token'] ?? '' }),
  ) as Secrets;
  Object.assign(secrets, { code, 'code verifier': verifier });
  for (const [nth, tokens] of Object.entries({ first, second })) {
    secrets[`${nth} access token`] = tokens['access_token'] ?? '';
    secrets[`${nth} refresh token`] = tokens['refresh_token'] ?? '';
  }
  const authorization = `Bearer ${second['access_token']}`;
  expect((await fetch(`${brokerUrl}/api/v1/me`, { headers: { authorization } })).status).toBe(200);
  pages.push((await browser.get(`${brokerUrl}/command-line`)).body);
  // The code a second time ends the grant, with a record; its tokens are then refused.
  pages.push(await post('/oauth/token', grant));
  pages.push(await (await fetch(`${brokerUrl}/api/v1/me`, { headers: { authorization } })).text());
}

/** Requests that are refused, each with a secret where none belongs. */
async function makeErrors({ brokerUrl }: TestDemo, browser: HttpBrowser, secrets: Secrets, pages: string[]) {
  const canary = (name: string) => {
    secrets[`canary: ${name}`] = `canary/${name}+${'k'.repeat(4)}~${name.length * 7919}`;
    return secrets[`canary: ${name}`]!;
  };
  const json = { 'content-type': 'application/json', origin: brokerUrl };
  const form = { 'content-type': 'application/x-www-form-urlencoded', origin: 'null' };
  const send = async (path: string, init: RequestInit = {}) =>
    pages.push(await (await fetch(brokerUrl + path, { redirect: 'manual', ...init })).text());
  const fields = (value: Secrets) => new URLSearchParams(value).toString();
  await send(`/api/v1/me?token=${encodeURIComponent(canary('in-a-query'))}`);
  await send('/api/v1/me', { headers: { authorization: `Bearer ${canary('as-a-token')}` } });
  await send('/api/v1/me', { headers: { authorization: `Basic ${btoa(canary('as-basic'))}` } });
  await send('/', { headers: { cookie: `rolegate=s%3A${encodeURIComponent(canary('as-a-cookie'))}.x` } });
  await send('/api/v1/credentials', {
    method: 'POST',
    headers: json,
    body: `{"roleArn": "${canary('in-broken-json')}`,
  });
  const xml = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><x>${canary('in-a-response')}</x>`;
  await send('/saml/acs', {
    method: 'POST',
    headers: form,
    body: fields({ SAMLResponse: btoa(xml), RelayState: canary('as-relay-state') }),
  });
  const token = { client_id: cliClientId, redirect_uri: brokerUrl + remoteRedirectPath };
  const bad = {
    ...token,
    grant_type: 'authorization_code',
    code: canary('as-a-code'),
    code_verifier: canary('as-a-verifier'),
  };
  await send('/oauth/token', { method: 'POST', headers: form, body: fields(bad) });
  const badRefresh = { ...token, grant_type: 'refresh_token', refresh_token: canary('as-a-refresh-token') };
  await send('/oauth/token', { method: 'POST', headers: form, body: fields(badRefresh) });
  await send(`/oauth/confirm/${encodeURIComponent(canary('as-a-name'))}`);
  pages.push((await browser.get(`${brokerUrl}/why`)).body, (await browser.get(`${brokerUrl}/nothing`)).body);
}

function keysOf({ directory }: TestDemo): Secrets {
  const secrets: Secrets = {};
  for (const name of ['sp.key', 'aws.key']) {
    const lines = readFileSync(join(directory, name), 'utf8').trim().split('\n').slice(1, -1);
    for (const at of [1, 12, lines.length - 2]) secrets[`${name}, line ${at}`] = lines[at]!;
  }
  return secrets;
}

function textOf(spans: readonly ReadableSpan[]): string {
  return JSON.stringify(
    spans.map((span) => {
      const { name, attributes, events, links, status, resource } = span;
      return { name, attributes, events, links, status, context: span.spanContext(), resource: resource.attributes };
    }),
  );
}

test('nothing that the broker writes contains a secret, in no encoding', async () => {
  const { demo, browser, log, audit, database, spans } = await start();
  const secrets: Secrets = { 'session secret': sessionSecret, ...keysOf(demo) };
  const pages: string[] = [];
  await signIn(demo, browser, secrets, pages);
  await askForCredentials(demo, browser, secrets, pages);
  await useCommandLine(demo, browser, secrets, pages);
  await makeErrors(demo, browser, secrets, pages);
  const metrics = await (await fetch(`${demo.operationsUrl}/metrics`)).text();
  const outputs = {
    ...{ log: log.text(), 'audit trail': audit.text(), metrics },
    traces: textOf(spans.getFinishedSpans()),
    ...{ 'commands to Redis': database.commands.join('\n'), 'data in Redis': await database.dump() },
    ...Object.fromEntries(pages.map((page, index) => [`page ${index}`, page])),
  };
  // Each of them has something to search, and each part of the day left its trace.
  expect(Object.values(secrets).filter((secret) => secret.length < 12)).toEqual([]);
  expect(Object.keys(secrets).length).toBeGreaterThan(28);
  expect(Object.keys(secrets).filter((name) => name.startsWith('cookie')).length).toBeGreaterThan(1);
  expect(outputs.log.split('\n').length).toBeGreaterThan(25);
  for (const event of [
    'sign_in',
    'sign_in_refused',
    'credentials_issued',
    'credentials_refused',
    'grant_opened',
    'token_refused',
  ])
    expect(outputs['audit trail']).toContain(`"event":"${event}"`);
  expect(database.commands.length).toBeGreaterThan(30);
  expect(spans.getFinishedSpans().length).toBeGreaterThan(100);
  expect(outputs['data in Redis']).toContain('rolegate:');
  expect(leaks(secrets, outputs)).toEqual([]);
  // What was made on the way and never shown: assertions for AWS, keys in another form.
  const shapes = /<(\w+:)?Assertion\b|PEFzc2VydGlvbi|PHNhbWw|BEGIN [A-Z ]*PRIVATE KEY|LS0tLS1CRUdJTi/;
  expect(
    Object.entries(outputs)
      .filter(([, text]) => shapes.test(text))
      .map(([name]) => name),
  ).toEqual([]);
});
