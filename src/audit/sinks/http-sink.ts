// Audit records as JSON lines in HTTP requests: what waits goes out together, and a failed request is sent again.
import { setTimeout as pause } from 'node:timers/promises';
import type { AuditSink } from './sinks.ts';

export interface HttpSinkOptions {
  readonly url: string;
  readonly authorization: string | undefined;
  readonly fetch: typeof globalThis.fetch;
  /** From 0 up to 1. */
  readonly jitter: () => number;
}

const attempts = 3;
/** For all attempts: shorter than the deadline of a record. */
const totalMs = 2500;
const firstDelayMs = 100;

/** Any 2xx means that the receiver has the records. It may get some twice: after an answer that was lost. */
export function createHttpSink(options: HttpSinkOptions): AuditSink {
  return async (lines) => {
    const signal = AbortSignal.timeout(totalMs);
    for (let attempt = 1; ; attempt++) {
      const failure = await post(options, lines, signal);
      if (!failure) return;
      if (attempt === attempts || !failure.isTemporary || signal.aborted) throw failure.error;
      const delayMs = firstDelayMs * 2 ** attempt;
      await pause(delayMs / 2 + (delayMs / 2) * options.jitter());
    }
  };
}

async function post(
  { url, authorization, fetch }: HttpSinkOptions,
  body: string,
  signal: AbortSignal,
): Promise<{ readonly error: Error; readonly isTemporary: boolean } | undefined> {
  const headers = {
    'content-type': 'application/x-ndjson',
    ...(authorization !== undefined && { authorization }),
  };
  try {
    // A redirect could take the header elsewhere.
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'error', signal });
    await response.body?.cancel();
    if (response.ok) return undefined;
    const isTemporary = response.status === 429 || response.status >= 500;
    return { error: new Error(`the receiver answered ${response.status}`), isTemporary };
  } catch (error) {
    const cause = (error as Error).cause instanceof Error ? `: ${((error as Error).cause as Error).message}` : '';
    return { error: new Error(`no answer (${(error as Error).message}${cause})`, { cause: error }), isTemporary: true };
  }
}
