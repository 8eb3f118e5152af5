// What goes wrong while people work, one thing after the other: for each, the answers that are allowed and for how long.
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { sampleConfig } from '../../../examples/demo/start.ts';
import { certificateFacts } from '../../../src/saml/metadata/certificate.ts';
import { signIn } from '../../app/support/sign-in.ts';
import { createHttpBrowser } from '../../support/http-browser/http-browser.ts';
import { keyPair } from '../../support/key-pairs.ts';
import { waitFor } from '../../support/wait.ts';
import { drainDelayMs, drainTimeoutMs, type Estate, type Member, type Sections } from './estate.ts';
import type { Ledger } from './ledger.ts';
import { metricsOf } from './metrics.ts';
import type { ReplicatedRedis } from './redis.ts';
import { cookieLine, type Traffic } from './traffic.ts';

export interface Scene {
  readonly estate: Estate;
  readonly ledger: Ledger;
  readonly traffic: Traffic;
  readonly redis: ReplicatedRedis;
  /** What was tried again, and looked for, in all. */
  readonly totals: { readonly triedAgain: Record<string, number>; usedTwice: number; lookedFor: number; lost: number };
}

export async function killProcess(scene: Scene): Promise<void> {
  const { estate, ledger } = scene;
  const [member] = estate.members;
  // Requests that were on their way to it, until HAProxy has seen that it is gone: for one on a connection that was used
  // before, HAProxy ends the client's.
  const fault = {
    name: 'a process is killed',
    allowed: [/^haproxy 50[23]/, /^none (other side closed|socket hang up)/],
    maxMs: 30_000,
  };
  await ledger.during(fault, async () => {
    await member!.process.kill();
    await ledger.calm();
  });
  await member!.start();
  await checkOnce(scene);
}

export async function failOver(scene: Scene): Promise<void> {
  const { estate, ledger, traffic, redis } = scene;
  traffic.take();
  await sleep(2000); // something to lose
  // From HAProxy when it has seen that no process is ready.
  const fault = { name: 'Redis fails over', allowed: [/^broker 503/, /^haproxy 503/], maxMs: 60_000 };
  await ledger.during(fault, async () => {
    await redis.failOver();
    await Promise.all(estate.members.map(isReady));
    await ledger.calm();
  });
  await checkOnce(scene);
}

export async function reloadTenTimes(scene: Scene): Promise<void> {
  const { estate, ledger } = scene;
  await ledger.during({ name: 'ten reloads', allowed: [], maxMs: 60_000 }, async () => {
    for (let time = 1; time <= 10; time++) await reloadAll(estate, time);
  });
  await checkOnce(scene);
}

/** Another name of the portal, taken up by every process. A busy machine can keep the required sink of the test waiting. */
export async function reloadAll({ members, change }: Estate, time: number): Promise<void> {
  const before = await Promise.all(members.map(reloads));
  change({ portal: { name: `Company AWS ${time}` } });
  for (const { process } of members) process.signal('SIGHUP');
  for (const [index, member] of members.entries()) {
    const isReloaded = async () => {
      const { reloaded, rejected } = await reloads(member);
      if (reloaded > before[index]!.reloaded) return true;
      if (rejected > before[index]!.rejected) {
        before[index]!.rejected = rejected;
        process.stdout.write(`process ${index + 1} rejected a reload: once more\n`);
        member.process.signal('SIGHUP');
      }
      return false;
    };
    await waitFor('the reload', isReloaded, { intervalMilliseconds: 200 });
  }
}

async function reloads({ process }: Member): Promise<{ reloaded: number; rejected: number }> {
  const text = await metricsOf(process.operationsPort);
  const count = (outcome: string) =>
    Number(new RegExp(`^rolegate_config_reloads_total\\{outcome="${outcome}"\\} (\\d+)$`, 'm').exec(text)?.[1]);
  return { reloaded: count('reloaded'), rejected: count('rejected') };
}

