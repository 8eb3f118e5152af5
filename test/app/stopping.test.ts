// The ends and the beginning of a process: a signal that comes early, and a stop that load balancers notice first.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, inject, test } from 'vitest';
import { stringify } from 'yaml';
import { sampleConfig } from '../../examples/demo/start.ts';
import { writeKeyPairs } from '../support/key-pairs.ts';
import { waitFor } from '../support/wait.ts';
import { startBrokerProcess } from './support/processes.ts';

const env = { SESSION_SECRET: 'a secret of the tests, 32 characters and more' };
const ends: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A broker whose metadata comes from this address. */
function writeConfig(metadataUrl: string, operations: Record<string, unknown>): string {
  const directory = mkdtempSync(join(tmpdir(), 'rolegate-stopping-'));
  ends.push(() => rmSync(directory, { recursive: true, force: true }));
  writeKeyPairs(directory, { sp: 'sp-signing', aws: 'minting' });
  const redisUrl = inject('redisUrl');
  const config = sampleConfig({ port: 1, redisUrl });
  const [idp] = config['identityProviders'] as Record<string, unknown>[];
  const store = { type: 'redis', url: redisUrl, keyPrefix: `stopping-${process.pid}:` };
  const file = join(directory, 'rolegate.yaml');
  const listeners = { listen: { port: 0 }, operations: { port: 0, ...operations }, log: { level: 'info' } };
  const identityProviders = [{ ...idp, metadata: { url: metadataUrl } }];
  writeFileSync(file, stringify({ ...config, ...listeners, store, identityProviders, audit: { type: 'stdout' } }));
  return file;
}

/** Answers with an error, after as long as the test wants. */
async function startMetadataServer(answer: () => Promise<void>) {
  let asked = 0;
  const server = createServer(async (_, response) => {
    asked++;
    await answer();
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/metadata`, asked: () => asked };
}

test('SIGHUP while a process starts does not end it, and is carried out when it listens', async () => {
  let goOn = () => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const metadata = await startMetadataServer(() => held);
  let pid = 0;
  const started = startBrokerProcess(writeConfig(metadata.url, {}), env, undefined, (child) => {
    pid = child;
  });
  started.catch(() => {}); // awaited below
  await waitFor('the start', () => metadata.asked() > 0);
  process.kill(pid, 'SIGHUP');
  goOn();
  const broker = await started;
  ends.push(() => broker.kill());
  await waitFor('the reload', async () => {
    const text = await (await fetch(`http://127.0.0.1:${broker.operationsPort}/metrics`)).text();
    return /^rolegate_config_reloads_total\{outcome="reloaded"\} 1$/m.test(text);
  });
});

test('SIGTERM: not ready at once, serving for drainDelay, then the end', async () => {
  const metadata = await startMetadataServer(async () => {});
  const broker = await startBrokerProcess(writeConfig(metadata.url, { drainDelay: '3s' }), env);
  ends.push(() => broker.kill());
  const readyz = async () => (await fetch(`http://127.0.0.1:${broker.operationsPort}/readyz`)).status;
  expect(await readyz()).toBe(200);
  const ended = broker.stop();
  await waitFor('it to say so', async () => (await readyz()) === 503);
  const answer = await fetch(`http://127.0.0.1:${broker.port}/login`, { redirect: 'manual' });
  expect([answer.status, answer.headers.get('connection')]).toEqual([421, 'close']);
  expect(await ended).toBe(0);
});
