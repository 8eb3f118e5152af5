// HTTP as the command speaks it: through the proxy and with the company's CA where the environment says so, with time-outs,
// and with every failure named. Node's own modules: another client would be a third of what the command loads.
import {
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
  request as requestHttp,
} from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { Readable } from 'node:stream';
import { authoritiesFor } from './authorities.ts';
import { type CliContext, showWaiting } from './context.ts';
import { CliError } from './errors.ts';
import { networkError } from './network-error.ts';
import { proxyFor } from './proxy.ts';
import { connectThrough } from './tunnel.ts';
import { ownVersion } from './version.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends it before its time. */
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The parsed JSON; undefined where there is none. */
  readonly body: unknown;
}

const connectTimeoutMs = 10_000;
/** With all that it takes to connect. Some SDKs give a credential_process a minute, and a command may need four requests. */
const answerTimeoutMs = 14_000;
/** A connection that no request uses. */
const idleMs = 4_000;
const maxAnswerBytes = 32 * 1024 * 1024;
/** AWS refuses signed requests further off than 5 minutes, and no stored expiry can be trusted then. */
const maxClockDifferenceMs = 5 * 60_000;

/**
 * One request to the broker, never repeated: a refresh token or a code is spent by it. Redirects are not followed.
 * @throws CliError network, clock, or usage for a CA file that cannot be read
 */
export async function sendRequest(context: CliContext, request: HttpRequest): Promise<HttpAnswer> {
  const { status, headers, text } = await exchange(context, request);
  requireClock(context, new URL(request.url).host, String(headers['date']));
  return { status, headers, body: parseJson(text) };
}

interface FetchOptions {
  readonly method: HttpRequest['method'];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: URLSearchParams | string | null | undefined;
}

/** `fetch` for the OAuth library, which judges the answer; the caller looks at the clock. @throws CliError network, usage */
export async function fetchOnce(context: CliContext, url: string, options: FetchOptions): Promise<Response> {
  const { method, headers, body } = options;
  const form = body === undefined || body === null ? {} : { body: body.toString() };
  const answer = await exchange(context, { method, url, headers, ...form });
  const read = ['content-type', 'date', 'dpop-nonce', 'www-authenticate'].flatMap((name) => {
    const value = answer.headers[name];
    return value === undefined ? [] : [[name, String(value)] as const];
  });
  return new Response(answer.text || null, { status: answer.status, headers: Object.fromEntries(read) });
}

async function exchange(context: CliContext, { method, url, headers, body, signal: ends }: HttpRequest) {
  const { host } = new URL(url);
  const stopWaiting = showWaiting(context, host);
  const timeout = AbortSignal.timeout(answerTimeoutMs);
  const signal = ends ? AbortSignal.any([timeout, ends]) : timeout;
  try {
    const agent = agentOf(context, new URL(url).origin);
    const own = {
      accept: 'application/json',
      ...headers,
      'user-agent': userAgent(),
    };
    const answer = await openRequest(agent, { method, url, headers: own, body, signal });
    noteOffer(context, new URL(url).origin, String(answer.headers['rolegate-version'] ?? ''));
    return { status: answer.statusCode ?? 0, headers: answer.headers, text: await readText(answer) };
  } catch (error) {
    throw networkError(host, signal.aborted ? signal.reason : error);
  } finally {
    stopWaiting();
  }
}

/** Brokers say with every answer which version they offer: `0.3.0`, or `0.3.0;signed`. */
function noteOffer({ onOffer }: CliContext, broker: string, header: string): void {
  const [, version, isSigned] = /^(\d{1,6}\.\d{1,6}\.\d{1,6})(;signed)?$/.exec(header) ?? [];
  if (version !== undefined) onOffer?.({ broker, version, isSigned: isSigned !== undefined });
}

export function userAgent(): string {
  return `rolegate/${ownVersion()} (${process.platform}; node ${process.versions.node})`;
}

interface OpenRequest {
  readonly method: string;
  readonly url: string;
  /** As it goes out, if it is not that of the URL. */
  readonly path?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Readable | Buffer | string | undefined;
  readonly signal?: AbortSignal;
}

/** Sends it and resolves with the head of the answer. @throws the error of the network */
export function openRequest(agent: HttpAgent, outgoing: OpenRequest): Promise<IncomingMessage> {
  const { method, url, headers, body, signal } = outgoing;
  const { protocol, hostname, host, port, pathname, search } = new URL(url);
  const options: RequestOptions = {
    agent,
    method,
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port,
    path: outgoing.path ?? pathname + search,
    headers: { host, ...headers },
    ...(signal ? { signal } : {}),
  };
  return new Promise((resolve, reject) => {
    const sent = protocol === 'https:' ? requestHttps(options) : requestHttp(options);
    sent.once('response', resolve);
    // Also after the head: the body says it then.
    sent.on('error', reject);
    if (body instanceof Readable) {
      body.once('error', (error) => sent.destroy(error));
      body.pipe(sent);
    } else sent.end(body);
  });
}

/** @throws the error of the network; Error, for more than an answer may have */
export async function readText(answer: IncomingMessage, maxBytes = maxAnswerBytes): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`more than ${Math.floor(maxBytes / 1024 / 1024)} MB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const agents = new WeakMap<CliContext, Map<string, HttpAgent>>();

/** Connections to one origin, which requests of the command share. */
export function agentOf(context: CliContext, origin: string): HttpAgent {
  const known = agents.get(context) ?? new Map<string, HttpAgent>();
  agents.set(context, known);
  const agent = known.get(origin) ?? createAgent(context, origin);
  known.set(origin, agent);
  return agent;
}

/** Same proxy, same CA. @throws CliError usage, for a proxy or a CA file that cannot be used */
export function createAgent(context: CliContext, origin: string): HttpAgent {
  const address = new URL(origin);
  const proxy = proxyFor(context.env, address);
  if (address.protocol === 'http:') return new HttpAgent({ keepAlive: true, timeout: idleMs });
  const ca = authoritiesFor(context, origin);
  // Said, because NODE_TLS_REJECT_UNAUTHORIZED=0 turns the check off where nothing is said.
  const secure: Trust = { rejectUnauthorized: true, ...(ca ? { ca } : {}) };
  const agent = new HttpsAgent({ keepAlive: true, timeout: idleMs, ...secure });
  if (proxy === undefined) return agent;
  const target = { hostname: address.hostname, port: address.port };
  agent.createConnection = (_, done) => {
    connectThrough(proxy, target, secure, connectTimeoutMs).then(
      (socket) => done?.(null, socket),
      (error: Error) => done?.(error, undefined as never),
    );
    return undefined;
  };
  return agent;
}

interface Trust {
  readonly rejectUnauthorized: true;
  readonly ca?: string[];
}

/** @param date the header of an answer; without one there is nothing to compare. @throws CliError clock */
export function requireClock({ clock }: CliContext, host: string, date: string | null): void {
  const difference = clock.now().getTime() - Date.parse(String(date));
  if (!(Math.abs(difference) > maxClockDifferenceMs)) return;
  const minutes = Math.round(Math.abs(difference) / 60_000);
  throw new CliError(
    'clock',
    `this machine's clock is ${minutes} minutes ${difference > 0 ? 'ahead of' : 'behind'} ${host}: set it, and try again`,
  );
}

/** Undefined if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
