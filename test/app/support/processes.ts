// Broker processes behind one address, as a load balancer has them.
import { type ChildProcess, spawn } from 'node:child_process';
import { connect as connectTcp, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { endsWithUs, killed } from '../../support/children.ts';

export interface BrokerProcess {
  readonly port: number;
  readonly operationsPort: number;
  readonly pid: number;
  /** Both of its streams so far. */
  output(): string;
  signal(name: NodeJS.Signals): void;
  /** By SIGTERM. @returns the exit code; null after the end by a signal */
  stop(): Promise<number | null>;
  /** By SIGKILL. */
  kill(): Promise<void>;
}

const fromSource = ['--import', 'tsx', 'src/server.ts'];

/**
 * Starts `rolegate-server start` and answers when it says that it listens. @throws Error with what it printed
 * @param program what Node gets before the command
 */
export async function startBrokerProcess(
  configFile: string,
  env: Record<string, string>,
  program: readonly string[] = fromSource,
  onSpawn: (pid: number) => void = () => {},
): Promise<BrokerProcess> {
  const child = endsWithUs(
    spawn(process.execPath, [...program, 'start', '--config', configFile], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  onSpawn(child.pid!);
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const ports = await listeningPorts(child).catch(async (error: unknown) => {
    await killed(child);
    throw error;
  });
  return {
    ...ports,
    pid: child.pid!,
    output: () => output,
    signal: (name) => void child.kill(name),
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve(child.exitCode);
        child.once('exit', resolve);
        child.kill('SIGTERM');
      }),
    kill: () => killed(child),
  };
}

function listeningPorts(child: ChildProcess): Promise<Pick<BrokerProcess, 'port' | 'operationsPort'>> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const [, json] = /rolegate listening (\{.*\})/.exec(output) ?? [];
      if (json !== undefined) resolve(JSON.parse(json));
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    child.once('exit', (code) => reject(new Error(`the broker ended with ${code}: ${output}`)));
  });
}

export interface LoadBalancer {
  readonly port: number;
  /** Where connections go from now on; those that are open are cut, and their owners have noticed. */
  sendTo(port: number): Promise<void>;
  close(): Promise<void>;
}

export async function startLoadBalancer(port: number): Promise<LoadBalancer> {
  let target = 0;
  const sockets = new Set<{ destroy(): void }>();
  const server: Server = createServer((incoming) => {
    const outgoing = connectTcp(target, '127.0.0.1');
    for (const [from, to] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    sendTo: async (next) => {
      target = next;
      cut();
      await sleep(50);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}
