// fetch as the product uses it, with a test's own authority instead of the system's: Node's takes extra ones only from the
// environment of a new process.
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { Readable } from 'node:stream';

/** @param ca PEM of the only authority that counts. Redirects are an error, as with `redirect: 'error'`. */
export function fetchTrusting(ca: string): typeof globalThis.fetch {
  return async (input, init) => {
    const answer = await ask(String(input), ca, init?.signal ?? undefined);
    const status = answer.statusCode ?? 0;
    if (status >= 300 && status < 400) {
      answer.destroy();
      throw new TypeError('fetch failed', { cause: new Error('unexpected redirect') });
    }
    return new Response(Readable.toWeb(answer) as ConstructorParameters<typeof Response>[0], { status });
  };
}

function ask(url: string, ca: string, signal: AbortSignal | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ca, agent: false, ...(signal && { signal }) }, resolve);
    sent.once('error', (cause) => reject(new TypeError('fetch failed', { cause })));
    sent.end();
  });
}
