// Starts the programs that are measured: our own compiled to plain JavaScript first, as the product runs.
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { request } from './http.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const startTimeoutMs = 60_000;

export interface Program {
  readonly pid: number;
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

export interface Start {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Receives stdout and stderr. */
  readonly logFile: string;
  /** Answers as soon as the program is ready; none: it is ready at once. */
  readonly readyUrl?: string;
  readonly ipc?: boolean;
  /** A pipe to write to; default: none. */
  readonly stdin?: boolean;
}

/** @throws Error with the program's last words if it ends or does not answer in time */
export async function startProgram(start: Start): Promise<Program> {
  const { command, args, env, cwd, logFile, readyUrl, ipc, stdin } = start;
  const log = createWriteStream(logFile, { flags: 'a' });
  const child = spawn(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...env },
    // A process group, so that children which the program leaves behind (Apache's) end as well.
    detached: true,
    stdio: [stdin ? 'pipe' : 'ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
  });
  child.stdout!.pipe(log);
  child.stderr!.pipe(log);
  let end: string | undefined;
  const ended = new Promise<void>((resolve) => {
    const finish = (why: string) => {
      end = why;
      resolve();
    };
    child.once('error', (error) => finish(error.message));
    child.once('exit', (code, signal) => finish(`it ended with ${code ?? signal}`));
  });
  const kill = () => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // The whole group has ended.
    }
  };
  process.once('exit', kill);
  const stop = async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(kill, 3000);
    await ended;
    clearTimeout(timer);
    kill();
    process.off('exit', kill);
  };
  const deadline = performance.now() + startTimeoutMs;
  while (readyUrl !== undefined && !(await answers(readyUrl))) {
    if (end === undefined && performance.now() < deadline) continue;
    await stop();
    throw new Error(`${command} is not ready: ${end ?? 'timeout'}\n${readFileSync(logFile, 'utf8').slice(-2000)}`);
  }
  return { pid: child.pid!, child, stop };
}

async function answers(url: string): Promise<boolean> {
  await sleep(50);
  const answered = request(url).then(
    () => true,
    () => false,
  );
  // A socket that listens without a process behind it never answers.
  return Promise.race([answered, sleep(1000).then(() => false)]);
}

/** Starts a program of bench/programs with plain Node. */
export async function startOwn(name: string, start: Omit<Start, 'command' | 'args'> & { args?: readonly string[] }) {
  const script = await compile(name);
  return startProgram({ ...start, command: process.execPath, args: [script, ...(start.args ?? [])] });
}

const compiled = new Map<string, Promise<string>>();

/** Bundles a program of bench/programs: tsx would wrap every function in the measured process. */
export function compile(name: string): Promise<string> {
  const known = compiled.get(name);
  if (known) return known;
  // Below node_modules, because packages stay outside of the bundle.
  const outfile = join(root, `node_modules/.cache/rolegate-bench/${name}.mjs`);
  const entry = fileURLToPath(new URL(`../programs/${name}.ts`, import.meta.url));
  const options = { bundle: true, packages: 'external', platform: 'node', format: 'esm', logLevel: 'error' } as const;
  const result = build({ ...options, entryPoints: [entry], outfile }).then(() => outfile);
  compiled.set(name, result);
  return result;
}

/** A port on loopback that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