/** Two secrets: added, then promoted together with the other keys that sign. Each process restarts twice. */
export async function rotateKeys(scene: Scene): Promise<void> {
  const { estate, ledger } = scene;
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own placeholders
  const [first, second] = ['${SESSION_SECRET}', '${SECOND}'];
  const entityId = `${estate.brokerUrl}/saml/metadata`;
  await ledger.during({ name: 'keys rotate', allowed: [], maxMs: 120_000 }, async () => {
    estate.change({ session: { secrets: [first, second] } });
    await restartEach(estate);
    const serviceProvider = { entityId, signing: { key: 'sp2.key', cert: 'sp2.crt' } };
    const { aws } = sampleConfig({ port: Number(new URL(estate.brokerUrl).port) });
    const minting = { ...(aws as Sections), signing: { key: 'aws2.key', cert: 'aws2.crt' }, nextSigning: 'aws.crt' };
    estate.change({ session: { secrets: [second, first] }, serviceProvider, aws: minting, auditKey: 'audit2.key' });
    await restartEach(estate);
    await ledger.calm();
  });
  const fingerprint = certificateFacts(keyPair('minting-next').cert).fingerprint;
  const records = estate.collector.lines().map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(records.findLast(({ event }) => event === 'broker_started')?.['mintingCertificate']).toBe(fingerprint);
  expect(new Set(records.flatMap(({ keyId }) => keyId ?? [])).size).toBe(2);
  await checkOnce(scene);
}

async function restartEach({ members }: Estate): Promise<void> {
  for (const member of members) {
    expect(await member.process.stop()).toBe(0);
    await member.start();
    await isReady(member);
  }
}

/** Not ready at once, serving for a while, and what runs ends. */
export async function drainProcess(scene: Scene): Promise<void> {
  const { estate, ledger } = scene;
  const member = estate.members.at(-1)!;
  const { port, operationsPort } = member.process;
  const browser = createHttpBrowser();
  await signIn(browser, estate.brokerUrl, 'bob');
  const cookie = cookieLine(browser, estate.brokerUrl);
  browser.close();
  const { host, origin } = new URL(estate.brokerUrl);
  const headers = { cookie, origin, 'content-type': 'application/json', host };
  await ledger.during({ name: 'a process drains', allowed: [], maxMs: 60_000 }, async () => {
    const roleArn = 'arn:aws:iam::111122223333:role/ReadOnly';
    estate.aws.faults.set({ latencyMs: drainDelayMs + 1500, scope: 'sts' });
    const running = direct(port, '/api/v1/credentials', headers, JSON.stringify({ roleArn }));
    const audit = join(estate.directory, `audit-${member.index}.jsonl`);
    await waitFor('the call of STS', () => /"credentials_requested".*bob@/.test(readFileSync(audit, 'utf8')));
    const startedAt = performance.now();
    const ended = member.process.stop();
    await waitFor('it to say so', async () => (await readyz(operationsPort)) === 503);
    expect((await direct(port, '/login', { host })).status).toBe(303);
    expect((await running).status).toBe(200);
    expect(await ended).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(drainDelayMs + drainTimeoutMs + 10_000);
    estate.aws.faults.clear();
    await ledger.calm();
  });
  await member.start();
  await checkOnce(scene);
}

export async function stopAuditSink(scene: Scene): Promise<void> {
  const { estate, ledger } = scene;
  const fault = { name: 'a required audit sink stops for 3 s', allowed: [/^broker 503/], maxMs: 30_000 };
  await ledger.during(fault, async () => {
    // Sign-ins, and credentials of those that are signed in: what comes first at that moment differs.
    const refused = () => ledger.count(/^broker 503/);
    const before = refused();
    await estate.collector.stop();
    await sleep(3000);
    await waitFor('an answer that needs the sink', () => refused() > before);
    await estate.collector.start();
    await ledger.calm();
  });
  await checkOnce(scene);
}

/** Nothing that was used up is accepted again, and what was opened is still there. */
export async function checkOnce({ traffic, totals }: Scene): Promise<void> {
  await waitFor('something of each kind that was used up', () => traffic.isComplete());
  const { used, opened } = traffic.take();
  for (const { kind, again } of used) {
    totals.triedAgain[kind] = (totals.triedAgain[kind] ?? 0) + 1;
    if (await again()) totals.usedTwice++;
  }
  for (const { isThere } of opened) {
    totals.lookedFor++;
    if (!(await isThere())) totals.lost++;
  }
}

const isReady = ({ process }: Member) =>
  waitFor('a process that is ready', async () => (await readyz(process.operationsPort)) === 200);

const readyz = async (port: number) => (await fetch(`http://127.0.0.1:${port}/readyz`)).status;

/** To one process, with the name that the balancer has. */
function direct(port: number, path: string, headers: Record<string, string>, body?: string) {
  return new Promise<{ status: number }>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, headers, method: body === undefined ? 'GET' : 'POST' });
    sent.on('response', (response) => {
      response.resume();
      response.on('end', () => resolve({ status: response.statusCode ?? 0 }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
