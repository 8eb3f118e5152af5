// HTTP as the command speaks it: through the proxy and with the company's CA where the environment says so, with time-outs,
// and with every failure named. undici is loaded when the first request is made.
import { readFileSync } from 'node:fs';
import * as tls from 'node:tls';
import type { Dispatcher } from 'undici';
import { ownVersion } from '../commands/version.ts';
import type { CliContext } from './context.ts';
import { CliError } from './errors.ts';
import { networkError } from './network-error.ts';

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

export interface DatedAnswer extends HttpAnswer {
  /** The header, as it came. */
  readonly date: string | string[] | undefined;
}

const connectTimeoutMs = 10_000;
const answerTimeoutMs = 60_000;
const maxAnswerBytes = 32 * 1024 * 1024;
/** AWS refuses signed requests further off than 5 minutes, and no stored expiry can be trusted then. */
const maxClockDifferenceMs = 5 * 60_000;

/**
 * One request to the broker, never repeated: a refresh token or a code is spent by it. Redirects are not followed.
 * @throws CliError network, clock, or usage for a CA file that cannot be read
 */
export async function sendRequest(context: CliContext, request: HttpRequest): Promise<HttpAnswer> {
  const answer = await sendAnyTime(context, request);
  requireClock(context, request.url, answer);
  return answer;
}

/** Without a look at the clock, for answers that have to be kept first. @throws CliError network, or usage as above */
export async function sendAnyTime(context: CliContext, request: HttpRequest): Promise<DatedAnswer> {
  const dispatcher = await dispatcherOf(context);
  const { status, date, text } = await exchange(dispatcher, request).catch((error: unknown) => {
    throw networkError(new URL(request.url).host, error);
  });
  return { status, date, body: parseJson(text) };
}

async function exchange(dispatcher: Dispatcher, { method, url, headers, body }: HttpRequest) {
  const { origin, pathname, search } = new URL(url);
  const answer = await dispatcher.request({
    origin,
    path: pathname + search,
    method,
    headers: {
      accept: 'application/json',
      'user-agent': `rolegate/${ownVersion()} (${process.platform}; node ${process.versions.node})`,
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(answerTimeoutMs),
  });
  return { status: answer.statusCode, date: answer.headers['date'], text: await answer.body.text() };
}

const dispatchers = new WeakMap<CliContext, Promise<Dispatcher>>();

/** For requests that `sendRequest` is not made for: same proxy, same CA, same bound on answers. */
export function dispatcherOf(context: CliContext): Promise<Dispatcher> {
  const known = dispatchers.get(context);
  if (known) return known;
  const made = createDispatcher(context, maxAnswerBytes);
  dispatchers.set(context, made);
  return made;
}

/** The same for streams. A size of -1 is no limit. */
export async function createDispatcher({ env }: CliContext, maxAnswerSizeBytes: number): Promise<Dispatcher> {
  const ca = authorities(env);
  const secure = ca ? { ca } : {};
  const { EnvHttpProxyAgent } = await import('undici');
  return new EnvHttpProxyAgent({
    // Plain http is for this machine, and stays on it: a proxy would read the tokens.
    httpProxy: '',
    // An empty text, where nothing is set: else undici looks at the process's environment, which is not its business.
    httpsProxy: env['https_proxy'] ?? env['HTTPS_PROXY'] ?? '',
    noProxy: env['no_proxy'] ?? env['NO_PROXY'] ?? '',
    connect: { ...secure, timeout: connectTimeoutMs },
    requestTls: secure,
    proxyTls: secure,
    maxResponseSize: maxAnswerSizeBytes,
  });
}

/** The authorities of Node and those of the company's file, which adds to them. @throws CliError usage */
function authorities(env: CliContext['env']): string[] | undefined {
  const file = env['ROLEGATE_CA_BUNDLE'] || env['AWS_CA_BUNDLE'] || env['NODE_EXTRA_CA_CERTS'];
  if (!file) return undefined;
  try {
    const own = readFileSync(file, 'utf8');
    // Node 20 has no such function: there, what Node itself ships is what it trusts.
    const { getCACertificates } = tls as Partial<typeof tls>;
    const known = getCACertificates?.('default') ?? tls.rootCertificates;
    return [...known, own];
  } catch (cause) {
    throw new CliError('usage', `the CA file ${file} cannot be read`, { cause });
  }
}

/** @throws CliError clock */
export function requireClock({ clock }: CliContext, url: string, { date }: DatedAnswer): void {
  const { host } = new URL(url);
  const difference = clock.now().getTime() - Date.parse(String(date));
  // Without a date there is nothing to compare.
  if (!(Math.abs(difference) > maxClockDifferenceMs)) return;
  const minutes = Math.round(Math.abs(difference) / 60_000);
  throw new CliError(
    'clock',
    `this machine's clock is ${minutes} minutes ${difference > 0 ? 'ahead of' : 'behind'} ${host}: set it, and try again`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
