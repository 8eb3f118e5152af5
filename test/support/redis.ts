// Starts real Redis servers for tests: on loopback, without persistence, never on port 6379, and gone when the test ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endsWithUs, killed } from './children.ts';
import { keyPair, writeKeyPairs } from './key-pairs.ts';
import { redisServer } from './parts/parts.ts';
import { freePort } from './ports.ts';

const START_TIMEOUT_MILLISECONDS = 60_000;
const PORT_ATTEMPTS = 5;

export interface RedisOptions {
  /** Only TLS on the port, with a certificate for 127.0.0.1 and localhost (returned as `ca`). */
  tls?: boolean;
  password?: string;
  /** A fixed port, for a server that comes back where another was stopped; default: any free one. */
  port?: number;
  /** Another server than the Redis that is found, such as Valkey. */
  program?: { path: string; env: Record<string, string> };
  /** More server arguments, for example `['--maxmemory-policy', 'allkeys-lru']`. */
  args?: string[];
}

export interface TestRedis {
  url: string;
  port: number;
  pid: number;
  /** PEM to trust, when started with `tls`. */
  ca?: string;
  /** SIGSTOP makes a server that hangs, SIGCONT heals it, SIGKILL is a crash. */
  signal: (name: NodeJS.Signals) => void;
  /** Ends the server, also a stopped one; may be called twice. */
  stop: () => Promise<void>;
}

/** Starts one server for each entry. @throws the first failure, once the others have been stopped */
export async function startRedisServers(all: readonly RedisOptions[]): Promise<TestRedis[]> {
  const starts = await Promise.allSettled(all.map((options) => startRedis(options)));
  const servers = starts.flatMap((start) => (start.status === 'fulfilled' ? start.value : []));
  const failure = starts.find((start) => start.status === 'rejected');
  if (failure === undefined) return servers;
  await Promise.all(servers.map((server) => server.stop()));
  throw failure.reason;
}

/** Starts a server and answers when it accepts connections. @throws Error with the server's own words. */
export async function startRedis(options: RedisOptions = {}): Promise<TestRedis> {
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    try {
      return await startOn(port, options);
    } catch (error) {
      const isTaken = error instanceof Error && error.message.includes('Address already in use');
      if (!isTaken || options.port !== undefined || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

async function startOn(port: number, options: RedisOptions): Promise<TestRedis> {
  const directory = await mkdtemp(join(tmpdir(), 'rolegate-redis-'));
  if (options.tls) writeKeyPairs(directory, { tls: 'tls-localhost', ca: 'tls-ca' });
  const { path, env } = options.program ?? redisServer();
  const child = endsWithUs(
    spawn(path, serverArguments(port, directory, options), {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  const stop = async () => {
    await killed(child); // there is nothing to save
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await accepts(child);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...address(port, options),
    ...(options.tls && { ca: keyPair('tls-ca').cert }),
    pid: child.pid ?? 0,
    signal: (name) => void child.kill(name),
    stop,
  };
}

function serverArguments(port: number, directory: string, options: RedisOptions): string[] {
  const listen = options.tls
    ? ['--port', '0', '--tls-port', `${port}`, '--tls-auth-clients', 'no'].concat(
        ['--tls-cert-file', join(directory, 'tls.crt'), '--tls-key-file', join(directory, 'tls.key')],
        ['--tls-ca-cert-file', join(directory, 'ca.crt')],
      )
    : ['--port', `${port}`];
  return listen.concat(
    ['--bind', '127.0.0.1', '--dir', directory, '--daemonize', 'no'],
    ['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'],
    options.password === undefined ? [] : ['--requirepass', options.password],
    options.args ?? [],
  );
}

function address(port: number, options: RedisOptions): { url: string; port: number } {
  const url = new URL(`${options.tls ? 'rediss' : 'redis'}://127.0.0.1:${port}`);
  if (options.password !== undefined) url.password = options.password;
  return { url: url.href, port };
}

/** Waits for the server's own "ready" line: asking with PING instead would miss a server on the wrong port. */
function accepts(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = (why: string, cause?: unknown) => reject(new Error(`Redis ${why}:\n${said}`, { cause }));
    const timer = setTimeout(() => fail('did not become ready'), START_TIMEOUT_MILLISECONDS);
    const listen = (chunk: Buffer) => {
      said += chunk.toString();
      if (!said.includes('Ready to accept connections')) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('error', (error) => fail('did not start', error));
    child.once('close', () => {
      clearTimeout(timer);
      fail('ended');
    });
  });
}
