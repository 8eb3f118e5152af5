// Opens the two listeners, and closes them without losing a request.
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Config } from '../config/config.ts';
import type { Broker } from './compose.ts';

export interface Listening {
  /** Ports as they were given out: 0 in the configuration means any. */
  readonly publicPort: number;
  readonly operationsPort: number;
  /** Stops accepting, lets running requests end, closes the stores. */
  close(): Promise<void>;
}

/** Longest time that running requests get to end. */
const drainTimeoutMs = 20_000;

/** @throws Error with code EADDRINUSE or EACCES if a port cannot be had */
export async function listen(config: Config, broker: Broker): Promise<Listening> {
  const { tls, host, port } = config.listen;
  const publicServer = tls
    ? createHttpsServer({ ...tls, minVersion: 'TLSv1.2' }, broker.app)
    : createHttpServer(broker.app);
  const operationsServer = createHttpServer(broker.operations);
  // Slow senders hold a socket no longer than this.
  publicServer.requestTimeout = 30_000;
  publicServer.headersTimeout = 10_000;
  await open(publicServer, port, host);
  await open(operationsServer, config.operations.port, config.operations.host);
  return {
    publicPort: (publicServer.address() as AddressInfo).port,
    operationsPort: (operationsServer.address() as AddressInfo).port,
    close: async () => {
      broker.drain();
      await drain(publicServer);
      await drain(operationsServer);
      await broker.close();
    },
  };
}

function open(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

// close() ends the connections that are idle now; those that become idle later have to be ended as they do.
async function drain(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  const last = setTimeout(() => server.closeAllConnections(), drainTimeoutMs);
  await closed;
  clearInterval(idle);
  clearTimeout(last);
}
