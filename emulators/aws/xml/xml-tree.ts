// A small immutable XML tree over saxes: namespaces resolved, no DTD, no processing instructions. Comments vanish, so that
// text reads the same here as in the canonical form that was signed.
import { SaxesParser } from 'saxes';

/** One attribute that is not a namespace declaration. */
export interface XmlAttribute {
  readonly name: string;
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
  readonly value: string;
}

/** One element with the namespaces in scope at it. */
export interface XmlElement {
  readonly name: string;
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
  readonly attributes: readonly XmlAttribute[];
  readonly namespaces: ReadonlyMap<string, string>;
  readonly children: readonly (XmlElement | string)[];
}

/** Thrown for anything that is not one well-formed, DTD-free document. */
export class XmlRefused extends Error {}

const XMLNS = 'http://www.w3.org/2000/xmlns/';
const MAX_DEPTH = 64;

interface OpenElement extends XmlElement {
  readonly children: (XmlElement | string)[];
}

/** Parses a whole document. @throws XmlRefused */
export function parseXml(text: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  parser.on('error', (error) => refuse(error.message));
  parser.on('doctype', () => refuse('document type declaration'));
  parser.on('processinginstruction', () => refuse('processing instruction'));
  parser.on('opentag', (tag) => {
    if (open.length >= MAX_DEPTH) refuse('nested too deeply');
    const attributes = Object.values(tag.attributes);
    const namespaces = scopeOf(open.at(-1)?.namespaces, tag.ns ?? {});
    open.push({
      name: tag.name,
      prefix: tag.prefix,
      local: tag.local,
      uri: tag.uri,
      attributes: attributes.filter((attribute) => attribute.uri !== XMLNS),
      namespaces,
      children: [],
    });
  });
  const addText = (value: string): void => {
    open.at(-1)?.children.push(value);
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const done = open.pop();
    if (done === undefined) return;
    const parent = open.at(-1);
    if (parent === undefined) root = done;
    else parent.children.push(done);
  });
  parser.write(text).close();
  if (root === undefined) throw new XmlRefused('no element');
  return root;
}

function refuse(reason: string): never {
  throw new XmlRefused(reason);
}

function scopeOf(
  outer: ReadonlyMap<string, string> | undefined,
  declared: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const entries = Object.entries(declared);
  if (outer !== undefined && entries.length === 0) return outer;
  return new Map([...(outer ?? []), ...entries]);
}

/** Child elements, in document order. */
export function childElements(element: XmlElement): XmlElement[] {
  return element.children.filter((child) => typeof child !== 'string');
}

/** Child elements of one expanded name. */
export function childrenNamed(element: XmlElement, uri: string, local: string): XmlElement[] {
  return childElements(element).filter((child) => child.uri === uri && child.local === local);
}

/** The element and everything below it. */
export function* walk(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of childElements(element)) yield* walk(child);
}

/** All text below an element, joined. */
export function textOf(element: XmlElement): string {
  return element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
}

/** The value of an attribute without a namespace. */
export function attributeOf(element: XmlElement, name: string): string | undefined {
  return element.attributes.find((attribute) => attribute.uri === '' && attribute.local === name)?.value;
}
