// Downloads from the broker: never more than was announced, never from elsewhere, and with progress on a terminal.
import type { IncomingMessage } from 'node:http';
import { type CliContext, isTerminal, showWaiting } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { agentOf, openRequest, userAgent } from '../machine/http.ts';
import { networkError } from '../machine/network-error.ts';
import { printable } from '../machine/printable.ts';

export interface Download {
  readonly url: string;
  readonly maxBytes: number;
  /** What a terminal shows while it lasts. */
  readonly title?: string;
}

/** Without a single octet for so long, the broker or a proxy hangs. */
const silentMs = 15_000;
const progressMs = 200;

/** Undefined if the broker has no such file. @throws CliError network; failed, for another answer or too much of it */
export async function download(context: CliContext, wanted: Download): Promise<Buffer | undefined> {
  const { url } = wanted;
  const { origin, host } = new URL(url);
  const silence = watchSilence();
  const stopWaiting = showWaiting(context, host);
  try {
    const headers = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': userAgent() };
    const answer = await openRequest(agentOf(context, origin), { method: 'GET', url, headers, signal: silence.signal });
    stopWaiting();
    if (answer.statusCode === 404) answer.destroy();
    return answer.statusCode === 404 ? undefined : await readBody(context, wanted, answer, silence.heard);
  } catch (error) {
    throw networkError(host, silence.signal.aborted ? silence.signal.reason : error);
  } finally {
    stopWaiting();
    silence.stop();
  }
}

async function readBody(context: CliContext, wanted: Download, answer: IncomingMessage, heard: () => void) {
  const { url, maxBytes, title } = wanted;
  const { statusCode: status = 0, headers } = answer;
  const refuse = (why: string) => {
    answer.destroy();
    return new CliError('failed', `${new URL(url).host}: ${why}`);
  };
  if (status >= 300 && status < 400) {
    throw refuse(`redirects to ${printable(headers.location ?? 'nowhere')}, and an update follows no redirect`);
  }
  if (status !== 200) throw refuse(`answers ${new URL(url).pathname} with status ${status}`);
  const isTooLong = `sends more than the ${maxBytes} bytes that ${new URL(url).pathname} may have`;
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw refuse(isTooLong);
  const progress = title === undefined ? undefined : showProgress(context, title, maxBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      heard();
      size += chunk.length;
      if (size > maxBytes) throw refuse(isTooLong);
      chunks.push(chunk);
      progress?.(size);
    }
  } finally {
    progress?.();
  }
  return Buffer.concat(chunks);
}

function watchSilence() {
  const controller = new AbortController();
  const abort = () => controller.abort(new DOMException('no data', 'TimeoutError'));
  const timer = setTimeout(abort, silentMs);
  return { signal: controller.signal, heard: () => void timer.refresh(), stop: () => clearTimeout(timer) };
}

/** @returns what shows a size, or with none ends the line */
function showProgress({ stderr, clock }: CliContext, title: string, total: number) {
  if (!isTerminal(stderr)) return undefined;
  const mb = (bytes: number) => (bytes / 1_000_000).toFixed(1);
  let shownAt = 0;
  return (size?: number) => {
    const now = clock.now().getTime();
    if (size !== undefined && now - shownAt < progressMs) return;
    shownAt = now;
    const percent = Math.floor((100 * (size ?? 0)) / total);
    stderr.write(size === undefined ? '\r\x1b[K' : `\r\x1b[K${title}: ${mb(size)} of ${mb(total)} MB (${percent} %)`);
  };
}
