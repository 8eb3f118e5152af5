// The listener that a sign-in comes back to. RFC 8252 §7.3 and §8.3: this machine only, for one sign-in only. Any page
// may send a browser here, so everything but the answer to our own request is refused and changes nothing.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loopbackPath } from '../../wire/oauth.ts';
import { CliError } from '../machine/errors.ts';
import { closingPage, closingPath, pageHeaders } from './loopback-page.ts';
import { type Callback, readCallback } from './oauth-callback.ts';

export interface LoopbackInput {
  /** Undefined for one that is free. */
  readonly port: number | undefined;
  readonly state: string;
  /** RFC 9207: who must have answered. */
  readonly issuer: string;
}

export interface Loopback {
  readonly port: number;
  readonly redirectUri: string;
  /** The answer to our request; never settles when none comes. */
  readonly callback: Promise<Callback>;
  /** Tells the browser how it ended, and closes. */
  close(isSignedIn: boolean): Promise<void>;
}

/** How long a browser may take to fetch the last page before the command ends without it. */
const closingMs = 2_000;

/** @throws CliError usage, if the port is taken */
export async function listenForCallback({ port, state, issuer }: LoopbackInput): Promise<Loopback> {
  const server = createServer({ maxHeaderSize: 16_384 });
  const bound = await bind(server, port);
  const redirectUri = `http://${bound.family === 'IPv6' ? '[::1]' : '127.0.0.1'}:${bound.port}${loopbackPath}`;
  const { host } = new URL(redirectUri);
  let waiting: ServerResponse | undefined;
  let page: string | undefined;
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  const callback = new Promise<Callback>((resolve) => {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const { headers, method, url = '' } = request;
      const isHere = headers.host === host && method === 'GET';
      if (page !== undefined && isHere && url === closingPath) {
        response.once('finish', () => stop(server));
        response.writeHead(200, { ...pageHeaders, 'content-type': 'text/html; charset=utf-8' }).end(page);
        return;
      }
      const found = isHere && !waiting ? readCallback(url, issuer, state) : undefined;
      if (!found) {
        const isNear = method === 'GET' && url.startsWith(loopbackPath);
        response.writeHead(isNear ? 400 : 404, pageHeaders).end('Nothing here.\n');
        return;
      }
      waiting = response;
      resolve(found);
    });
  });
  const close = async (isSignedIn: boolean) => {
    page = closingPage(isSignedIn);
    if (waiting && !waiting.destroyed) {
      // To another address, so that the code is neither in the address bar nor in the history.
      waiting.writeHead(303, { ...pageHeaders, location: closingPath }).end();
      const timer = setTimeout(() => stop(server), closingMs);
      await closed;
      clearTimeout(timer);
    } else {
      stop(server);
      await closed;
    }
  };
  return { port: bound.port, redirectUri, callback, close };
}

/** 127.0.0.1, and [::1] where there is no IPv4; by address, since a name may lead to other interfaces. RFC 8252 §8.3. */
async function bind(server: Server, port = 0): Promise<AddressInfo> {
  try {
    return await listen(server, port, '127.0.0.1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return listen(server, port, '::1');
    if (code === 'EADDRINUSE')
      throw new CliError('usage', `port ${port} is taken: choose another one, or leave out --port`);
    if (code === 'EACCES') throw new CliError('usage', `permission denied for port ${port}: use a port above 1023`);
    throw error;
  }
}

function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });
}

/** A browser keeps connections for later: they must not keep this process. */
function stop(server: Server): void {
  server.close();
  setImmediate(() => server.closeAllConnections());
}
