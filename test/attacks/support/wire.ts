// Requests to the broker as a proxy in front of it would send them, with the cookies of one browser.
import { Agent, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
  readonly requestId: string;
}

/** The cookies of one browser, by name. */
export type Cookies = Map<string, string>;

export interface Wire {
  get(path: string, cookies: Cookies): Promise<Answer>;
  /** A form post, as the page of an identity provider makes it. */
  post(
    path: string,
    body: URLSearchParams | string,
    cookies: Cookies,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** A call of the API by the portal's own page. */
  call(path: string, body: unknown, cookies: Cookies): Promise<Answer>;
  close(): void;
}

export function createWire(port: number, host: string): Wire {
  const agent = new Agent({ keepAlive: false });
  const send = (
    method: string,
    path: string,
    cookies: Cookies,
    headers: Record<string, string>,
    body = '',
    isSent = (_name: string) => true,
  ) =>
    new Promise<Answer>((resolve, reject) => {
      const cookie = [...cookies]
        .filter(([name]) => isSent(name))
        .map(([name, value]) => `${name}=${value}`)
        .join('; ');
      const all = {
        ...{ host, cookie, 'x-forwarded-proto': 'https', accept: 'text/html' },
        ...(method === 'POST' ? { 'content-length': String(Buffer.byteLength(body)) } : {}),
        ...headers,
      };
      const sent = request({ agent, host: '127.0.0.1', port, method, path, headers: all }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          keepCookies(response.headers['set-cookie'] ?? [], cookies);
          resolve({
            status: response.statusCode ?? 0,
            location: response.headers.location,
            body: Buffer.concat(chunks).toString('utf8'),
            requestId: String(response.headers['x-request-id'] ?? ''),
          });
        });
      });
      sent.once('error', reject);
      sent.end(body);
    });
  const form = { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://idp.example.com' };
  const json = { 'content-type': 'application/json', accept: 'application/json', origin: `https://${host}` };
  return {
    get: (path, cookies) => send('GET', path, cookies, {}),
    post: (path, body, cookies, headers = {}) =>
      send('POST', path, cookies, { ...form, ...headers }, body.toString(), isSentAcrossSites),
    call: (path, body, cookies) => send('POST', path, cookies, json, JSON.stringify(body)),
    close: () => agent.destroy(),
  };
}

/** The session's cookie is Lax: a form of another site does not bring it along. */
function isSentAcrossSites(name: string): boolean {
  return name.endsWith('-login');
}

function keepCookies(lines: readonly string[], cookies: Cookies): void {
  for (const line of lines) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) cookies.set(name, value);
  }
}
