// Broker processes behind one address, as a load balancer has them.
import { type ChildProcess, spawn } from 'node:child_process';
import { connect as connectTcp, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { endsWithUs, killed } from '../../support/children.ts';

export interface BrokerProcess {
  readonly port: number;
  signal(name: NodeJS.Signals): void;
  stop(): Promise<number | null>;
}

/** Starts `rolegate-server start` and answers when it says that it listens. @throws Error with what it printed */
export async function startBrokerProcess(configFile: string, env: Record<string, string>): Promise<BrokerProcess> {
  const child = endsWithUs(
    spawn(process.execPath, ['--import', 'tsx', 'src/server.ts', 'start', '--config', configFile], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  const port = await listeningPort(child).catch(async (error: unknown) => {
    await killed(child);
    throw error;
  });
  return {
    port,
    signal: (name) => void child.kill(name),
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', resolve);
        child.kill('SIGTERM');
      }),
  };
}

function listeningPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const [, json] = /rolegate listening (\{.*\})/.exec(output) ?? [];
      if (json !== undefined) resolve((JSON.parse(json) as { port: number }).port);
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
