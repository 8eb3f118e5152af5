// Where metadata comes from, an address or a file, and when it is fetched again. Bounded in size and time, and never from
// another place than configured.
import { readFile, stat } from 'node:fs/promises';
import { decodeMetadata } from '../../saml/metadata/decode-metadata.ts';
import { maxMetadataBytes } from '../../saml/metadata/idp-metadata.ts';

const fetchTimeoutMs = 10_000;

/**
 * The document at the address. Redirects are refused: they would let another host vouch for the identity provider.
 * @throws Error that says what went wrong, without anything of the document
 */
export async function fetchMetadata(
  url: string,
  { fetch, timeoutMs = fetchTimeoutMs }: { fetch: typeof globalThis.fetch; timeoutMs?: number },
): Promise<string> {
  // The signal covers the body as well: a server that drips is cut off too.
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, { signal, redirect: 'error', headers: { accept: acceptedTypes } });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`answered ${response.status}`);
    }
    return decodeMetadata(await readBounded(response));
  } catch (cause) {
    if (signal.aborted) throw new Error(`no complete answer within ${timeoutMs} ms`, { cause });
    // fetch says "fetch failed" for everything; what an operator needs (refused, unknown host, certificate) is the cause.
    const { message, cause: reason } = cause as Error;
    throw new Error(reason instanceof Error ? `${message}: ${reason.message}` : message, { cause });
  }
}

const acceptedTypes = 'application/samlmetadata+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1';

async function readBounded(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    // Leaving the loop cancels the body.
    if (bytes > maxMetadataBytes) throw new Error('answered more than 2 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export interface FileVersion {
  readonly mtimeMs: number;
  readonly size: number;
}

/** What tells one state of a file from another. @throws Error with a code such as ENOENT */
export async function fileVersion(path: string): Promise<FileVersion> {
  const { mtimeMs, size } = await stat(path);
  return { mtimeMs, size };
}

/** @throws Error if it cannot be read, is too large or has an encoding that is not known */
export async function readMetadataFile(path: string): Promise<string> {
  if ((await stat(path)).size > maxMetadataBytes) throw new Error('is larger than 2 MiB');
  return decodeMetadata(await readFile(path));
}

export interface RetryFacts {
  readonly refreshMs: number;
  /** From 0 to below 1. */
  readonly chance: number;
}

export interface FetchFacts extends RetryFacts {
  readonly cacheDurationMs: number | undefined;
  /** Milliseconds that the metadata is still valid; undefined without validUntil. */
  readonly validMs: number | undefined;
}

const minuteMs = 60_000;
const firstRetryMs = 30_000;
const longestRetryMs = 3_600_000;

/** After a success: no later than configured, than the document's cacheDuration, and than halfway to its validUntil. */
export function nextRefreshMs({ refreshMs, cacheDurationMs, validMs, chance }: FetchFacts): number {
  const wished = Math.min(refreshMs, cacheDurationMs ?? refreshMs, validMs === undefined ? refreshMs : validMs / 2);
  // A document that says "now" must not make us call its server all the time. The jitter keeps processes apart.
  return Math.max(minuteMs, wished) * (1 - chance / 10);
}

/** After `failures` failures in a row: twice as long each time, up to an hour and never beyond the usual interval. */
export function retryMs(failures: number, { refreshMs, chance }: RetryFacts): number {
  const wished = Math.min(firstRetryMs * 2 ** Math.min(failures - 1, 20), longestRetryMs, refreshMs);
  return wished * (1 - chance / 2);
}
