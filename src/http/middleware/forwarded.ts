// What a trusted proxy says of a request, in the one form that the rest reads: X-Forwarded-For and X-Forwarded-Proto.
import type { IncomingHttpHeaders } from 'node:http';

/**
 * RFC 7239 §4: elements with pairs; values without quotes are read more freely. Anything else proves nothing: a quotation mark
 * that a client left open would take in what the proxy appends.
 */
const pair = String.raw`[^\s=,;"]+=(?:"(?:\\.|[^"\\])*"|[^\s",;]*)[ \t]*`;
const wellFormed = new RegExp(`^[ \\t]*(?:${pair})?(?:[,;][ \\t]*(?:${pair})?)*$`);

/**
 * RFC 7239: `Forwarded` counts where the proxy sends none of the older headers; what it sends beside them may be the client's. Schemes differ
 * in case as they like (RFC 3986 §3.1).
 */
export function readForwarded(headers: IncomingHttpHeaders): void {
  const { forwarded } = headers;
  const isOlder = headers['x-forwarded-for'] !== undefined || headers['x-forwarded-proto'] !== undefined;
  if (!isOlder && forwarded !== undefined && !wellFormed.test(forwarded)) {
    headers['x-forwarded-for'] = 'unknown';
  } else if (!isOlder && forwarded !== undefined) {
    const elements = splitOutsideQuotes(forwarded, ',').map((element) => {
      const pairs = splitOutsideQuotes(element, ';').map((pair) => {
        const [, name = '', value = ''] = /^\s*([^=\s]+)=(.*?)\s*$/.exec(pair) ?? [];
        const inQuotes = /^"(.*)"$/.exec(value)?.[1];
        return [name.toLowerCase(), inQuotes?.replace(/\\(.)/g, '$1') ?? value] as const;
      });
      return Object.fromEntries(pairs);
    });
    headers['x-forwarded-for'] = elements.map(({ for: address = 'unknown' }) => address).join(', ');
    // Of the proxy that called us: entries further left may be the client's.
    headers['x-forwarded-proto'] = elements.at(-1)?.['proto'];
  }
  const proto = headers['x-forwarded-proto'];
  if (proto !== undefined) headers['x-forwarded-proto'] = proto.toString().toLowerCase();
}

function splitOutsideQuotes(text: string, separator: ',' | ';'): string[] {
  const part = separator === ',' ? /(?:"(?:\\.|[^"\\])*"|[^,"])+/g : /(?:"(?:\\.|[^"\\])*"|[^;"])+/g;
  return text.match(part) ?? [];
}
