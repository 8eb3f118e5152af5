// HTTP as the command speaks it: through the proxy and with the company's CA where the environment says so, with time-outs,
// and with every failure named. undici is loaded when the first request is made.
import type { buildConnector, Dispatcher } from 'undici';
import { authoritiesFor } from './authorities.ts';
import { type CliContext, isTerminal, say } from './context.ts';
import { CliError } from './errors.ts';
import { networkError } from './network-error.ts';
import { type ProxyServer, proxyFor } from './proxy.ts';
import { connectThrough } from './tunnel.ts';
import { ownVersion } from './version.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  /** The parsed JSON; undefined where there is none. */
  readonly body: unknown;
}

const connectTimeoutMs = 10_000;
/** With all that it takes to connect. Some SDKs give a credential_process a minute, and a command may need four requests. */
const answerTimeoutMs = 14_000;
const silentMs = 3_000;
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
  return { status, body: parseJson(text) };
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

async function exchange(context: CliContext, { method, url, headers, body }: HttpRequest) {
  const { origin, host, pathname, search } = new URL(url);
  const dispatcher = await dispatcherOf(context, origin);
  const waiting = setTimeout(() => {
    if (isTerminal(context.stderr)) say(context, `rolegate: waiting for ${host}…`);
  }, silentMs);
  try {
    const answer = await dispatcher.request({
      origin,
      path: pathname + search,
      method,
      headers: {
        accept: 'application/json',
        ...headers,
        'user-agent': `rolegate/${ownVersion()} (${process.platform}; node ${process.versions.node})`,
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(answerTimeoutMs),
    });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  } catch (error) {
    throw networkError(host, error);
  } finally {
    clearTimeout(waiting);
  }
}

const dispatchers = new WeakMap<CliContext, Map<string, Promise<Dispatcher>>>();

/** For requests that `sendRequest` is not made for: same proxy, same CA, same bound on answers. */
export function dispatcherOf(context: CliContext, origin: string): Promise<Dispatcher> {
  const known = dispatchers.get(context) ?? new Map<string, Promise<Dispatcher>>();
  dispatchers.set(context, known);
  const dispatcher = known.get(origin) ?? createDispatcher(context, origin, maxAnswerBytes);
  known.set(origin, dispatcher);
  return dispatcher;
}

/** The same for streams. A size of -1 means unlimited. @throws CliError usage, for a proxy or a CA file that cannot be used */
export async function createDispatcher(
  context: CliContext,
  origin: string,
  maxAnswerSizeBytes: number,
): Promise<Dispatcher> {
  const address = new URL(origin);
  const proxy = proxyFor(context.env, address);
  const ca = address.protocol === 'https:' ? authoritiesFor(context, origin) : undefined;
  // Said, because NODE_TLS_REJECT_UNAUTHORIZED=0 turns the check off where nothing is said.
  const secure: Trust = { rejectUnauthorized: true, ...(ca ? { ca } : {}) };
  const connect = proxy ? tunnelConnector(proxy, secure) : { ...secure, timeout: connectTimeoutMs };
  const { Agent } = await import('undici');
  return new Agent({ connect, maxResponseSize: maxAnswerSizeBytes });
}

interface Trust {
  readonly rejectUnauthorized: true;
  readonly ca?: string[];
}

function tunnelConnector(proxy: ProxyServer, secure: Trust): buildConnector.connector {
  return (target, callback) => {
    connectThrough(proxy, target, secure, connectTimeoutMs).then(
      (socket) => callback(null, socket),
      (error: Error) => callback(error, null),
    );
  };
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
