// What of an answer to a failed request is shown. S3 answers a wrong signature with all that was signed, the session token
// included, as text and in hexadecimal: of its errors three elements are shown, and everything else is searched.
import type { IncomingHttpHeaders } from 'node:http';

const maxBytes = 4 * 1024 * 1024;

export interface ErrorAnswer {
  /** For one line of text. */
  readonly summary: string;
  /** In place of the body. */
  readonly shown: Buffer;
  /** Whether that is the body as it came. */
  readonly isWhole: boolean;
}

/** @param token of the session, which signed the request; empty for keys without one */
export async function readErrorAnswer(
  body: AsyncIterable<Buffer>,
  headers: IncomingHttpHeaders,
  token: string,
): Promise<ErrorAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) break;
  }
  const bytes = Buffer.concat(chunks);
  const instead = (text: string) => ({ summary: text, shown: Buffer.from(`${text}\n`), isWhole: false });
  if (size > maxBytes) return instead('(not shown: it has more than 4 MB)');
  if (headers['content-encoding'] !== undefined) return instead('(not shown: it is compressed)');
  const text = bytes.toString('utf8');
  const elements = awsError(text.replaceAll('\0', ''));
  if (elements) {
    const shown = elements.map(([name, value]) => `<${name}>${withoutToken(value, token)}</${name}>`);
    const summary = withoutToken(elements.map(([, value]) => value).join(' '), token);
    return { ...instead(`<Error>${shown.join('')}</Error>`), summary };
  }
  const isSafe = withoutToken(text, token) === text;
  return isSafe ? { summary: text, shown: bytes, isWhole: true } : instead(withoutToken(text, token));
}

/** Code, Message and RequestId of an XML document, which is how AWS says what failed; undefined for other documents. */
function awsError(text: string): [name: string, value: string][] | undefined {
  if (!/^\s*<(?:\?xml|Error\b|ErrorResponse\b)/.test(text)) return undefined;
  return ['Code', 'Message', 'RequestId'].flatMap((name) => {
    const [, value] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(text) ?? [];
    return value === undefined ? [] : [[name, value] satisfies [string, string]];
  });
}

/** As it is, or nothing of it where the token is in it in any of the forms in which servers repeat what they were sent. */
export function withoutToken(text: string, token: string): string {
  return token !== '' && repeats(text, token) ? '(not shown: it repeats the session token)' : text;
}

function repeats(text: string, token: string): boolean {
  const bytes = Buffer.from(token);
  // Base64 has three alignments, by how many bytes precede the token. The letters at both ends depend on neighbours.
  const base64 = [0, 1, 2].map((shift) => {
    const coded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replaceAll('=', '');
    return coded.slice(shift === 0 ? 0 : 4, -4);
  });
  return views(text).some((view) => {
    const alphabet = view.replaceAll('-', '+').replaceAll('_', '/');
    return (
      view.includes(token) ||
      view.toLowerCase().includes(bytes.toString('hex')) ||
      base64.some((each) => alphabet.includes(each))
    );
  });
}

/** The text, and what it says once escapes are undone: of JSON, XML, percent signs (twice), and without white space. */
function views(text: string): readonly string[] {
  const plain = text.replaceAll('\0', '');
  const unescaped = plain
    .replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\(.)/g, '$1')
    .replace(/&#x([0-9a-f]{1,6});/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/&#(\d{1,7});/g, (_, code: string) => String.fromCharCode(Number(code)));
  const decoded = percentDecoded(unescaped);
  return [plain, unescaped, decoded, percentDecoded(decoded)].flatMap((each) => [each, each.replace(/[\s:]+/g, '')]);
}

function percentDecoded(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
