// One HTTP request as it came over the wire: raw target and headers (SigV4 needs them), parameters, host facts.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AwsError } from './errors.ts';
import { type HostFacts, readHost } from './hosts.ts';

/** A request whose body has been read. */
export interface ReceivedRequest {
  readonly id: string;
  /** The emulator's clock when the request came in; every check of this request uses it. */
  readonly now: Date;
  readonly method: string;
  /** Path and query exactly as sent. */
  readonly target: string;
  readonly path: string;
  readonly query: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
  /** Query and form members; the form wins nothing: a name that comes twice is listed in `repeated`. */
  readonly params: ReadonlyMap<string, string>;
  readonly repeated: readonly string[];
  readonly host: HostFacts;
  readonly sourceIp: string;
  readonly userAgent: string;
}

const MAX_BODY_BYTES = 1_048_576;

/** Reads a whole request. @throws AwsError 413 when the body is too large */
export async function receiveRequest(
  message: IncomingMessage,
  context: { now: Date; partition: string; region: string },
): Promise<ReceivedRequest> {
  const target = message.url ?? '/';
  const mark = target.indexOf('?');
  const query = mark < 0 ? '' : target.slice(mark + 1);
  const body = await readBody(message);
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(message.headers['content-type'] ?? '');
  const pairs = [...new URLSearchParams(query), ...new URLSearchParams(isForm ? body.toString('utf8') : '')];
  const params = new Map(pairs);
  return {
    id: randomUUID(),
    now: context.now,
    method: message.method ?? 'GET',
    target,
    path: mark < 0 ? target : target.slice(0, mark),
    query,
    headers: pairUp(message.rawHeaders),
    body,
    params,
    repeated: params.size === pairs.length ? [] : pairs.map(([name]) => name).filter(isSecond),
    host: readHost(message.headers.host ?? '', context.partition, context.region),
    sourceIp: (message.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
    userAgent: message.headers['user-agent'] ?? '',
  };
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    // The rest is still read, so that the client gets to see the answer; it is not kept.
    if (size <= MAX_BODY_BYTES) chunks.push(bytes);
  }
  if (size > MAX_BODY_BYTES) throw new AwsError(413, 'RequestEntityTooLarge', 'Request body is too large');
  return Buffer.concat(chunks);
}

function pairUp(rawHeaders: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    pairs.push([(rawHeaders[index] ?? '').toLowerCase(), rawHeaders[index + 1] ?? '']);
  }
  return pairs;
}

function isSecond(name: string, index: number, names: readonly string[]): boolean {
  return names.indexOf(name) < index;
}

/** The first value of a header. */
export function headerOf(request: ReceivedRequest, name: string): string | undefined {
  return request.headers.find(([key]) => key === name)?.[1];
}
