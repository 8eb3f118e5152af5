// Reads XML into a small namespace-aware tree, in one strict streaming pass. Refuses whatever two parsers could read
// differently: DOCTYPE, processing instructions, comments, CDATA, other encodings, relative namespaces.
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { samlRefusal } from '../../errors.ts';

export interface XmlElement {
  readonly namespace: string;
  readonly name: string;
  /** By local name for attributes without namespace, by `{namespace}name` for the others. Declarations are left out. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  readonly parent: XmlElement | undefined;
  /** The element's own character data, joined. */
  text: string;
  /** What canonicalization needs besides: how it was written. */
  readonly written: WrittenForm;
}

export interface WrittenForm {
  readonly prefix: string;
  /** Namespace declarations on this element, by prefix; the default one under the empty string. */
  readonly declarations: ReadonlyMap<string, string>;
  readonly attributes: readonly {
    readonly prefix: string;
    readonly namespace: string;
    readonly name: string;
    readonly value: string;
  }[];
  /** Children and character data in document order. */
  readonly content: (XmlElement | string)[];
}

export interface XmlLimits {
  readonly maxDepth: number;
  readonly maxElements: number;
  /** Children of one element. */
  readonly maxChildren: number;
  readonly maxAttributes: number;
  /** Metadata written by people has comments and processing instructions are harmless there: it is not canonicalised. */
  readonly allowComments: boolean;
}

/**
 * Room for as many groups as fit into 256 KB. The work of node-saml grows with the square of the number of siblings.
 */
export const messageLimits: XmlLimits = {
  maxDepth: 32,
  maxElements: 10_000,
  maxChildren: 4096,
  maxAttributes: 32,
  allowComments: false,
};
export const metadataLimits: XmlLimits = {
  maxDepth: 64,
  maxElements: 200_000,
  maxChildren: 200_000,
  maxAttributes: 64,
  allowComments: true,
};

const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/';

/** @throws BrokerError saml_refused `malformed` or `too_large` */
export function readXml(text: string, limits: XmlLimits): XmlElement {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const tree = buildTree(limits);
  // saxes goes on after an error unless its handler throws.
  parser.on('error', (error) => malformed(`not well-formed: ${error.message.slice(0, 120)}`));
  parser.on('xmldecl', (declaration) => {
    if (declaration.version !== '1.0') malformed('XML version is not 1.0');
    if (declaration.encoding !== undefined && declaration.encoding.toLowerCase() !== 'utf-8') malformed('not UTF-8');
  });
  parser.on('doctype', () => malformed('DOCTYPE'));
  parser.on('cdata', () => malformed('CDATA section'));
  if (!limits.allowComments) {
    parser.on('processinginstruction', () => malformed('processing instruction'));
    parser.on('comment', () => malformed('comment'));
  }
  parser.on('opentag', (tag) => tree.open(tag));
  parser.on('text', (data) => tree.text(data));
  parser.on('closetag', () => tree.close());
  parser.write(text).close();
  return tree.root();
}

/** The children with this name in this namespace. */
export function childrenOf(parent: XmlElement, namespace: string, name: string): XmlElement[] {
  return parent.children.filter((child) => child.namespace === namespace && child.name === name);
}

/** The only child of this name, or undefined. @throws BrokerError saml_refused `malformed` if there are several */
export function onlyChild(parent: XmlElement, namespace: string, name: string): XmlElement | undefined {
  const found = childrenOf(parent, namespace, name);
  if (found.length > 1) malformed(`more than one ${name} in ${parent.name}`);
  return found[0];
}

/** Every element of the tree in document order, the root first. */
export function* walk(root: XmlElement): Generator<XmlElement> {
  const pending = [root];
  for (let element = pending.pop(); element; element = pending.pop()) {
    yield element;
    for (let i = element.children.length - 1; i >= 0; i--) pending.push(element.children[i]!);
  }
}

function buildTree(limits: XmlLimits) {
  let root: XmlElement | undefined;
  let current: XmlElement | undefined;
  let depth = 0;
  let elements = 0;
  return {
    open(tag: SaxesTagNS): void {
      if (++depth > limits.maxDepth) throw samlRefusal('too_large', 'elements nested too deeply');
      if (++elements > limits.maxElements) throw samlRefusal('too_large', 'too many elements');
      const element = { ...readTag(tag, limits), children: [], parent: current, text: '' };
      if (current) {
        if (current.children.length >= limits.maxChildren) throw samlRefusal('too_large', 'too many siblings');
        current.children.push(element);
        current.written.content.push(element);
      } else root = element;
      current = element;
    },
    text(data: string): void {
      if (!current) return;
      current.text += data;
      current.written.content.push(data);
    },
    close(): void {
      depth--;
      current = current?.parent;
    },
    root: (): XmlElement => root ?? malformed('no root element'),
  };
}

function readTag(tag: SaxesTagNS, limits: XmlLimits) {
  const all = Object.values(tag.attributes);
  if (all.length > limits.maxAttributes) throw samlRefusal('too_large', 'too many attributes on one element');
  const attributes = new Map<string, string>();
  const declarations = new Map<string, string>();
  const written: { prefix: string; namespace: string; name: string; value: string }[] = [];
  for (const { uri, prefix, local, value } of all) {
    if (uri === xmlnsNamespace) {
      requireAbsolute(value);
      declarations.set(prefix === '' ? '' : local, value);
    } else {
      attributes.set(uri === '' ? local : `{${uri}}${local}`, value);
      written.push({ prefix, namespace: uri, name: local, value });
    }
  }
  return {
    namespace: tag.uri,
    name: tag.local,
    attributes,
    written: { prefix: tag.prefix, declarations, attributes: written, content: [] },
  };
}

// Exclusive C14N §1.3 leaves relative namespace URIs undefined: implementations differ on them.
function requireAbsolute(uri: string): void {
  if (uri !== '' && !/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(uri)) malformed('relative namespace URI');
}

function malformed(message: string): never {
  throw samlRefusal('malformed', message);
}
