// Servers with fixed answers that write down what they were asked: the other side of the browser's own tests.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

type Answer = [status: number, headers: Record<string, string | string[]>, html?: string];
export interface SeenRequest {
  /** Method and path. */
  line: string;
  /** The cookies, sorted. */
  cookies: string;
  origin: string | undefined;
  /** Sec-Fetch-Site. */
  site: string | string[] | undefined;
  body: string;
}

export interface PageServer {
  port: number;
  /** Answers by path; may be changed while the server runs. */
  routes: Record<string, Answer>;
  stop: () => Promise<void>;
}

/** Serves `routes` on a loopback port and appends every request (but the one for an icon) to `seen`. */
export function servePages(
  routes: PageServer['routes'],
  seen: SeenRequest[] = [],
  tls?: { cert: string; key: string },
): Promise<PageServer> {
  const listener: RequestListener = (request, response) => void answer(routes, seen, request, response);
  return listen(tls ? createTlsServer(tls, listener) : createServer(listener), routes);
}

async function answer(
  routes: PageServer['routes'],
  seen: SeenRequest[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const { cookie = '', origin, 'sec-fetch-site': site } = request.headers;
  const path = request.url?.split('?')[0] ?? '';
  if (path !== '/favicon.ico') {
    seen.push({
      line: `${request.method} ${request.url}`,
      cookies: cookie.split('; ').sort().join('; '),
      origin,
      site,
      body,
    });
  }
  const [status, headers, html = ''] = routes[path] ?? [404, {}];
  response.writeHead(status, headers).end(html);
}

async function listen(server: Server, routes: PageServer['routes']): Promise<PageServer> {
  // Longer than any client keeps a connection: a request on one that just closed fails with ECONNRESET.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port, routes, stop };
}
