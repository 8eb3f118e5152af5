// An HTTP request with any Host name, for tests in which the emulator replaces a real AWS host.
import http from 'node:http';

/** What came back. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** Sends one request to the emulator. */
export function rawRequest(
  url: string,
  options: { method?: string; path: string; headers?: Readonly<Record<string, string>>; body?: string },
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const { method = 'GET', path, headers = {} } = options;
    const request = http.request({ hostname, port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(options.body);
  });
}

/** Posts a form. */
export function postForm(
  url: string,
  path: string,
  members: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawAnswer> {
  const body = new URLSearchParams(members).toString();
  const all = { 'content-type': 'application/x-www-form-urlencoded', ...headers };
  return rawRequest(url, { method: 'POST', path, headers: all, body });
}
