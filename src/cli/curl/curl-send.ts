// Sends the signed request once and writes the answer out as it comes. Redirects are not followed: a signature is for one
// address, and no other host may get the session token.
import { createWriteStream } from 'node:fs';
import type { Agent as HttpAgent } from 'node:http';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type CliContext, isTerminal, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { createAgent, openRequest } from '../machine/http.ts';
import { networkError } from '../machine/network-error.ts';
import { printable, printableLines } from '../machine/printable.ts';
import type { Body } from './curl-body.ts';
import { readErrorAnswer, withoutToken } from './curl-refusal.ts';
import type { Target } from './curl-target.ts';

export interface SignedRequest {
  readonly method: string;
  readonly target: Target;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

export interface OutputOptions {
  readonly output?: string | undefined;
  readonly include?: boolean | undefined;
  readonly fail?: boolean | undefined;
  readonly verbose?: boolean | undefined;
}

/** A function behind a URL may think for 15 minutes. */
const answerTimeoutMs = 16 * 60_000;
const stallTimeoutMs = 5 * 60_000;
const maxRefusalLetters = 4096;

/** @throws CliError network, failed, or denied for a 403 with --fail */
export async function sendSigned(context: CliContext, outgoing: SignedRequest, options: OutputOptions): Promise<void> {
  const { target, method, headers } = outgoing;
  const token = headers['x-amz-security-token'] ?? '';
  if (options.verbose) show(context, '>', `${method} ${target.requestTarget} HTTP/1.1`, headers, token);
  const agent = createAgent(context, target.origin);
  try {
    const answer = await exchange(agent, outgoing);
    const { statusCode = 0 } = answer;
    const status = `HTTP/1.1 ${statusCode}`;
    if (options.verbose) show(context, '<', status, answer.headers, token);
    if (statusCode >= 300 && statusCode < 400 && answer.headers['location'] !== undefined) {
      say(context, 'rolegate: a redirect, which is not followed: sign a new request for its address if you trust it');
    }
    if (statusCode === 403) sayIfClockIsOff(context, target.host, answer.headers['date']);
    const failed = statusCode >= 400 ? await readErrorAnswer(answer, answer.headers, token) : undefined;
    if (options.fail && failed) {
      const shown = failed.summary.trim().slice(0, maxRefusalLetters);
      const said = shown === '' ? '' : `: ${shown.split(/\r?\n/).map(printable).join(' ')}`;
      throw new CliError(statusCode === 403 ? 'denied' : 'failed', `${target.host} answered ${statusCode}${said}`);
    }
    if (options.include) {
      const isLength = (line: string) => failed?.isWhole === false && line.startsWith('content-');
      const lines = headerLines(answer.headers).filter((line) => !isLength(line));
      const shown = lines.map((line) => printable(withoutToken(line, token)));
      context.stdout.write(`${[status, ...shown].join('\r\n')}\r\n\r\n`);
    }
    const body = failed ? Readable.from([failed.shown]) : answer;
    await write(context, body, options.output).catch((error: unknown) => {
      // A reader may close the pipe early (`| head`); every other output error is a failure.
      const { code, path } = error as NodeJS.ErrnoException;
      throw code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE'
        ? new CliError('failed', 'the reader stopped')
        : path === undefined
          ? networkError(target.host, error)
          : new CliError('failed', `${path} cannot be written (${code})`);
    });
  } finally {
    // Closed by now or broken: nothing is waited for.
    agent.destroy();
  }
}

const maxClockDifferenceMs = 5 * 60_000;

/** AWS takes a signature for 15 minutes, some services for five. */
function sayIfClockIsOff(context: CliContext, host: string, date: string | string[] | undefined): void {
  const difference = context.clock.now().getTime() - Date.parse(String(date));
  if (!(Math.abs(difference) > maxClockDifferenceMs)) return;
  const minutes = Math.round(Math.abs(difference) / 60_000);
  const where = difference > 0 ? 'ahead of' : 'behind';
  say(context, `rolegate: this machine's clock is ${minutes} minutes ${where} ${host}: set it, and try again`);
}

async function exchange(agent: HttpAgent, { method, target, headers, body }: SignedRequest) {
  const { origin: url, requestTarget: path } = target;
  const [connecting, late] = [new AbortController(), new Error('no answer in time')];
  const timer = setTimeout(() => connecting.abort(late), answerTimeoutMs);
  try {
    const own = { 'user-agent': 'rolegate', ...headers };
    const answer = await openRequest(agent, {
      method,
      url,
      path,
      headers: own,
      body: body.open(),
      signal: connecting.signal,
    });
    return answer.setTimeout(stallTimeoutMs, () => answer.destroy(new Error('the answer stopped')));
  } catch (error) {
    throw networkError(target.host, connecting.signal.aborted ? late : error);
  } finally {
    clearTimeout(timer);
  }
}

async function write(context: CliContext, body: Readable, output: string | undefined): Promise<void> {
  if (output !== undefined && output !== '-') return pipeline(body, createWriteStream(output));
  if (!isTerminal(context.stdout)) return pipeline(body, context.stdout, { end: false });
  await pipeline(body, printableText(), context.stdout, { end: false });
}

/** For a terminal: of control characters line ends and tabs alone get through. */
function printableText(): Transform {
  const decoder = new TextDecoder();
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => done(null, printableLines(decoder.decode(chunk, { stream: true }))),
    flush: (done) => done(null, printableLines(decoder.decode())),
  });
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const secretHeader = /authorization|token|secret|cookie|password|api-?key/i;

function show(context: CliContext, mark: string, first: string, headers: Headers, token: string): void {
  const safe = Object.entries(headers).map(([name, value]) => [name, secretHeader.test(name) ? 'REDACTED' : value]);
  for (const line of [first, ...headerLines(Object.fromEntries(safe) as Headers)])
    say(context, `${mark} ${printable(withoutToken(line, token))}`);
}

function headerLines(headers: Headers): string[] {
  return Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((each) => `${name}: ${each}`));
}
