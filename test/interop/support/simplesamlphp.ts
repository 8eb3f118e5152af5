// SimpleSAMLphp as an identity provider: Debian's code in PHP's own web server on a free port, with a configuration of
// its own in a temporary directory. Its service providers may change while it runs: it reads them at every request.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../../src/config/config.ts';
import { keyPair } from '../../support/key-pairs.ts';
import { phpPath, simpleSamlPhpFolder } from '../../support/parts/parts.ts';
import { freePort } from '../../support/ports.ts';
import {
  mainConfiguration,
  remoteServiceProvider,
  type SspServiceProvider,
  type SspUser,
  writeJson,
  writeTree,
} from './ssp-tree.ts';

const READY_WITHIN_MILLISECONDS = 60_000;

export interface SimpleSamlPhp {
  /** `http://localhost:…`, so that it is another site than a broker on 127.0.0.1. */
  readonly url: string;
  readonly metadata: string;
  /** Replaces the metadata of this entity. */
  trust(entityId: string, serviceProvider: SspServiceProvider): void;
  /** Lets it read a service provider's own metadata instead, with its own parser. */
  trustMetadata(xml: string): void;
  /** What it and PHP have logged. */
  log(): string;
  stop(): Promise<void>;
}

/** @throws Error with what PHP said when it does not answer in time */
export async function startSimpleSamlPhp(users: readonly SspUser[], userIdAttribute: string): Promise<SimpleSamlPhp> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const directory = mkdtempSync(join(tmpdir(), 'rolegate-ssp-'));
  const signing = keyPair('idp-signing');
  writeTree(directory, url, signing, users, userIdAttribute);
  const serviceProviders: Record<string, unknown> = {};
  const php = startPhp(directory, port);
  const log = () => ['php.log', 'log/simplesamlphp.log'].map((file) => readIfThere(join(directory, file))).join('\n');
  const metadata = await firstAnswer(`${url}/saml2/idp/metadata.php`, php, log);
  return {
    url,
    metadata,
    log,
    trust: (entityId, serviceProvider) => {
      serviceProviders[entityId] = remoteServiceProvider(serviceProvider);
      writeJson(directory, 'metadata/saml20-sp-remote', serviceProviders);
      writeFileSync(join(directory, 'cipher'), serviceProvider.encryption?.cipher ?? '');
    },
    trustMetadata: (xml) => {
      const file = join(directory, 'metadata/service-provider.xml');
      writeFileSync(file, xml);
      const sources = [{ type: 'flatfile' }, { type: 'xml', file }];
      writeJson(directory, 'config/config', { ...mainConfiguration(directory, url), 'metadata.sources': sources });
    },
    stop: async () => {
      await php.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Makes a broker known. */
export function trustBroker(ssp: SimpleSamlPhp, config: Config, trusted: Partial<SspServiceProvider>): void {
  const usual = { acsUrl: config.acsUrl, signResponse: false, signAssertion: true };
  ssp.trust(config.serviceProvider.entityId, { ...usual, ...trusted });
}

interface PhpServer {
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

function startPhp(directory: string, port: number): PhpServer {
  const settings = {
    'session.save_path': `${directory}/tmp`,
    error_log: `${directory}/php.log`,
    display_errors: '0',
    auto_prepend_file: `${directory}/prepend.php`,
  };
  const php = [
    ...[phpPath(), ...Object.entries(settings).flatMap(([name, value]) => ['-d', `${name}=${value}`])],
    ...['-S', `127.0.0.1:${port}`, '-t', join(simpleSamlPhpFolder(), 'www')],
  ];
  // A separate process group that ends as a whole: with PHP, with stop(), and with us, because our exit closes its stdin.
  const child = spawn('sh', ['-c', '("$@"; kill 0) & read -r _; kill 0', 'sh', ...php], {
    env: { ...process.env, SIMPLESAMLPHP_CONFIG_DIR: `${directory}/config` },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const kill = () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
  };
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    child,
    stop: async () => {
      kill();
      await ended;
    },
  };
}

/** Its metadata, once it answers. */
async function firstAnswer(url: string, php: PhpServer, log: () => string): Promise<string> {
  const deadline = performance.now() + READY_WITHIN_MILLISECONDS;
  while (php.child.exitCode === null && php.child.signalCode === null && performance.now() < deadline) {
    const text = await fetch(url).then(
      (answer) => answer.text(),
      () => '',
    );
    if (text.includes('EntityDescriptor')) return text;
    await sleep(50);
  }
  const said = log();
  await php.stop();
  throw new Error(`SimpleSAMLphp does not answer:\n${said}`);
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // nothing logged yet
  }
}
