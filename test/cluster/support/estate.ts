// Three broker processes of dist/ behind HAProxy, with the identity provider, AWS, Redis and two required audit sinks around them.
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { type Adfs, startAdfs } from '../../../emulators/adfs/server.ts';
import { type AwsEmulator, startAws } from '../../../emulators/aws/server.ts';
import { estate, people } from '../../../examples/demo/company.ts';
import { sampleConfig } from '../../../examples/demo/start.ts';
import { systemClock } from '../../../src/clock.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { publishMetadata, sloUrlOf } from '../../../src/wiring/published-metadata.ts';
import { type BrokerProcess, startBrokerProcess } from '../../app/support/processes.ts';
import { endsWithUs, killed } from '../../support/children.ts';
import { keyPair, writeKeyPairs } from '../../support/key-pairs.ts';
import { reverseProxy } from '../../support/parts/parts.ts';
import { freeConsecutivePorts } from '../../support/ports.ts';
import { waitFor } from '../../support/wait.ts';
import { type AuditCollector, startAuditCollector } from './audit-collector.ts';
import type { Ends } from './ends.ts';

/** How long a stopping process serves on; HAProxy asks `/readyz` every half second. */
export const drainDelayMs = 2000;
/** In `src/wiring/listen.ts`: the longest time that running requests get. */
export const drainTimeoutMs = 20_000;

export type Sections = Record<string, unknown>;

export interface Member {
  readonly index: number;
  process: BrokerProcess;
  start(): Promise<void>;
}

export interface Estate {
  readonly brokerUrl: string;
  readonly directory: string;
  readonly members: readonly Member[];
  readonly adfs: Adfs;
  readonly aws: AwsEmulator;
  readonly collector: AuditCollector;
  /** Writes the changed configuration of every member; `auditKey` is the file that signs its chain. */
  change(sections: Sections): void;
  readonly env: Record<string, string>;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const builder = new URL('../../../deploy/build.mjs', import.meta.url).href;
const collectGarbage = fileURLToPath(new URL('./collect-garbage.cjs', import.meta.url));
export const serverFile = join(root, 'dist/server.js');

export async function startEstate(ends: Ends, store: Sections, count = 3): Promise<Estate> {
  const { buildIfNeeded } = (await import(builder)) as { buildIfNeeded: (root: string) => Promise<void> };
  await buildIfNeeded(root);
  const directory = mkdtempSync(join(tmpdir(), 'rolegate-cluster-'));
  ends.add(() => rmSync(directory, { recursive: true, force: true }));
  // Balancer, identity provider, AWS, then two for each member.
  const port = await freeConsecutivePorts(3 + 2 * count);
  const now = systemClock.now;
  const keys = { signing: keyPair('idp-signing'), encryption: keyPair('idp-encryption') };
  const adfs = await startAdfs({
    port: port + 1,
    now,
    users: people,
    relyingParties: [],
    loopDetection: false,
    ...keys,
  });
  ends.add(() => adfs.close());
  const collector = await startAuditCollector(join(directory, 'collected.jsonl'));
  ends.add(() => collector.stop());
  writeKeyPairs(directory, { sp: 'sp-signing', sp2: 'sp-signing-next', aws: 'minting', aws2: 'minting-next' });
  writeFileSync(join(directory, 'idp-metadata.xml'), await adfs.metadata());
  const sample = sampleConfig({ port });
  let sections: Sections = {
    ...sample,
    // Published from the start: the accounts trust the key that follows.
    aws: { ...(sample['aws'] as Sections), nextSigning: 'aws2.crt' },
    auditKey: 'audit.key',
    store: { ...store, keyPrefix: `cluster-${process.pid}:` },
    // All of the traffic is from one address and of one person.
    limits: { credentials: { perMinute: 0 }, signIn: { perMinute: 0 } },
  };
  const fileOf = (index: number) => join(directory, `broker-${index}.yaml`);
  const portOf = (index: number) => port + 3 + 2 * index;
  const change = (changed: Sections) => {
    sections = { ...sections, ...changed };
    const { auditKey, ...rest } = sections;
    for (let index = 0; index < count; index++) {
      const file = { type: 'file', path: `audit-${index}.jsonl` };
      writeFileSync(
        fileOf(index),
        stringify({
          ...rest,
          listen: { port: portOf(index) },
          operations: { port: portOf(index) + 1, drainDelay: `${drainDelayMs / 1000}s` },
          audit: { sinks: [file, { type: 'http', url: collector.url }], signing: { key: auditKey, interval: '6s' } },
        }),
      );
    }
  };
  for (const name of ['audit', 'audit2']) {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(join(directory, `${name}.key`), key, { mode: 0o600 });
    writeFileSync(join(directory, `${name}.pub`), publicKey.export({ type: 'spki', format: 'pem' }));
  }
  change({});
  const env = {
    SESSION_SECRET: 'the first secret of the tests, 32 characters',
    SECOND: 'the second secret, 32 characters and more',
  };
  const config = await loadConfig(fileOf(0), env, now());
  const aws = await startAws({ port: port + 2, now, estate: estate(publishMetadata(config).aws) });
  ends.add(() => aws.close());
  const certificates = [keyPair('sp-signing').cert, keyPair('sp-signing-next').cert];
  const { entityId } = config.serviceProvider;
  const sloUrl = sloUrlOf(config.baseUrl);
  adfs.setRelyingParties([{ entityId, acsUrl: config.acsUrl, sloUrl, signingCertificates: certificates }]);
  const members = Array.from({ length: count }, (_, index): Member => {
    const start = async () => {
      member.process = await startBrokerProcess(fileOf(index), env, [
        '--expose-gc',
        '--require',
        collectGarbage,
        serverFile,
      ]);
    };
    const member: Member = { index, start, process: undefined as unknown as BrokerProcess };
    ends.add(() => member.process?.kill());
    return member;
  });
  await Promise.all(members.map((member) => member.start()));
  await startHaproxy(
    ends,
    directory,
    port,
    members.map(({ index }) => portOf(index)),
  );
  return { brokerUrl: `http://127.0.0.1:${port}`, directory, members, adfs, aws, collector, change, env };
}

/** The configuration of deploy/, in plain text, with our servers, and a check each half second. */
async function startHaproxy(ends: Ends, directory: string, port: number, brokers: readonly number[]): Promise<void> {
  const { path, env } = reverseProxy('haproxy');
  const [server] = /^ *server broker1.*\n/m.exec(readFileSync(join(root, 'deploy/haproxy/haproxy.cfg'), 'utf8'))!;
  const ours = brokers.map((broker, index) =>
    server
      .replace('broker1', `broker${index + 1}`)
      .replace('10.0.0.11:8080', `127.0.0.1:${broker}`)
      .replace('port 8083', `port ${broker + 1}`)
      .replace('inter 2s', 'inter 500ms'),
  );
  const text = readFileSync(join(root, 'deploy/haproxy/haproxy.cfg'), 'utf8')
    .replace(/bind .*/, `bind 127.0.0.1:${port}`)
    .replace('X-Forwarded-Proto https', 'X-Forwarded-Proto http')
    // On a busy machine.
    .replace('timeout check 5s', 'timeout check 20s')
    .replace(server, ours.join(''));
  const file = join(directory, 'haproxy.cfg');
  writeFileSync(file, text);
  const child = endsWithUs(spawn(path, ['-db', '-f', file], { env: { ...process.env, ...env }, stdio: 'ignore' }));
  ends.add(() => killed(child));
  await waitFor('HAProxy', () => accepts(port));
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
