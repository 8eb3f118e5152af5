// Exclusive XML Canonicalization 1.0 without comments, over the tree of xml-reader. The gate has refused what would make
// it difficult: DOCTYPE, processing instructions, comments, CDATA, relative namespace URIs.
import type { XmlElement } from './xml-reader.ts';

export interface CanonicalizeOptions {
  /** InclusiveNamespaces PrefixList; `#default` for the default namespace. */
  readonly inclusivePrefixes: readonly string[];
  /** Left out: the Signature that an enveloped-signature transform removes. */
  readonly without?: XmlElement | undefined;
}

type Namespaces = ReadonlyMap<string, string>;

export function canonicalize(element: XmlElement, options: CanonicalizeOptions): string {
  const inclusive = new Set(options.inclusivePrefixes.map((prefix) => (prefix === '#default' ? '' : prefix)));
  const parts: string[] = [];
  // One map, changed on the way down and put back on the way up: a copy for each element would let a stranger multiply
  // the namespaces of a deep message with the elements of a wide one.
  const rendered = new Map<string, string>();
  const write = (at: XmlElement): void => {
    const { prefix, content } = at.written;
    const name = prefix === '' ? at.name : `${prefix}:${at.name}`;
    const added = namespacesToRender(at, rendered, inclusive);
    parts.push(
      '<',
      name,
      ...added.map(([p, uri]) => `${p === '' ? ' xmlns' : ` xmlns:${p}`}="${escapeAttribute(uri)}"`),
    );
    for (const attribute of sortedAttributes(at)) {
      const full = attribute.prefix === '' ? attribute.name : `${attribute.prefix}:${attribute.name}`;
      parts.push(` ${full}="${escapeAttribute(attribute.value)}"`);
    }
    parts.push('>');
    const outside = added.map(([p]) => [p, rendered.get(p) ?? ''] as const);
    for (const [p, uri] of added) rendered.set(p, uri);
    for (const item of content) {
      if (typeof item === 'string') parts.push(escapeText(item));
      else if (item !== options.without) write(item);
    }
    for (const [p, uri] of outside) rendered.set(p, uri);
    parts.push('</', name, '>');
  };
  write(element);
  return parts.join('');
}

// Exclusive C14N §3: prefixes that the element or its attributes use, and those listed as inclusive that are in scope;
// each where its meaning is not yet what the output says. Sorted by prefix, the default namespace first.
function namespacesToRender(at: XmlElement, rendered: Namespaces, inclusive: ReadonlySet<string>): [string, string][] {
  const used = new Set([
    at.written.prefix,
    ...at.written.attributes.map(({ prefix }) => prefix).filter((p) => p !== ''),
  ]);
  for (const prefix of inclusive) if (inScope(at, prefix) !== undefined) used.add(prefix);
  used.delete('xml');
  return [...used]
    .map((prefix): [string, string] => [prefix, inScope(at, prefix) ?? ''])
    .filter(([prefix, uri]) => (rendered.get(prefix) ?? '') !== uri)
    .sort(([a], [b]) => compare(a, b));
}

function inScope(element: XmlElement, prefix: string): string | undefined {
  for (let at: XmlElement | undefined = element; at; at = at.parent) {
    const uri = at.written.declarations.get(prefix);
    if (uri !== undefined) return uri;
  }
  return undefined;
}

// Canonical XML §2.2: by namespace URI, those without first, then by local name.
function sortedAttributes(at: XmlElement) {
  return [...at.written.attributes].sort((a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name));
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function escapeText(text: string): string {
  return text.replace(/[&<>\r]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c] ?? '&#xD;');
}

function escapeAttribute(text: string): string {
  return text.replace(/[&<"\t\n\r]/g, (c) => attributeEscapes[c]!);
}

const attributeEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};
