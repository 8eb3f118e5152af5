// Writing and reading XML for the emulator: one escaping function, and a small strict reader without DTDs.

import { SaxesParser } from 'saxes';

/** An element as read: namespace-aware, with its place in the source text. */
export interface XmlElement {
  readonly name: string;
  readonly namespace: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
  /** Prefixes declared on this element, `''` for the default namespace. */
  readonly declared: Readonly<Record<string, string>>;
  readonly start: number;
  end: number;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};

/**
 * Escapes a value for element content or an attribute, in XML and in HTML.
 *
 * @throws Error on characters that XML 1.0 cannot carry at all (controls, lone surrogates)
 */
export function escapeXml(value: string): string {
  for (const character of value) {
    const code = character.codePointAt(0) ?? 0;
    const isControl = code < 0x20 && code !== 0x9 && code !== 0xa && code !== 0xd;
    // XML 1.0 §2.2 Char.
    if (isControl || (code >= 0xd800 && code <= 0xdfff) || code === 0xfffe || code === 0xffff) {
      throw new Error(`U+${code.toString(16)} cannot stand in XML`);
    }
  }
  return value.replace(/[&<>"'\t\n\r]/g, (character) => escapes[character] ?? character);
}

/**
 * Reads a whole document.
 *
 * @throws Error when it is not well-formed or has a DTD, comment or processing instruction
 */
export function parseXml(source: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  let tagStart = 0;
  const refuse = (what: string) => () => {
    throw new Error(`${what} is not accepted`);
  };
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', refuse('a DTD'));
  parser.on('comment', refuse('a comment'));
  parser.on('processinginstruction', refuse('a processing instruction'));
  parser.on('opentagstart', () => {
    tagStart = source.lastIndexOf('<', parser.position - 1);
  });
  parser.on('opentag', (tag) => {
    const attributes = new Map<string, string>();
    for (const attribute of Object.values(tag.attributes)) {
      if (attribute.uri === '') attributes.set(attribute.name, attribute.value);
    }
    const { local: name, uri: namespace, ns: declared } = tag;
    const element = { name, namespace, attributes, children: [], text: '', declared, start: tagStart, end: 0 };
    open.at(-1)?.children.push(element);
    open.push(element);
    root ??= element;
  });
  const appendText = (text: string) => {
    for (const element of open.slice(-1)) element.text += text;
  };
  parser.on('text', appendText);
  parser.on('cdata', appendText);
  parser.on('closetag', () => {
    const element = open.pop();
    if (element !== undefined) element.end = parser.position;
  });
  parser.write(source).close();
  if (root === undefined) throw new Error('no element');
  return root;
}

/** Child elements of one name. */
export function childrenOf(element: XmlElement, namespace: string, name: string): XmlElement[] {
  return element.children.filter((child) => child.namespace === namespace && child.name === name);
}

/**
 * The one child of a name, if there is one.
 *
 * @throws Error when there are several
 */
export function childOf(element: XmlElement, namespace: string, name: string): XmlElement | undefined {
  const found = childrenOf(element, namespace, name);
  if (found.length > 1) throw new Error(`more than one ${name}`);
  return found[0];
}
