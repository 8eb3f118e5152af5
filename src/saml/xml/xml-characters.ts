// Characters, names and references of XML 1.0 (§2.2, §2.3, §4.1) for xml-reader.
import { samlRefusal } from '../../errors.ts';

export function malformed(message: string): never {
  throw samlRefusal('malformed', message);
}

// XML 1.0 §2.2 Char leaves these out. With the u flag a surrogate is found only where it is not one of a pair.
const forbidden = /[\p{Cs}\ufffe\uffff]|(?![\t\n\r\x7f-\x9f])\p{Cc}/u;

/**
 * Line separators besides LF and CR. XML 1.0 takes them for letters, XML 1.1 and several parsers turn them into LF: two
 * readers of one signed message would read two values.
 */
const separator = /[\x85\u2028\u2029]/;
const separatorNames: Readonly<Record<string, string>> = {
  '\x85': 'U+0085 (NEXT LINE)',
  '\u2028': 'U+2028 (LINE SEPARATOR)',
  '\u2029': 'U+2029 (PARAGRAPH SEPARATOR)',
};

/** Every character of a text. @throws BrokerError saml_refused `malformed` */
export function checkCharacters(text: string, allowsSeparators: boolean): void {
  if (!/[^\t\n\x20-\x7e]/.test(text)) return;
  if (forbidden.test(text)) malformed('a character that XML does not allow');
  const found = allowsSeparators ? undefined : separator.exec(text)?.[0];
  if (found !== undefined)
    malformed(`the message holds ${separatorNames[found]}, which readers of XML take differently`);
}

/** Without white space as XML knows it (§2.3) at both ends. */
export function trimSpace(text: string): string {
  return text.replace(/^[\t\n\r ]+/, '').replace(/[\t\n\r ]+$/, '');
}

/** As XML Schema reads a token or a URI: white space is one space inside and none at the ends (Datatypes §4.3.6). */
export function collapseSpace(text: string): string {
  return text
    .split(/[\t\n\r ]+/)
    .filter((part) => part !== '')
    .join(' ');
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const notNamed = /&(?!(?:lt|gt|amp|quot|apos);)/;
const reference = /^&(?:(lt|gt|amp|quot|apos)|#(\d+)|#x([0-9A-Fa-f]+));$/;

/** The text with its character references replaced. No other entities are allowed. @throws as checkCharacters */
export function resolveReferences(text: string, allowsSeparators: boolean): string {
  if (!text.includes('&')) return text;
  // The usual ones in a few fast steps. `&amp;` comes last: what it leaves behind is text.
  if (!notNamed.test(text)) {
    const resolved = text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"');
    return resolved.replaceAll('&apos;', "'").replaceAll('&amp;', '&');
  }
  const known = new Map<string, string>();
  let resolved = '';
  let at = 0;
  for (let next = text.indexOf('&'); next >= 0; next = text.indexOf('&', at)) {
    const end = text.indexOf(';', next) + 1;
    const written = text.slice(next, end);
    const character = known.get(written) ?? characterOf(written, allowsSeparators);
    known.set(written, character);
    resolved += text.slice(at, next) + character;
    at = end;
  }
  return resolved + text.slice(at);
}

function characterOf(written: string, allowsSeparators: boolean): string {
  const found = reference.exec(written) ?? malformed('an & that begins no reference');
  const [, name, decimal, hexadecimal] = found;
  if (name !== undefined) return named[name]!;
  const code = decimal === undefined ? Number.parseInt(hexadecimal!, 16) : Number.parseInt(decimal, 10);
  if (code > 0x10ffff) malformed('a reference beyond Unicode');
  const character = String.fromCodePoint(code);
  checkCharacters(character, allowsSeparators);
  return character;
}

const ncName = /^[A-Za-z_][\w.-]*$/;

/** A name as the tags of an element have it. */
export interface QName {
  readonly prefix: string;
  readonly local: string;
  /** The tags, up to where attributes may stand, and whole. */
  readonly startTag: string;
  readonly endTag: string;
}

/**
 * Namespaces in XML §4 QName, in ASCII: parsers have different tables of other letters. Names that begin with `xml` are
 * reserved (XML 1.0 §2.3), and xml-crypto leaves such attributes out.
 * @throws BrokerError saml_refused `malformed`
 */
export function splitName(qname: string): QName {
  const colon = qname.indexOf(':');
  const [prefix, local] = [qname.slice(0, Math.max(colon, 0)), qname.slice(colon + 1)];
  if (!ncName.test(local) || (colon >= 0 && !ncName.test(prefix))) malformed('not a name with at most one prefix');
  const isReserved = /^xml/i.test(qname) && prefix !== 'xml' && prefix !== 'xmlns' && qname !== 'xmlns';
  if (isReserved) malformed('a name that begins with xml');
  return { prefix, local, startTag: ['<', qname].join(''), endTag: ['</', qname, '>'].join('') };
}
