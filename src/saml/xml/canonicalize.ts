// Exclusive XML Canonicalization 1.0 without comments, over the tree of xml-reader. The reader has refused what would make
// it difficult: DOCTYPE, processing instructions, comments, CDATA, relative namespace URIs.
import { samlRefusal } from '../../errors.ts';
import type { XmlAttribute, XmlDeclaration, XmlElement } from './xml-tree.ts';

export interface CanonicalizeOptions {
  /** InclusiveNamespaces PrefixList; `#default` for the default namespace. */
  readonly inclusivePrefixes: readonly string[];
  /** Left out: the Signature that an enveloped-signature transform removes. */
  readonly without?: XmlElement | undefined;
  /** A namespace that is declared once may have to be written at every element: this bounds what comes of it. */
  readonly maxNamespaceLength?: number;
}

interface Writer {
  out: string;
  readonly apex: XmlElement;
  readonly inclusive: readonly string[];
  readonly without: XmlElement | undefined;
  /**
   * What the output has declared, by prefix, the innermost last. One map, changed on the way down and put back on the way
   * up: a copy for each element would let a stranger multiply the namespaces of a deep message with the elements of a wide
   * one.
   */
  readonly rendered: Map<string, string[]>;
  room: number;
  /** Those that were written last: elements whose tags are written alike share them. */
  attributes: readonly XmlAttribute[];
  attributesText: string;
}

/** @throws BrokerError saml_refused `too_large` */
export function canonicalize(element: XmlElement, options: CanonicalizeOptions): string {
  const writer: Writer = {
    out: '',
    apex: element,
    inclusive: options.inclusivePrefixes.map((prefix) => (prefix === '#default' ? '' : prefix)),
    without: options.without,
    rendered: new Map(),
    room: options.maxNamespaceLength ?? Number.POSITIVE_INFINITY,
    attributes: [],
    attributesText: '',
  };
  write(writer, element);
  return writer.out;
}

function write(writer: Writer, at: XmlElement): void {
  const { rendered } = writer;
  const { attributes, content } = at;
  const added = namespacesToRender(writer, at);
  writer.out += at.qname.startTag;
  for (const { prefix, uri } of added) {
    writer.out += `${prefix === '' ? ' xmlns' : ` xmlns:${prefix}`}="${escapeAttribute(uri)}"`;
    writer.room -= uri.length;
  }
  if (writer.room < 0) throw samlRefusal('too_large', 'the signed namespaces are written too often');
  if (attributes !== writer.attributes) {
    writer.attributes = attributes;
    writer.attributesText = attributesText(attributes);
  }
  writer.out += writer.attributesText;
  writer.out += '>';
  if (at.children.length === 0) writer.out += at.isPlain ? at.text : escapeText(at.text);
  else {
    for (const { prefix, uri } of added) {
      const uris = rendered.get(prefix);
      if (uris) uris.push(uri);
      else rendered.set(prefix, [uri]);
    }
    for (const item of content) {
      if (typeof item === 'string') writer.out += escapeText(item);
      else if (item !== writer.without) write(writer, item);
    }
    for (const { prefix } of added) rendered.get(prefix)!.pop();
  }
  writer.out += at.qname.endTag;
}

function attributesText(attributes: readonly XmlAttribute[]): string {
  let text = '';
  for (const { prefix, name, value } of attributes.length > 1 ? [...attributes].sort(byNamespace) : attributes) {
    text += ` ${prefix === '' ? name : `${prefix}:${name}`}="${escapeAttribute(value)}"`;
  }
  return text;
}

const none: XmlDeclaration[] = [];

// Exclusive C14N §3: prefixes that the element or its attributes use, and those listed as inclusive that are in scope;
// each where its meaning is not yet what the output says. Sorted by prefix, the default namespace first.
function namespacesToRender(writer: Writer, at: XmlElement): readonly XmlDeclaration[] {
  const { rendered, inclusive, apex } = writer;
  let added = render(none, rendered, at.qname.prefix, at.namespace);
  for (const { prefix, namespace } of at.attributes) {
    if (prefix !== '') added = render(added, rendered, prefix, namespace);
  }
  // What these mean changes nowhere else than where something is declared.
  if (inclusive.length > 0 && (at === apex || at.declarations.length > 0)) {
    for (const prefix of inclusive) {
      const before = added.length;
      added = render(added, rendered, prefix, inScope(at, prefix) ?? current(rendered, prefix));
      if (prefix === '' && added.length > before) ambiguous('#default brings a namespace in');
    }
  }
  for (const { prefix, name } of at.attributes) {
    if (prefix !== '' && inclusive.includes(name)) ambiguous('an attribute is named like a prefix of the PrefixList');
  }
  return added.length > 1
    ? added.sort((a, b) => {
        const order = compare(a.prefix, b.prefix);
        if (Math.sign(a.prefix.localeCompare(b.prefix)) !== Math.sign(order)) ambiguous('the order of prefixes');
        return order;
      })
    : added;
}

function render(added: XmlDeclaration[], rendered: Writer['rendered'], prefix: string, uri: string): XmlDeclaration[] {
  if (prefix === 'xml' || current(rendered, prefix) === uri) return added;
  if (added === none) return [{ prefix, uri }];
  if (!added.some((other) => other.prefix === prefix)) added.push({ prefix, uri });
  return added;
}

function current(rendered: Writer['rendered'], prefix: string): string {
  const uris = rendered.get(prefix);
  return uris?.[uris.length - 1] ?? '';
}

/**
 * Where xml-crypto's canonical form departs from the standard. What two verifiers canonicalize differently is refused: no
 * identity provider that we know sends it, and a second verifier must be able to check whatever the first accepts.
 */
function ambiguous(what: string): never {
  throw samlRefusal('malformed', `canonical forms differ: ${what}`);
}

function inScope(element: XmlElement, prefix: string): string | undefined {
  for (let at: XmlElement | undefined = element; at; at = at.parent) {
    const found = at.declarations.find((declaration) => declaration.prefix === prefix);
    if (found) return found.uri;
  }
  return undefined;
}

// Canonical XML §2.2: by namespace URI, those without first, then by local name.
function byNamespace(a: XmlAttribute, b: XmlAttribute): number {
  const order = compare(a.namespace, b.namespace) || compare(a.name, b.name);
  if (a.namespace === '' || b.namespace === '' || order === 0) return order;
  if (a.namespace + a.name < b.namespace + b.name !== order < 0) ambiguous('the order of attributes');
  return order;
}

/** By code point: surrogates come behind U+E000 to U+FFFF, which `<` puts behind them. */
function compare(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return byCodePoint(x) - byCodePoint(y);
  }
  return a.length - b.length;
}

function byCodePoint(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function escapeText(text: string): string {
  if (!/[&<>\r]/.test(text)) return text;
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped.replaceAll('\r', '&#xD;');
}

function escapeAttribute(text: string): string {
  return /[&<"\t\n\r]/.test(text) ? text.replace(/[&<"\t\n\r]/g, (c) => attributeEscapes[c]!) : text;
}

const attributeEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};
