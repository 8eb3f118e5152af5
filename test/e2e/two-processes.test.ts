// Two broker processes on one Redis: what is promised once holds across both.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { stringify } from 'yaml';
import { people } from '../../examples/demo/company.ts';
import { sampleConfig } from '../../examples/demo/start.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import { type Adfs, startAdfs } from '../emulators/adfs/server.ts';
import { makeKeyPair } from '../emulators/keys.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser.ts';
import { freeConsecutivePorts } from '../support/ports.ts';
import { type BrokerProcess, type LoadBalancer, startBrokerProcess, startLoadBalancer } from './support/processes.ts';
import { answerOf, postAnswer, reachAnswer, signIn } from './support/sign-in.ts';

const directory = mkdtempSync(join(tmpdir(), 'rolegate-processes-'));
const env = { SESSION_SECRET: 'a secret of the tests, 32 characters and more' };
let adfs: Adfs;
let balancer: LoadBalancer;
let one: BrokerProcess;
let two: BrokerProcess;
let brokerUrl: string;
let browser: HttpBrowser;

beforeAll(async () => {
  const port = await freeConsecutivePorts(4);
  brokerUrl = `http://127.0.0.1:${port}`;
  adfs = await startAdfs({
    port: port + 1,
    now: systemClock.now,
    users: people,
    relyingParties: [],
    signing: await makeKeyPair('Rolegate test AD FS'),
    encryption: await makeKeyPair('Rolegate test AD FS encryption'),
    loopDetection: false,
  });
  const file = writeConfig(port);
  const config = await loadConfig(file, env, systemClock.now());
  const { entityId, signing } = config.serviceProvider;
  adfs.setRelyingParties([{ entityId, acsUrl: config.acsUrl, signingCertificates: [signing!.certificate] }]);
  balancer = await startLoadBalancer(port);
  [one, two] = await Promise.all([startBrokerProcess(file, env), startBrokerProcess(file, env)]);
  browser = createHttpBrowser();
});

afterAll(async () => {
  browser?.close();
  await Promise.all([one?.stop(), two?.stop(), adfs?.close(), balancer?.close()]);
  rmSync(directory, { recursive: true, force: true });
});

function writeConfig(port: number): string {
  writeFileSync(join(directory, 'idp-metadata.xml'), adfs.metadata());
  const file = join(directory, 'rolegate.yaml');
  const config = sampleConfig({ port, redisUrl: inject('redisUrl') });
  const store = { type: 'redis', url: inject('redisUrl'), keyPrefix: `processes-${process.pid}:` };
  const anyPort = { listen: { port: 0 }, operations: { port: 0 } };
  writeFileSync(file, stringify({ ...config, ...anyPort, store, audit: { type: 'stdout' }, log: { level: 'error' } }));
  return file;
}

test('a sign-in that began on one ends on the other, and its response is refused by both from then on', async () => {
  await balancer.sendTo(one.port);
  const answer = await reachAnswer(browser, brokerUrl, 'alice');
  await balancer.sendTo(two.port);
  const signedIn = await postAnswer(browser, answer);
  expect(signedIn.status).toBe(200);
  expect(signedIn.body).toContain('Your accounts');
  for (const replayedTo of [one, two]) {
    await balancer.sendTo(replayedTo.port);
    const replayed = await postAnswer(browser, answer);
    expect(replayed.status).toBe(403);
    expect(replayed.body).toContain('The sign-in could not be completed');
  }
});

test('20 simultaneous posts of one response to both give one session', async () => {
  const http = createHttpBrowser();
  await balancer.sendTo(one.port);
  const answer = await reachAnswer(http, brokerUrl, 'alice');
  const cookie = Object.entries(http.cookies(`${brokerUrl}/saml/acs`))
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');
  const host = new URL(brokerUrl).host;
  const posts = Array.from({ length: 20 }, (_, index) =>
    post(index % 2 === 0 ? one.port : two.port, host, cookie, answerOf(answer)),
  );
  const statuses = (await Promise.all(posts)).sort();
  expect(statuses).toEqual([303, ...Array.from({ length: 19 }, () => 403)]);
  http.close();
});

async function post(port: number, host: string, cookie: string, fields: Record<string, string>): Promise<number> {
  const { request } = await import('node:http');
  return new Promise((resolve, reject) => {
    const headers = { host, cookie, 'content-type': 'application/x-www-form-urlencoded', origin: 'null' };
    const sent = request({ host: '127.0.0.1', port, path: '/saml/acs', method: 'POST', headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', reject);
    sent.end(new URLSearchParams(fields).toString());
  });
}

test('a session made on one is known to the other, and ended on one is dead on the other', async () => {
  const http = createHttpBrowser();
  await balancer.sendTo(one.port);
  const page = await signIn(http, brokerUrl, 'bob');
  await balancer.sendTo(two.port);
  expect((await http.json('GET', `${brokerUrl}/api/v1/me`)).status).toBe(200);
  const kept = http.cookies(brokerUrl);
  await http.submit(page, (form) => form.action.endsWith('/logout'));
  await balancer.sendTo(one.port);
  const cookie = Object.entries(kept)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');
  const answer = await fetch(`http://127.0.0.1:${balancer.port}/api/v1/me`, { headers: { cookie } });
  expect(answer.status).toBe(401);
  http.close();
});

test('SIGTERM lets a process end by itself with code 0', async () => {
  const file = join(directory, 'rolegate.yaml');
  const third = await startBrokerProcess(file, env);
  expect(await third.stop()).toBe(0);
});
