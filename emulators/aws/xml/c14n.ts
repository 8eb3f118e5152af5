// Exclusive XML Canonicalization 1.0 without comments, written for this emulator alone: the judge of a signature must not
// share the canonicalizer of the signer it judges.
import type { XmlAttribute, XmlElement } from './xml-tree.ts';

interface Options {
  /** The ds:Signature to leave out (enveloped-signature transform). */
  readonly omit?: XmlElement | undefined;
  /** InclusiveNamespaces PrefixList, `#default` already turned into the empty prefix. */
  readonly inclusivePrefixes?: readonly string[];
}

/** The canonical text of an element and all it holds. */
export function canonicalize(element: XmlElement, options: Options = {}): string {
  const out: string[] = [];
  writeElement(element, new Map(), options, out);
  return out.join('');
}

function writeElement(
  element: XmlElement,
  rendered: ReadonlyMap<string, string>,
  options: Options,
  out: string[],
): void {
  const declared = declarationsFor(element, rendered, options.inclusivePrefixes ?? []);
  out.push('<', element.name);
  for (const [prefix, uri] of declared) {
    out.push(prefix === '' ? ' xmlns="' : ` xmlns:${prefix}="`, escapeAttribute(uri), '"');
  }
  for (const attribute of element.attributes.toSorted(byNamespaceThenName)) {
    out.push(' ', attribute.name, '="', escapeAttribute(attribute.value), '"');
  }
  out.push('>');
  const below = declared.length === 0 ? rendered : new Map([...rendered, ...declared]);
  for (const child of element.children) {
    if (typeof child === 'string') out.push(escapeText(child));
    else if (child !== options.omit) writeElement(child, below, options, out);
  }
  out.push('</', element.name, '>');
}

/** Exclusive C14N §3: a namespace is declared where it is visibly used and no output ancestor declared the same. */
function declarationsFor(
  element: XmlElement,
  rendered: ReadonlyMap<string, string>,
  inclusivePrefixes: readonly string[],
): [string, string][] {
  const used = new Set([element.prefix]);
  for (const attribute of element.attributes) if (attribute.prefix !== '') used.add(attribute.prefix);
  for (const prefix of inclusivePrefixes) if (element.namespaces.has(prefix)) used.add(prefix);
  used.delete('xml');
  const declared: [string, string][] = [];
  for (const prefix of used) {
    const uri = element.namespaces.get(prefix) ?? '';
    if ((rendered.get(prefix) ?? '') !== uri) declared.push([prefix, uri]);
  }
  return declared.sort(([a], [b]) => compareCodePoints(a, b));
}

function byNamespaceThenName(a: XmlAttribute, b: XmlAttribute): number {
  return compareCodePoints(a.uri, b.uri) || compareCodePoints(a.local, b.local);
}

function compareCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}

function escapeAttribute(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\t', '&#x9;')
    .replaceAll('\n', '&#xA;')
    .replaceAll('\r', '&#xD;');
}

function escapeText(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#xD;');
}
