// The tree that xml-reader builds: elements with their namespaces, and how each was written, which canonicalization needs.
import { samlRefusal } from '../../errors.ts';
import { collapseSpace, type QName } from './xml-characters.ts';

export interface StartTag {
  /** In the order of the document, namespace declarations left out. */
  readonly attributes: readonly XmlAttribute[];
  /** The namespace declarations on this element. */
  readonly declarations: readonly XmlDeclaration[];
}

export interface XmlElement extends StartTag {
  readonly namespace: string;
  /** Local name. */
  readonly name: string;
  /** How it was written. */
  readonly qname: QName;
  readonly parent: XmlElement | undefined;
  readonly children: readonly XmlElement[];
  /** The element's own character data, joined. */
  readonly text: string;
  /** Whether character data was written without `&` and `>`: it is its own canonical form. */
  readonly isPlain: boolean;
  /** Children and character data in document order. Empty without children: `text` is everything then. */
  readonly content: readonly (XmlElement | string)[];
}

export interface XmlAttribute {
  readonly prefix: string;
  readonly namespace: string;
  readonly name: string;
  readonly value: string;
}

/** The default namespace has the empty prefix. */
export interface XmlDeclaration {
  readonly prefix: string;
  readonly uri: string;
}

/** The value of the attribute of this name that has no namespace, if there is the element and it has it. */
export function attributeOf(element: XmlElement | undefined, name: string): string | undefined {
  if (!element) return undefined;
  for (const attribute of element.attributes) {
    if (attribute.name === name && attribute.namespace === '') return attribute.value;
  }
  return undefined;
}

/** One that XML Schema reads as a URI or a name: white space at its ends does not count (Datatypes §4.3.6). */
export function tokenOf(element: XmlElement | undefined, name: string): string | undefined {
  const written = attributeOf(element, name);
  return written === undefined ? undefined : collapseSpace(written);
}

export function isElement(element: XmlElement, namespace: string, name: string): boolean {
  return element.name === name && element.namespace === namespace;
}

/** The children with this name in this namespace. */
export function childrenOf(parent: XmlElement, namespace: string, name: string): XmlElement[] {
  return parent.children.filter((child) => isElement(child, namespace, name));
}

/** The only child of this name, or undefined. @throws BrokerError saml_refused `malformed` if there are several */
export function onlyChild(parent: XmlElement, namespace: string, name: string): XmlElement | undefined {
  let found: XmlElement | undefined;
  for (const child of parent.children) {
    if (!isElement(child, namespace, name)) continue;
    if (found) throw samlRefusal('malformed', `more than one ${name} in ${parent.name}`);
    found = child;
  }
  return found;
}

/** Every element of the tree in document order, the root first. */
export function* walk(root: XmlElement): Generator<XmlElement> {
  const pending = [root];
  for (let element = pending.pop(); element; element = pending.pop()) {
    yield element;
    for (let i = element.children.length - 1; i >= 0; i--) pending.push(element.children[i]!);
  }
}
