// The load generator: requests over kept-alive loopback connections.
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';

const connections = 8;
const agent = new Agent({ keepAlive: true, maxSockets: connections });

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface RequestOptions {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Another one than the shared, for more connections at once. */
  readonly agent?: Agent;
}

export function request(url: string, options: RequestOptions = {}): Promise<Reply> {
  const { method = 'GET', body } = options;
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const headers = { ...length, ...options.headers };
    const outgoing = httpRequest(url, { method, agent: options.agent ?? agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      // The server closed an idle connection in the moment in which it was used again.
      const isStale = outgoing.reusedSocket && error.code === 'ECONNRESET';
      if (isStale) request(url, options).then(resolve, reject);
      else reject(error);
    });
    outgoing.end(body);
  });
}

type Sender = Pick<RequestOptions, 'agent' | 'headers'>;

/** Posts a form. */
export function postForm(url: string, fields: Readonly<Record<string, string>>, cookie = '', other: Sender = {}) {
  const headers = {
    ...other.headers,
    'content-type': 'application/x-www-form-urlencoded',
    ...(cookie === '' ? {} : { cookie }),
  };
  const body = new URLSearchParams(fields).toString();
  return request(url, { method: 'POST', headers, body, ...(other.agent ? { agent: other.agent } : {}) });
}

/** Runs all tasks, at most `connections` at a time. */
export async function inParallel<Result>(tasks: readonly (() => Promise<Result>)[]): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const work = async () => {
    while (next < tasks.length) {
      const index = next++;
      results[index] = await tasks[index]!();
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  return results;
}

/** The Cookie header that answers a Set-Cookie header. */
export function cookiesOf({ headers }: Reply): string {
  return (headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ');
}
