// The source of a message as a tree for mutations: names, values and text as they are written, references included. It
// shares no code with the product's reader.
import { type Chance, pick } from '../support/mutate.ts';

export interface SourceElement {
  name: string;
  attributes: SourceAttribute[];
  content: (SourceElement | string)[];
}

interface SourceAttribute {
  name: string;
  /** Between the quotes. */
  raw: string;
}

export interface Placed {
  readonly element: SourceElement;
  readonly parent: SourceElement | undefined;
}

const token = /<(\/?)([^\s<>/"']+)((?:\s+[^\s=<>"']+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/gy;
const attribute = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** The root element, or undefined for text that is not made of elements alone. */
export function parseSource(xml: string): SourceElement | undefined {
  const text = xml.replace(/^\ufeff?<\?xml[^>]*\?>/, '').trim();
  const open: SourceElement[] = [{ name: '', attributes: [], content: [] }];
  let end = 0;
  for (const found of text.matchAll(token)) {
    const [all, close, name, attributes, empty, characters] = found;
    end = found.index + all.length;
    const top = open.at(-1)!;
    if (characters !== undefined) top.content.push(characters);
    else if (close === '/') {
      if (open.pop()?.name !== name || open.length === 0) return undefined;
    } else {
      const element = { name: name!, attributes: parseAttributes(attributes!), content: [] };
      top.content.push(element);
      if (empty === '') open.push(element);
    }
  }
  const [root, ...others] = open[0]!.content;
  const isWhole = end === text.length && open.length === 1 && others.length === 0;
  return isWhole && root !== undefined && typeof root !== 'string' ? root : undefined;
}

function parseAttributes(text: string): SourceAttribute[] {
  return [...text.matchAll(attribute)].map(([, name, double, single]) => ({
    name: name!,
    raw: double ?? single!.replaceAll('"', '&quot;'),
  }));
}

export function cloneSource({ name, attributes, content }: SourceElement): SourceElement {
  return {
    name,
    attributes: attributes.map((each) => ({ ...each })),
    content: content.map((item) => (typeof item === 'string' ? item : cloneSource(item))),
  };
}

/** Every element of the tree in document order, the root first. */
export function placesOf(root: SourceElement): Placed[] {
  const places: Placed[] = [];
  const visit = (element: SourceElement, parent: SourceElement | undefined) => {
    places.push({ element, parent });
    for (const item of element.content) if (typeof item !== 'string') visit(item, element);
  };
  visit(root, undefined);
  return places;
}

export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

export function prefixOf(name: string): string {
  return name.slice(0, Math.max(name.indexOf(':'), 0));
}

export function childrenNamed(parent: SourceElement, local: string): SourceElement[] {
  return parent.content.filter(
    (item): item is SourceElement => typeof item !== 'string' && localName(item.name) === local,
  );
}

/** The URI that the prefix has at this place, '' for none. */
export function uriOf(prefix: string, path: readonly SourceElement[]): string {
  const name = prefix === '' ? 'xmlns' : `xmlns:${prefix}`;
  for (let i = path.length - 1; i >= 0; i--) {
    const found = path[i]!.attributes.find((each) => each.name === name);
    if (found) return found.raw;
  }
  return '';
}

/** Each of them means the same to every reader of XML. */
const separators = [' ', ' ', ' ', '\n', '\t', '  ', '\r\n', ' \n '];
const equals = ['=', '=', '=', ' =', '= ', '\n=\t'];

/** The text, written as usual, or in as many ways as XML allows. */
export function writeSource({ name, attributes, content }: SourceElement, chance: Chance | undefined): string {
  const written = attributes.map((each) => {
    if (!chance) return ` ${each.name}="${each.raw}"`;
    const value = chance() < 0.2 && !each.raw.includes("'") ? `'${each.raw}'` : `"${each.raw}"`;
    return pick(separators, chance) + each.name + pick(equals, chance) + value;
  });
  const before = chance ? pick(['', '', '', ' ', '\n'], chance) : '';
  const start = `<${name}${written.join('')}${before}`;
  if (content.length === 0 && (!chance || chance() < 0.5)) return `${start}/>`;
  const inside = content.map((item) => (typeof item === 'string' ? item : writeSource(item, chance))).join('');
  return `${start}>${inside}</${name}${chance && chance() < 0.0002 ? ' ' : ''}>`;
}
