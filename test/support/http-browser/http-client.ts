// One HTTP request over a real socket, with the trust and the name resolution of a test instead of the system's.
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { isLoopback } from './sites.ts';

const TIMEOUT_MILLISECONDS = 60_000;

export interface HttpClientOptions {
  /** PEM to trust for https instead of the system's authorities. */
  ca?: string;
  /** Where a host name really lies, so that a test can use real names on loopback ports. */
  resolve?: (hostname: string) => { address: string; port?: number } | undefined;
}

export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

interface HttpRequest {
  url: URL;
  method: string;
  headers: Record<string, string>;
  body?: string | undefined;
}

export interface HttpClient {
  /** @throws Error for a host that is neither on loopback nor resolved by the test: tests need no network. */
  send: (request: HttpRequest) => Promise<HttpAnswer>;
  close: () => void;
}

/** A client with separate connections, so that closing it leaves no socket behind. */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const http = new HttpAgent({ keepAlive: true });
  const https = new HttpsAgent({ keepAlive: true, ...(options.ca !== undefined && { ca: options.ca }) });
  return {
    send: async (request) => {
      const { url } = request;
      const target = options.resolve?.(url.hostname);
      if (!target && !isLoopback(url.hostname)) throw new Error(`${url.origin} is not on this machine: resolve it`);
      const isHttps = url.protocol === 'https:';
      const hostname = url.hostname.replace(/^\[|\]$/g, '');
      const sent = (isHttps ? httpsRequest : httpRequest)({
        agent: isHttps ? https : http,
        host: target?.address ?? hostname,
        port: target?.port ?? (url.port || (isHttps ? 443 : 80)),
        // The certificate has to be good for the name in the address bar, not for the socket's address.
        ...(isHttps && { servername: isIP(hostname) ? '' : hostname }),
        method: request.method,
        path: url.pathname + url.search,
        headers: { ...request.headers, host: url.host, ...lengthOf(request) },
        signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
      });
      return await exchange(sent, request.body);
    },
    close: () => {
      http.destroy();
      https.destroy();
    },
  };
}

function lengthOf({ method, body }: HttpRequest): Record<string, string> {
  if (body === undefined && (method === 'GET' || method === 'HEAD')) return {};
  return { 'content-length': `${Buffer.byteLength(body ?? '')}` };
}

function exchange(sent: ReturnType<typeof httpRequest>, body: string | undefined): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    sent.once('error', reject);
    sent.once('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    sent.end(body);
  });
}
