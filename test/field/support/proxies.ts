// nginx, HAProxy and Apache with the configurations of deploy/: the files themselves, with this machine's ports and paths in them.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endsWithUs, killed } from '../../support/children.ts';
import type { KeyPair } from '../../support/key-pairs.ts';
import { reverseProxy } from '../../support/parts/parts.ts';
import { freePort } from '../../support/ports.ts';

export const proxyNames = ['nginx', 'haproxy', 'apache'] as const;
export type ProxyName = (typeof proxyNames)[number];

interface Upstream {
  readonly host: string;
  readonly port: number;
  readonly operationsPort: number;
  readonly tls: KeyPair;
}

interface Layout {
  readonly file: string;
  /** The differences on this machine; each must be in the file. */
  readonly changes: (port: number, directory: string, upstream: Upstream) => readonly (readonly [string, string])[];
  /** A file around it, where the program wants one. */
  readonly around?: (file: string, directory: string) => string;
  readonly words: (file: string, directory: string) => readonly string[];
}

const modules = '/usr/lib/apache2/modules';
const apacheModules = ['mpm_event', 'authz_core', 'ssl', 'socache_shmcb', 'http2', 'headers', 'proxy', 'proxy_http'];

const layouts: Readonly<Record<ProxyName, Layout>> = {
  nginx: {
    file: 'deploy/nginx/rolegate.conf',
    changes: (port, directory) => [
      ['listen 443 ssl', `listen 127.0.0.1:${port} ssl`],
      ['/etc/nginx/tls/', `${directory}/`],
      ['/var/log/nginx/', `${directory}/`],
    ],
    around: (file, directory) => {
      const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (each) => `${each}_temp_path ${directory}/${each};`,
      );
      // Its workers would run as a user without write access here.
      const user = process.getuid?.() === 0 ? 'user root;' : '';
      return `${user} daemon off; pid ${directory}/pid; error_log stderr warn; worker_processes 1;
events { worker_connections 1024; }
http { ${paths.join(' ')} include ${file}; }
`;
    },
    words: (file, directory) => ['-c', file, '-p', directory, '-e', 'stderr'],
  },
  haproxy: {
    file: 'deploy/haproxy/haproxy.cfg',
    changes: (port, directory, { operationsPort }) => [
      ['bind 0.0.0.0:443', `bind 127.0.0.1:${port}`],
      ['/etc/haproxy/tls/', `${directory}/`],
      ['port 8083', `port ${operationsPort}`],
    ],
    words: (file) => ['-db', '-f', file],
  },
  apache: {
    file: 'deploy/apache/rolegate.conf',
    changes: (port, directory) => [
      ['Listen 443', `Listen 127.0.0.1:${port}`],
      ['*:443', `127.0.0.1:${port}`],
      ['/etc/apache2/tls/', `${directory}/`],
      ['/var/log/apache2/', `${directory}/`],
    ],
    around: (file, directory) => `ServerRoot ${directory}
ServerName localhost
DefaultRuntimeDir ${directory}
PidFile ${directory}/pid
ErrorLog ${directory}/error.log
${process.getuid?.() === 0 ? 'User nobody\nGroup nogroup' : ''}
${apacheModules.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join('\n')}
Include ${file}
`,
    words: (file) => ['-X', '-f', file],
  },
};

export interface ReverseProxy {
  readonly name: ProxyName;
  readonly port: number;
  stop(): Promise<void>;
}

/** @throws Error with what it printed, after all that was started has ended */
export async function startReverseProxy(name: ProxyName, upstream: Upstream): Promise<ReverseProxy> {
  const { file, changes, around, words } = layouts[name];
  const { path, env } = reverseProxy(name);
  const directory = mkdtempSync(join(tmpdir(), `rolegate-${name}-`));
  const port = await freePort();
  writeFileSync(join(directory, 'rolegate.crt'), upstream.tls.cert);
  writeFileSync(join(directory, 'rolegate.key'), upstream.tls.key, { mode: 0o600 });
  writeFileSync(join(directory, 'rolegate.pem'), upstream.tls.cert + upstream.tls.key, { mode: 0o600 });
  let text = readFileSync(file, 'utf8');
  const all = [['10.0.0.11:8080', `127.0.0.1:${upstream.port}`] as const, ...changes(port, directory, upstream)];
  for (const [before, after] of all) {
    if (!text.includes(before)) throw new Error(`${file} has no ${before}`);
    text = text.replaceAll(before, after);
  }
  const own = join(directory, 'rolegate.conf');
  writeFileSync(own, text.replaceAll('aws.corp.example', upstream.host));
  const main = around ? join(directory, 'main.conf') : own;
  if (around) writeFileSync(main, around(own, directory));
  const child = endsWithUs(
    spawn(path, words(main, directory), { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  let said = '';
  const listen = (text: Buffer | string) => {
    said += text;
  };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', listen);
  child.on('error', ({ message }) => listen(message));
  const stop = async () => {
    // By SIGTERM first: SIGKILL would leave the workers of nginx.
    const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
    if (child.exitCode === null && child.pid !== undefined) {
      child.kill('SIGTERM');
      await Promise.race([ended, sleep(5000)]);
    }
    await killed(child);
    rmSync(directory, { recursive: true, force: true });
  };
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await answers(port)) return { name, port, stop };
    if (child.exitCode !== null || child.pid === undefined) break;
    await sleep(50);
  }
  await stop();
  throw new Error(`${name} did not start: ${said}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
