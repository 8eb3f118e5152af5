// The broker as production runs it: TLS, Redis, real AWS host names. A test CA vouches for everybody, and names that
// belong to others are looked up on loopback.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { connect } from 'node:tls';
import { stringify } from 'yaml';
import { type Adfs, startAdfs } from '../../../emulators/adfs/server.ts';
import { type AwsEmulator, startAws } from '../../../emulators/aws/server.ts';
import { makeKeyPair } from '../../../emulators/keys.ts';
import { estate, people } from '../../../examples/demo/company.ts';
import { sampleConfig } from '../../../examples/demo/start.ts';
import { systemClock } from '../../../src/clock.ts';
import type { Config } from '../../../src/config/config.ts';
import { parseConfig } from '../../../src/config/load.ts';
import { createLogger } from '../../../src/log.ts';
import { systemRandom } from '../../../src/random.ts';
import { compose } from '../../../src/wiring/compose.ts';
import { type Listening, listen } from '../../../src/wiring/listen.ts';
import { publishMetadata } from '../../../src/wiring/published-metadata.ts';
import { type KeyPair, keyPair } from '../../support/key-pairs.ts';
import { freeConsecutivePorts } from '../../support/ports.ts';
import { createLineCollector } from './lines.ts';

export const brokerHost = 'rolegate.corp.example';
const idpHost = 'adfs.corp.example';
const awsHosts = ['eu-west-1.signin.aws.amazon.com', 'eu-west-1.console.aws.amazon.com', 'sts.eu-west-1.amazonaws.com'];

export interface Production {
  readonly brokerUrl: string;
  readonly caCertificate: string;
  readonly aws: AwsEmulator;
  readonly config: Config;
  readonly log: readonly Record<string, unknown>[];
  /** Where each public name answers on loopback. */
  readonly portOf: (hostname: string) => number | undefined;
  readonly hostRules: string[];
  close(): Promise<void>;
}

/** Of every server here; the names differ. */
const { key: privateKey } = keyPair('broker-tls');

/** @param tlsAtProxy the broker speaks http to a proxy on loopback, which is to have the public name */
export async function startProduction(
  redisUrl: string,
  keyPrefix: string,
  { tlsAtProxy = false } = {},
): Promise<Production> {
  const directory = mkdtempSync(join(tmpdir(), 'rolegate-production-'));
  const ca = keyPair('tls-ca');
  const port = await freeConsecutivePorts(4);
  const adfs = await startIdp(port + 1, ca);
  const config = await loadProduction({
    directory,
    ca,
    port,
    redisUrl,
    keyPrefix,
    tlsAtProxy,
    idpMetadata: adfs.metadata(),
  });
  const { entityId, signing } = config.serviceProvider;
  adfs.setRelyingParties([
    { entityId, acsUrl: config.acsUrl, requireSignedRequests: true, signingCertificates: [signing!.certificate] },
  ]);
  const awsTls = await makeKeyPair(awsHosts[0]!, { altNames: awsHosts, ca, privateKey });
  const aws = await startAws({
    port: port + 2,
    tls: awsTls,
    now: systemClock.now,
    estate: estate(publishMetadata(config).aws),
  });
  const ports: Readonly<Record<string, number>> = {
    [brokerHost]: port,
    [idpHost]: port + 1,
    ...Object.fromEntries(awsHosts.map((host) => [host, port + 2])),
  };
  const log = createLineCollector();
  const listening = await startBroker(config, lookUpOnLoopback(ca.cert, ports), log.stream);
  return {
    brokerUrl: config.baseUrl,
    caCertificate: ca.cert,
    aws,
    config,
    log: log.lines,
    portOf: (hostname) => ports[hostname],
    hostRules: Object.entries(ports).map(([host, at]) => `MAP ${host}:443 127.0.0.1:${at}`),
    close: async () => {
      await listening.close();
      await Promise.all([adfs.close(), aws.close()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function startIdp(port: number, ca: KeyPair): Promise<Adfs> {
  return startAdfs({
    port,
    publicUrl: `https://${idpHost}`,
    tls: await makeKeyPair(idpHost, { altNames: [idpHost], ca, privateKey }),
    now: systemClock.now,
    users: people,
    relyingParties: [],
    signing: keyPair('idp-signing'),
    encryption: keyPair('idp-encryption'),
  });
}

interface Settings {
  readonly directory: string;
  readonly ca: KeyPair;
  readonly port: number;
  readonly redisUrl: string;
  readonly keyPrefix: string;
  readonly tlsAtProxy: boolean;
  readonly idpMetadata: string;
}

async function loadProduction({
  directory,
  ca,
  port,
  redisUrl,
  keyPrefix,
  tlsAtProxy,
  idpMetadata,
}: Settings): Promise<Config> {
  const keep = (name: string, pair: KeyPair) => {
    writeFileSync(join(directory, `${name}.key`), pair.key, { mode: 0o600 });
    writeFileSync(join(directory, `${name}.crt`), pair.cert);
    return { key: `${name}.key`, cert: `${name}.crt` };
  };
  writeFileSync(join(directory, 'idp-metadata.xml'), idpMetadata);
  const baseUrl = `https://${brokerHost}`;
  const sample = sampleConfig({ port, redisUrl }) as { aws: Record<string, unknown> };
  const { endpoints: _dropped, ...aws } = sample.aws;
  const text = stringify({
    ...sample,
    mode: 'production',
    baseUrl,
    listen: {
      host: '127.0.0.1',
      port,
      ...(tlsAtProxy
        ? { trustProxy: ['127.0.0.1'] }
        : { tls: keep('tls', await makeKeyPair(brokerHost, { altNames: [brokerHost], ca, privateKey })) }),
    },
    store: { type: 'redis', url: redisUrl, keyPrefix },
    serviceProvider: { entityId: `${baseUrl}/saml/metadata`, signing: keep('sp', keyPair('sp-signing')) },
    aws: { ...aws, issuer: `${baseUrl}/aws/saml-metadata.xml`, signing: keep('aws', keyPair('minting')) },
    audit: { type: 'stdout' },
    ...(tlsAtProxy ? { limits: { signIn: { perMinute: 0 }, refusalRecords: { perMinute: 1_000_000 } } } : {}),
    log: { level: 'info' },
  });
  const env = { SESSION_SECRET: systemRandom(32).toString('base64url') };
  return parseConfig(text, { source: 'production', directory, env, now: systemClock.now() });
}

async function startBroker(config: Config, agent: https.Agent, lines: Writable): Promise<Listening> {
  const log = createLogger(config.logLevel, lines);
  const broker = compose(config, { clock: systemClock, random: systemRandom, log, auditStream: lines, fetch, agent });
  await broker.start();
  return listen(config, broker);
}

/** Certificates are checked against the real names; only the look-up of an address is replaced. */
function lookUpOnLoopback(ca: string, ports: Readonly<Record<string, number>>): https.Agent {
  const agent = new https.Agent({ ca, keepAlive: true });
  Object.assign(agent, {
    createConnection: (options: { host?: string; servername?: string }) => {
      const name = options.servername || options.host || '';
      return connect({ ca, servername: name, host: '127.0.0.1', port: ports[name] ?? 1 });
    },
  });
  return agent;
}
