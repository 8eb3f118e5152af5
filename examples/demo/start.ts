// Starts the sample company's identity provider, AWS and the broker, in this process. Tests start the same.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Agent } from 'node:https';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { stringify } from 'yaml';
import { type Adfs, startAdfs } from '../../emulators/adfs/server.ts';
import { type AwsEmulator, startAws } from '../../emulators/aws/server.ts';
import { type KeyPair, makeKeyPair } from '../../emulators/keys.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import type { Config } from '../../src/config/config.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Logger } from '../../src/log.ts';
import { systemRandom } from '../../src/random.ts';
import type { Tracing } from '../../src/tracing.ts';
import { compose } from '../../src/wiring/compose.ts';
import { type Listening, listen } from '../../src/wiring/listen.ts';
import { publishMetadata, sloUrlOf } from '../../src/wiring/published-metadata.ts';
import { accounts, estate, people, providerName, rules } from './company.ts';

export interface DemoOptions {
  /** Broker; the identity provider, AWS and operations follow. */
  readonly port: number;
  /** Address to listen on. */
  readonly host?: string;
  /** Where keys are kept between runs. */
  readonly directory: string;
  readonly redisUrl?: string | undefined;
  /** Host name in the identity provider's addresses. */
  readonly idpHost?: string;
  readonly clock?: Clock;
  readonly log: Logger;
  /** Undefined: a file in the directory. */
  readonly auditStream?: Writable;
  readonly agent?: Agent;
  readonly tracing?: Tracing;
  /** Changes the configuration before it is read. */
  readonly adjust?: (config: Record<string, unknown>) => Record<string, unknown>;
}

export interface Demo {
  readonly brokerUrl: string;
  readonly idpUrl: string;
  readonly awsUrl: string;
  readonly operationsUrl: string;
  readonly config: Config;
  readonly adfs: Adfs;
  readonly aws: AwsEmulator;
  close(): Promise<void>;
}

/** @throws Error with code EADDRINUSE if one of the four ports is taken */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const clock = options.clock ?? systemClock;
  mkdirSync(options.directory, { recursive: true });
  const adfs = await startIdentityProvider(options, clock);
  const config = await readConfig(options, adfs, clock);
  adfs.setRelyingParties([trust(config)]);
  const host = options.host ?? '127.0.0.1';
  const aws = await startAws({
    host,
    port: options.port + 2,
    now: clock.now,
    estate: estate(publishMetadata(config).aws),
  });
  const listening = await startBroker(options, config, clock);
  const url = (offset: number) => `http://127.0.0.1:${options.port + offset}`;
  return {
    brokerUrl: config.baseUrl,
    idpUrl: adfs.url,
    awsUrl: url(2),
    operationsUrl: url(3),
    config,
    adfs,
    aws,
    close: async () => {
      await listening.close();
      await Promise.all([adfs.close(), aws.close()]);
    },
  };
}

const idpPairs = ['adfs-signing', 'adfs-encryption'] as const;
const ownPairs = ['sp', 'aws'].map((name) => ({ key: `${name}.key`, cert: `${name}.crt` }));

async function startIdentityProvider({ directory, port, host, idpHost }: DemoOptions, clock: Clock): Promise<Adfs> {
  return startAdfs({
    host: host ?? '127.0.0.1',
    publicHost: idpHost ?? '127.0.0.1',
    port: port + 1,
    now: clock.now,
    users: people,
    relyingParties: [],
    signing: await keptKeyPair(directory, idpPairs[0]),
    encryption: await keptKeyPair(directory, idpPairs[1]),
    hint: 'Sample people: alice (many accounts), bob (read-only), mallory (no role). The password is “password”, the one-time code 123456.',
  });
}

async function keptKeyPair(directory: string, name: string): Promise<KeyPair> {
  const files = { key: join(directory, `${name}.key`), cert: join(directory, `${name}.crt`) };
  if (!existsSync(files.key)) {
    const pair = await makeKeyPair(`Rolegate test ${name}`);
    writeFileSync(files.key, pair.key, { mode: 0o600 });
    writeFileSync(files.cert, pair.cert);
  }
  return { key: readFileSync(files.key, 'utf8'), cert: readFileSync(files.cert, 'utf8') };
}

async function readConfig(options: DemoOptions, adfs: Adfs, clock: Clock): Promise<Config> {
  writeFileSync(join(options.directory, 'idp-metadata.xml'), await adfs.metadata());
  const written = sampleConfig(options);
  const text = stringify(options.adjust?.(written) ?? written);
  writeFileSync(join(options.directory, 'rolegate.yaml'), text);
  const secret = systemRandom(32).toString('base64url');
  return parseConfig(text, {
    source: 'the demo configuration',
    directory: options.directory,
    env: { SESSION_SECRET: secret },
    now: clock.now(),
  });
}

/** The configuration of design and README, for the sample company. */
export function sampleConfig({
  port,
  host,
  redisUrl,
}: Pick<DemoOptions, 'port' | 'host' | 'redisUrl'>): Record<string, unknown> {
  const baseUrl = `http://127.0.0.1:${port}`;
  const awsUrl = `http://127.0.0.1:${port + 2}`;
  const claims = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';
  return {
    mode: 'development',
    baseUrl,
    listen: { host: host ?? '127.0.0.1', port },
    operations: { host: host ?? '127.0.0.1', port: port + 3 },
    store: redisUrl === undefined ? { type: 'memory' } : { type: 'redis', url: redisUrl },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own placeholder
    session: { secrets: ['${SESSION_SECRET}'] },
    serviceProvider: { entityId: `${baseUrl}/saml/metadata`, signing: ownPairs[0] },
    identityProviders: [
      {
        id: 'adfs',
        label: 'Corporate sign-in',
        metadata: { file: 'idp-metadata.xml' },
        trustAuthnInstant: true,
        attributes: { user: `${claims}/upn`, groups: 'http://schemas.xmlsoap.org/claims/Group' },
      },
    ],
    aws: {
      region: 'eu-west-1',
      provider: providerName,
      issuer: `${baseUrl}/aws/saml-metadata.xml`,
      signing: ownPairs[1],
      endpoints: { sts: awsUrl, signin: awsUrl },
    },
    accounts: [...accounts],
    rules,
    audit: { type: 'file', path: 'audit.jsonl' },
    log: { level: 'warn' },
    portal: {
      name: 'Sample Company AWS',
      help: 'Ask the platform team, platform@corp.example.',
      color: '#7a3e9d',
      announcement: 'This is a demonstration: accounts, people and credentials exist on this machine only.',
      administrators: ['CORP\\AWS-Platform'],
      sessionPolicies: [{ id: 'read-only', label: 'Read-only', policy: readOnlyPolicy }],
    },
  };
}

const readOnlyPolicy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['*:Get*', '*:List*', '*:Describe*'], Resource: '*' }],
};

function trust(config: Config) {
  const { entityId, signing } = config.serviceProvider;
  return {
    entityId,
    acsUrl: config.acsUrl,
    sloUrl: sloUrlOf(config.baseUrl),
    requireSignedRequests: signing !== undefined,
    signingCertificates: signing ? [signing.certificate] : [],
  };
}

async function startBroker(options: DemoOptions, config: Config, clock: Clock): Promise<Listening> {
  const broker = compose(config, {
    clock,
    random: systemRandom,
    log: options.log,
    auditStream: options.auditStream ?? process.stdout,
    fetch: globalThis.fetch,
    agent: options.agent,
    tracing: options.tracing,
  });
  await broker.start();
  return listen(config, broker);
}
