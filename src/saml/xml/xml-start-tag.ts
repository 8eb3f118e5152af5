// The start of an element, as xml-reader meets it: names, attributes and namespace declarations.
import { samlRefusal } from '../../errors.ts';
import { malformed, type QName, resolveReferences, splitName } from './xml-characters.ts';
import { declare, namespaceOf, type Scope } from './xml-scope.ts';
import type { StartTag, XmlAttribute, XmlDeclaration } from './xml-tree.ts';

export interface XmlLimits {
  readonly maxDepth: number;
  readonly maxElements: number;
  /** Children of one element. */
  readonly maxChildren: number;
  /** On one element, with namespace declarations. */
  readonly maxAttributes: number;
  /** Different ones, of elements and attributes, prefixes included. */
  readonly maxNames: number;
  /** In all tags that are not like the one before. */
  readonly maxAttributesInAll: number;
  /** Start tags that are read in full: unlike those that were read before under the same namespaces. */
  readonly maxTags: number;
  /** Characters that reading or the canonical form replaces, one by one: `&`, CR, `>` in text, tab, LF and `"` in values. */
  readonly maxReplaced: number;
  /** A document that people wrote: comments and processing instructions are passed over, any line separator is taken. */
  readonly isLenient: boolean;
}

/** Where reading has come to. */
export interface Cursor {
  readonly text: string;
  readonly limits: XmlLimits;
  readonly scope: Scope;
  /** Those that the document has had so far. */
  readonly names: Map<string, QName>;
  at: number;
  attributes: number;
  replaced: number;
}

const attributeHere = /[ \t\n]+([^ \t\n=/>"']+)[ \t\n]*=[ \t\n]*(?:"([^<"]*)"|'([^<']*)')/y;

// Elements without any share these; nothing is ever added to them.
const noAttributes: XmlAttribute[] = [];
const noDeclarations: XmlDeclaration[] = [];

/** Up to the end of the tag. Brings the namespaces that the element declares into scope; the caller takes them out again. */
export function readAttributes(reader: Cursor): StartTag {
  const { text, limits, scope } = reader;
  let attributes = noAttributes;
  let declarations = noDeclarations;
  for (let count = 0; text[reader.at] !== '>'; ) {
    const found = match(reader, attributeHere);
    if (!found) break;
    countAttributes(reader, 1);
    if (++count > limits.maxAttributes) throw samlRefusal('too_large', 'too many attributes on one element');
    const { prefix, local: name } = nameOf(reader, found[1]!);
    const value = resolveReferences(normalizedSpace(reader, (found[2] ?? found[3])!), limits.isLenient);
    if (prefix === 'xmlns' || (prefix === '' && name === 'xmlns')) {
      if (declarations === noDeclarations) declarations = [];
      declare(scope, declarations, { prefix: prefix === '' ? '' : name, uri: value });
    } else {
      if (attributes === noAttributes) attributes = [];
      attributes.push({ prefix, namespace: '', name, value });
    }
  }
  // Only behind the last attribute is it known what the prefixes mean.
  for (let i = 0; i < attributes.length; i++) {
    const { prefix, name, value } = attributes[i]!;
    const namespace = prefix === '' ? '' : namespaceOf(scope, prefix);
    for (let j = 0; j < i; j++) {
      if (attributes[j]!.name === name && attributes[j]!.namespace === namespace) malformed('duplicate attribute');
    }
    if (namespace !== '') attributes[i] = { prefix, namespace, name, value };
  }
  return { attributes, declarations };
}

/** XML 1.0 §3.3.3: white space becomes a space, unless it is written as a reference. */
function normalizedSpace(reader: Cursor, value: string): string {
  if (!/[\t\n"]/.test(value)) return value;
  for (const character of ['\t', '\n', '"']) countReplaced(reader, value, character);
  return value.split('\t').join(' ').split('\n').join(' ');
}

/** @throws BrokerError saml_refused `too_large` */
export function countReplaced(
  reader: { readonly limits: XmlLimits; replaced: number },
  text: string,
  character: string,
): void {
  const { maxReplaced } = reader.limits;
  if (maxReplaced === Number.POSITIVE_INFINITY) return;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) {
    if (++reader.replaced > maxReplaced) throw samlRefusal('too_large', 'too many references and characters to escape');
  }
}

/** @throws BrokerError saml_refused `too_large` */
export function countAttributes(reader: Cursor, count: number): void {
  reader.attributes += count;
  if (reader.attributes > reader.limits.maxAttributesInAll) throw samlRefusal('too_large', 'too many attributes');
}

/** Names of earlier documents: messages have the same few. */
const earlierNames = new Map<string, QName>();

/** A name, split once. @throws BrokerError saml_refused `malformed` or `too_large` */
export function nameOf({ names, limits }: Cursor, qname: string): QName {
  const known = names.get(qname);
  if (known) return known;
  if (names.size >= limits.maxNames) throw samlRefusal('too_large', 'too many different names');
  const name = earlierNames.get(qname) ?? splitName(qname);
  names.set(qname, name);
  if (earlierNames.size >= 500) earlierNames.clear();
  if (qname.length <= 64) earlierNames.set(qname, name);
  return name;
}

/** Matches at the cursor and moves it past the match; undefined if the text is something else. */
export function match(reader: Cursor, what: RegExp): RegExpExecArray | undefined {
  what.lastIndex = reader.at;
  const found = what.exec(reader.text);
  if (!found) return undefined;
  reader.at = what.lastIndex;
  return found;
}
