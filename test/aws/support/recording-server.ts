// A real socket that writes down what it is sent and answers as it is told, or hands the request on to an emulator.
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came over the wire. */
export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Cut the connection instead. */
  readonly reset?: boolean;
}

export interface RecordingServer {
  readonly url: string;
  readonly requests: Recorded[];
  close(): Promise<void>;
}

/** Starts on 127.0.0.1, on a free port. `answer` is a base URL to hand requests on to, or says what to answer. */
export async function startRecordingServer(
  answer: string | ((request: Recorded, index: number) => ScriptedAnswer),
): Promise<RecordingServer> {
  const requests: Recorded[] = [];
  const server = http.createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url: path = '', headers } = incoming;
      const request = { method, path, headers, body: Buffer.concat(chunks).toString('utf8') };
      requests.push(request);
      if (typeof answer === 'string') handOn(answer, request, outgoing);
      else write(answer(request, requests.length - 1), outgoing);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, requests, close };
}

function write({ status = 200, headers = {}, body = '', reset }: ScriptedAnswer, outgoing: http.ServerResponse): void {
  if (reset) outgoing.socket?.resetAndDestroy();
  else outgoing.writeHead(status, headers).end(body);
}

function handOn(base: string, { method, path, headers, body }: Recorded, outgoing: http.ServerResponse): void {
  const onwards = http.request(new URL(path, base), { method, headers, agent: false }, (response) => {
    outgoing.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(outgoing);
  });
  onwards.on('error', () => outgoing.socket?.resetAndDestroy());
  onwards.end(body);
}
