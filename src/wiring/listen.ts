// Opens the two listeners, and closes them without losing a request.
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import type { Broker } from './compose.ts';

export interface Listening {
  /** Ports as they were given out: 0 in the configuration means any. */
  readonly publicPort: number;
  readonly operationsPort: number;
  /**
   * Says that it is not ready, and serves on until load balancers have noticed; then stops accepting, lets running requests
   * end, and closes the stores.
   * @param delayMs how long load balancers need
   */
  close(delayMs?: number): Promise<void>;
}

/** Longest time that running requests get to end. */
const drainTimeoutMs = 20_000;

/** Of the public listener. */
const limits = {
  // Slow senders hold a socket no longer than this.
  requestTimeout: 30_000,
  headersTimeout: 10_000,
  // Longer than load balancers keep idle connections (nginx and AWS 60 s): who closes first loses the request that is on its way.
  keepAliveTimeout: 75_000,
  // Browsers send the cookies of every application below a company's domain: 16 to 32 KB of them are not rare.
  maxHeaderSize: 64 * 1024,
} as const;

const tooLarge =
  'The headers of this request have more than 64 KB, most likely cookies of other applications of this domain. Delete the cookies of this site in the browser, then try again.\n';

/** For what Node cannot read as a request: it never reaches the application. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, text] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', tooLarge]
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', '']
        : ['400 Bad Request', ''];
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nCache-Control: no-store\r\n`;
  socket.end(`${head}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}

/** @throws Error with code EADDRINUSE or EACCES if a port cannot be had */
export async function listen(config: Config, broker: Broker): Promise<Listening> {
  const { tls, host, port } = config.listen;
  const publicServer = tls
    ? createHttpsServer({ ...tls, ...limits, minVersion: 'TLSv1.2' }, broker.app)
    : createHttpServer(limits, broker.app);
  const operationsServer = createHttpServer(broker.operations);
  publicServer.on('clientError', answerUnreadable);
  let isClosing = false;
  publicServer.prependListener('request', (_, response) => {
    if (isClosing) response.setHeader('Connection', 'close');
  });
  await open(publicServer, port, host);
  await open(operationsServer, config.operations.port, config.operations.host);
  return {
    publicPort: (publicServer.address() as AddressInfo).port,
    operationsPort: (operationsServer.address() as AddressInfo).port,
    close: async (delayMs = 0) => {
      broker.drain();
      isClosing = true;
      await sleep(delayMs);
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
