// One good answer, posted fifty times at once to two broker processes that share a Redis.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { stringify } from 'yaml';
import { type Adfs, startAdfs } from '../../emulators/adfs/server.ts';
import { people } from '../../examples/demo/company.ts';
import { sampleConfig } from '../../examples/demo/start.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import { type BrokerProcess, startBrokerProcess } from '../app/support/processes.ts';
import { keyPair } from '../support/key-pairs.ts';
import { freeConsecutivePorts } from '../support/ports.ts';
import { createWire, type Wire } from './support/wire.ts';

const directory = mkdtempSync(join(tmpdir(), 'rolegate-replay-'));
const env = { SESSION_SECRET: 'a secret of the tests, 32 characters and more' };
let adfs: Adfs;
let processes: BrokerProcess[] = [];
let wires: [Wire, Wire];
let entityId: string;

beforeAll(async () => {
  const port = await freeConsecutivePorts(4);
  const [signing, encryption] = [keyPair('idp-signing'), keyPair('idp-encryption')];
  const loopDetection = false as const;
  adfs = await startAdfs({
    now: systemClock.now,
    users: people,
    relyingParties: [],
    signing,
    encryption,
    loopDetection,
  });
  const file = writeConfig(port);
  const config = await loadConfig(file, env, systemClock.now());
  entityId = config.serviceProvider.entityId;
  adfs.setRelyingParties([{ entityId, acsUrl: config.acsUrl }]);
  processes = await Promise.all([startBrokerProcess(file, env), startBrokerProcess(file, env)]);
  const [one, two] = processes.map((process) => createWire(process.port, new URL(config.baseUrl).host));
  wires = [one!, two!];
});

afterAll(async () => {
  for (const wire of wires ?? []) wire.close();
  await Promise.all([...processes.map((process) => process.stop()), adfs?.close()]);
  rmSync(directory, { recursive: true, force: true });
});

function writeConfig(port: number): string {
  writeFileSync(join(directory, 'idp-metadata.xml'), adfs.metadata());
  const config = sampleConfig({ port, redisUrl: inject('redisUrl') }) as { identityProviders: object[] };
  const file = join(directory, 'rolegate.yaml');
  const changed = {
    ...config,
    identityProviders: [{ ...config.identityProviders[0], unsolicited: { allowed: true } }],
    listen: { port: 0 },
    operations: { port: 0 },
    store: { type: 'redis', url: inject('redisUrl'), keyPrefix: `replay-${process.pid}:` },
    audit: { type: 'file', path: 'audit.jsonl' },
    log: { level: 'error' },
  };
  writeFileSync(file, stringify(changed));
  return file;
}

async function postFifty(forms: (index: number) => URLSearchParams, cookies: ReadonlyMap<string, string>) {
  const posts = Array.from({ length: 50 }, async (_, index) => {
    const own = new Map(cookies);
    const { status } = await wires[index % 2]!.post('/saml/acs', forms(index), own);
    const me = await wires[(index + 1) % 2]!.get('/api/v1/me', own);
    return [status, me.status].join(' ');
  });
  return (await Promise.all(posts)).sort();
}

/** One is signed in, on both processes; 49 are refused and hold nothing. */
const once = ['303 200', ...Array.from({ length: 49 }, () => '403 401')];

async function begin() {
  const cookies = new Map<string, string>();
  const { location } = await wires[0].get('/login', cookies);
  const query = new URL(location!).searchParams;
  const xml = inflateRawSync(Buffer.from(query.get('SAMLRequest')!, 'base64')).toString('utf8');
  return { cookies, inResponseTo: /\sID="([^"]+)"/.exec(xml)![1]!, relayState: query.get('RelayState')! };
}

const issue = (inResponseTo?: string) =>
  adfs.issueResponse({
    username: 'alice',
    relyingParty: entityId,
    ...(inResponseTo === undefined ? {} : { inResponseTo }),
  });

test('fifty simultaneous posts of one answer sign in once', async () => {
  const { cookies, inResponseTo, relayState } = await begin();
  const form = new URLSearchParams({ SAMLResponse: issue(inResponseTo), RelayState: relayState });
  expect(await postFifty(() => form, cookies)).toEqual(once);
});

test('fifty different answers to one request sign in once', async () => {
  const { cookies, inResponseTo, relayState } = await begin();
  const answers = Array.from({ length: 50 }, () => issue(inResponseTo));
  const form = (index: number) => new URLSearchParams({ SAMLResponse: answers[index]!, RelayState: relayState });
  expect(await postFifty(form, cookies)).toEqual(once);
});

test('fifty Responses around one unsolicited signed assertion sign in once', async () => {
  const xml = Buffer.from(issue(), 'base64').toString('utf8');
  const form = (index: number) => {
    const rewrapped = xml.replace(/(<samlp:Response ID=")[^"]*/, `$1_fresh-${index}`);
    return new URLSearchParams({ SAMLResponse: Buffer.from(rewrapped).toString('base64') });
  };
  expect(await postFifty(form, new Map())).toEqual(once);
});

test('the mark of a used assertion outlasts it on a process whose clock is two minutes behind', async () => {
  const xml = Buffer.from(issue(), 'base64').toString('utf8');
  const { status } = await wires[0].post(
    '/saml/acs',
    new URLSearchParams({ SAMLResponse: Buffer.from(xml).toString('base64') }),
    new Map(),
  );
  expect(status).toBe(303);
  const issued = Date.parse(/<Assertion [^>]*IssueInstant="([^"]+)"/.exec(xml)![1]!);
  const redis = new Redis(inject('redisUrl'));
  const keys = await redis.keys(`replay-${process.pid}:assertion-used:*`);
  const ends = await Promise.all(keys.map(async (key) => Date.now() + (await redis.pttl(key))));
  redis.disconnect();
  // A message may be so old, and clocks of identity provider and broker may differ so much; a process may be behind besides.
  const [maxAgeMs, clockSkewMs, behindMs] = [10 * 60_000, 3 * 60_000, 120_000];
  expect(Math.max(...ends)).toBeGreaterThan(issued + maxAgeMs + clockSkewMs + behindMs - 1000);
});
