// Two broker processes on one Redis: every guarantee of one process holds across both.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { stringify } from 'yaml';
import { type Adfs, startAdfs } from '../../emulators/adfs/server.ts';
import { people } from '../../examples/demo/company.ts';
import { sampleConfig } from '../../examples/demo/start.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import { cliClientId } from '../../src/wire/oauth.ts';
import { events, startTransmitter, subjectOf, type Transmitter } from '../http/support/transmitter.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import { keyPair } from '../support/key-pairs.ts';
import { freeConsecutivePorts } from '../support/ports.ts';
import { allowedCode, bearerStatus, tokens } from './support/cli-tokens.ts';
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
let transmitter: Transmitter;

beforeAll(async () => {
  const port = await freeConsecutivePorts(4);
  brokerUrl = `http://127.0.0.1:${port}`;
  adfs = await startAdfs({
    port: port + 1,
    now: systemClock.now,
    users: people,
    relyingParties: [],
    signing: keyPair('idp-signing'),
    encryption: keyPair('idp-encryption'),
    loopDetection: false,
  });
  transmitter = await startTransmitter(systemClock.now);
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
  await Promise.all([one?.stop(), two?.stop(), adfs?.close(), balancer?.close(), transmitter?.close()]);
  rmSync(directory, { recursive: true, force: true });
});

function writeConfig(port: number): string {
  writeFileSync(join(directory, 'idp-metadata.xml'), adfs.metadata());
  const file = join(directory, 'rolegate.yaml');
  const config = sampleConfig({ port, redisUrl: inject('redisUrl') });
  const store = { type: 'redis', url: inject('redisUrl'), keyPrefix: `processes-${process.pid}:` };
  const { issuer, audience, jwks } = transmitter;
  writeFileSync(join(directory, 'events.jwks'), JSON.stringify(jwks), { mode: 0o644 });
  const corp = { id: 'corp', identityProvider: 'adfs', issuer, audience, jwksFile: 'events.jwks', subjects: ['email'] };
  const offboarding = { events: [corp] };
  const anyPort = { listen: { port: 0 }, operations: { port: 0 } };
  const quiet = { audit: { type: 'stdout' }, log: { level: 'error' } };
  writeFileSync(file, stringify({ ...config, ...anyPort, store, offboarding, ...quiet }));
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
  const send = { path: '/saml/acs', headers: { host, cookie, origin: 'null' }, fields: answerOf(answer) };
  const posts = Array.from({ length: 20 }, (_, index) => post(index % 2 === 0 ? one.port : two.port, send));
  const statuses = (await Promise.all(posts)).map(({ status }) => status).sort();
  expect(statuses).toEqual([303, ...Array.from({ length: 19 }, () => 403)]);
  http.close();
});

test('of 50 redemptions of one code and 50 refreshes with one token at both, one succeeds; a second use ends the sign-in', async () => {
  await balancer.sendTo(one.port);
  const { host } = new URL(brokerUrl);
  const fifty = async (grant: Record<string, string>) => {
    const send = { path: '/oauth/token', headers: { host }, fields: { client_id: cliClientId, ...grant } };
    const all = await Promise.all(Array.from({ length: 50 }, (_, index) => post([one, two][index % 2]!.port, send)));
    const refused = all.filter(({ status }) => status !== 200).map(({ body }) => JSON.parse(body).error);
    expect(refused).toEqual(Array.from({ length: 49 }, () => 'invalid_grant'));
    return tokens.parse(JSON.parse(all.find(({ status }) => status === 200)!.body));
  };
  const redeemed = await fifty(await allowedCode(brokerUrl, 'alice'));
  expect(await bearerStatus(brokerUrl, redeemed.access_token)).toBe(401);
  const send = {
    path: '/oauth/token',
    headers: { host },
    fields: { client_id: cliClientId, ...(await allowedCode(brokerUrl, 'alice')) },
  };
  const fresh = tokens.parse(JSON.parse((await post(two.port, send)).body));
  expect(await bearerStatus(brokerUrl, fresh.access_token)).toBe(200);
  const refreshed = await fifty({ grant_type: 'refresh_token', refresh_token: fresh.refresh_token });
  expect(await bearerStatus(brokerUrl, refreshed.access_token)).toBe(401);
});

interface Posted {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
}

function post(port: number, { path, headers, fields }: Posted): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const to = { host: '127.0.0.1', port, path, method: 'POST', headers: { ...headers, ...type } };
    const sent = request(to, async (response) => {
      let body = '';
      for await (const chunk of response) body += chunk;
      resolve({ status: response.statusCode ?? 0, body });
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

test('a security event that one receives ends browser and CLI sessions of the person at the other', async () => {
  const [ended, other] = [createHttpBrowser(), createHttpBrowser()];
  const { host } = new URL(brokerUrl);
  await balancer.sendTo(two.port);
  await signIn(ended, brokerUrl, 'alice');
  await signIn(other, brokerUrl, 'bob');
  const fields = { client_id: cliClientId, ...(await allowedCode(brokerUrl, 'alice')) };
  const redeemed = await post(two.port, { path: '/oauth/token', headers: { host }, fields });
  const { access_token } = tokens.parse(JSON.parse(redeemed.body));
  const statuses = async () => [
    (await ended.json('GET', `${brokerUrl}/api/v1/me`)).status,
    await bearerStatus(brokerUrl, access_token),
    (await other.json('GET', `${brokerUrl}/api/v1/me`)).status,
  ];
  expect(await statuses()).toEqual([200, 200, 200]);
  await balancer.sendTo(one.port);
  const claims = { sub_id: subjectOf('alice@corp.example'), events: { [events.sessionRevoked]: {} } };
  const pushed = await fetch(`${brokerUrl}/offboarding/events/corp`, {
    method: 'POST',
    headers: { 'content-type': 'application/secevent+jwt' },
    body: await transmitter.sign(claims),
  });
  expect(pushed.status).toBe(202);
  await balancer.sendTo(two.port);
  expect(await statuses()).toEqual([401, 401, 200]);
  for (const http of [ended, other]) http.close();
});

test('SIGTERM lets a process end by itself with code 0', async () => {
  const file = join(directory, 'rolegate.yaml');
  const third = await startBrokerProcess(file, env);
  expect(await third.stop()).toBe(0);
});
