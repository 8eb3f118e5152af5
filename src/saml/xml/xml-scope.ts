// The namespaces in scope while XML is read (Namespaces in XML §3 to §6).
import { ns } from '../names.ts';
import { malformed } from './xml-characters.ts';
import type { XmlDeclaration } from './xml-tree.ts';

export interface Scope {
  readonly uris: Map<string, string>;
  /** What there was outside of the elements that are open: prefix and URI in turns. */
  readonly outside: (string | undefined)[];
}

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';
const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/';

/** RFC 3986 §3 with a scheme, without user information, IP literals and `&`. */
const absoluteUri =
  /^[a-z][a-z0-9+.-]*:(?:\/\/[\w.~-]+(?::\d{1,5})?(?=[/?#]|$)|(?!\/\/))(?:[\w.~:/@!$'()*+,;=-]|%[0-9a-f]{2})*(?:\?(?:[\w.~:/?@!$'()*+,;=-]|%[0-9a-f]{2})*)?(?:#(?:[\w.~:/?@!$'()*+,;=-]|%[0-9a-f]{2})*)?$/i;

/** The very string that others compare a namespace with: equal ones that are one object are compared at once. */
const known = new Map<string, string>(Object.values(ns).map((uri) => [uri, uri]));

export function createScope(): Scope {
  return { uris: new Map([['xml', xmlNamespace]]), outside: [] };
}

/** @throws BrokerError saml_refused `malformed` */
export function namespaceOf({ uris }: Scope, prefix: string): string {
  return uris.get(prefix) ?? (prefix === '' ? '' : malformed('a prefix is not bound'));
}

/** Adds to the declarations of an element. @throws BrokerError saml_refused `malformed` */
export function declare(scope: Scope, declarations: XmlDeclaration[], declared: XmlDeclaration): void {
  const { prefix, uri } = declared;
  const isReserved = /^xml/i.test(prefix) || uri === xmlnsNamespace || uri === xmlNamespace;
  if (isReserved) malformed('a reserved prefix or namespace is declared');
  if (uri === '' && prefix !== '') malformed('a prefix is undeclared');
  // Exclusive C14N §1.3 leaves relative namespace URIs undefined, xml-crypto does not escape them, and libxml2 does not
  // canonicalize a value that is not a URI.
  if (uri !== '' && !absoluteUri.test(uri)) malformed('relative or unusual namespace URI');
  if (declarations.some((other) => other.prefix === prefix)) malformed('a namespace is declared twice');
  const same = { prefix, uri: known.get(uri) ?? uri };
  declarations.push(same);
  enterScope(scope, same);
}

export function enterScope({ uris, outside }: Scope, { prefix, uri }: XmlDeclaration): void {
  outside.push(prefix, uris.get(prefix));
  uris.set(prefix, uri);
}

/** At the end of the element that declared them. */
export function leaveScope({ uris, outside }: Scope, declarations: readonly XmlDeclaration[]): void {
  for (let i = declarations.length; i > 0; i--) {
    const uri = outside.pop();
    const prefix = outside.pop()!;
    if (uri === undefined) uris.delete(prefix);
    else uris.set(prefix, uri);
  }
}
