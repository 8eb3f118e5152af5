// Mutations of what a message says: values, names, and how they are written.
import { type Chance, pick } from '../support/mutate.ts';
import { respell, someCharacters } from './characters.ts';
import { localName, placesOf, type SourceElement } from './source-tree.ts';

/** Changes the tree, or leaves it as it is if there is nothing to change. */
export type Mutation = (root: SourceElement, chance: Chance) => void;

const readElements = ['AttributeValue', 'AttributeValue', 'AttributeValue', 'NameID', 'AuthnContextClassRef', 'Issuer'];
const readAttributes = [
  ...['Name', 'Name', 'FriendlyName', 'NameFormat', 'SessionIndex', 'Format', 'NameQualifier', 'Consent', 'Method'],
  ...['xsi:type', 'Value', 'Address', 'AuthnInstant', 'ID', 'InResponseTo', 'Destination', 'Recipient'],
];

export const contentMutations: Readonly<Record<string, Mutation>> = {
  'characters in a text': (root, chance) => {
    const name = pick(readElements, chance);
    const element = any(elementsNamed(root, name), chance);
    const at = element?.content.findIndex((item) => typeof item === 'string') ?? -1;
    if (element && at >= 0) element.content[at] = insert(String(element.content[at]), someCharacters(chance), chance);
    else element?.content.push(someCharacters(chance));
  },
  'characters as a value of its own': (root, chance) => {
    const value = any(elementsNamed(root, 'AttributeValue'), chance);
    if (value) value.content = Array.from({ length: Math.floor(chance() * 4) }, () => someCharacters(chance));
  },
  'characters in an attribute': (root, chance) => {
    const name = pick(readAttributes, chance);
    const found = any(attributesNamed(root, name), chance);
    if (found) found.raw = insert(found.raw, someCharacters(chance), chance);
  },
  'an attribute that nobody reads': (root, chance) => {
    const element = any(placesOf(root), chance)!.element;
    const names = ['a', 'B', 'x-y', 'x.y', '_z', 'FriendlyName', 'NameFormat', 'Zz'];
    const name = pick(chance() < 0.98 ? names : ['ä', 'xmlfoo', 'a:b:c', '1'], chance);
    if (element.attributes.some((each) => each.name === name)) return;
    element.attributes.push({ name, raw: someCharacters(chance) + someCharacters(chance) });
  },
  'an Attribute more': (root, chance) => {
    const statement = any(elementsNamed(root, 'AttributeStatement'), chance);
    const sample = statement && any(elementsNamed(statement, 'Attribute'), chance);
    if (!sample) return;
    const qualified = (local: string) => sample.name.replace(/\w+$/, local);
    const names = ['Role', '__proto__', 'constructor', 'length', 'Group', 'urn:oid:2.5.4.4', someCharacters(chance)];
    const values = Array.from({ length: Math.floor(chance() * 4) }, () => ({
      ...{
        name: qualified('AttributeValue'),
        attributes: [],
        content: [someCharacters(chance), someCharacters(chance)],
      },
    }));
    statement.content.push({
      ...{ name: sample.name, content: values },
      attributes: [{ name: 'Name', raw: pick(names, chance) }],
    });
  },
  'a qualifier of the NameID': (root, chance) => {
    const name = any(elementsNamed(root, 'NameID'), chance);
    const attribute = pick(['Format', 'NameQualifier', 'SPNameQualifier', 'SPProvidedID'], chance);
    if (name?.attributes.some((each) => each.name === attribute) === false)
      name.attributes.push({ name: attribute, raw: `urn:${someCharacters(chance)}` });
  },
  'white space between elements': (root, chance) => {
    const element = any(placesOf(root), chance)!.element;
    const at = Math.floor(chance() * (element.content.length + 1));
    const space = pick(['\n', '\t', ' ', '\r\n', '\r', '&#13;', '&#10;', '&#32;', '&#xD;\n', '&#9;', '\n    '], chance);
    element.content.splice(at, 0, space);
  },
  indentation: (root, chance) => indent(root, pick(['\n', '\r\n', '\r'], chance), pick(['  ', '\t', ''], chance)),
  'other spellings of a text': (root, chance) => {
    for (const { element } of some(placesOf(root), chance))
      element.content = element.content.map((item) => (typeof item === 'string' ? respell(item, chance) : item));
  },
  'other spellings of attributes': (root, chance) => {
    for (const { element } of some(placesOf(root), chance))
      for (const each of element.attributes) if (!each.name.startsWith('xmlns')) each.raw = respell(each.raw, chance);
  },
  'other spellings of a namespace': (root, chance) => {
    const declarations = attributesNamed(root, /^xmlns/);
    const found = any(declarations, chance);
    if (found)
      found.raw =
        chance() < 0.9 ? respell(found.raw, chance) : pick([found.raw.toUpperCase(), ` ${found.raw}`], chance);
  },
  'attributes in another order': (root, chance) => {
    for (const { element } of some(placesOf(root), chance)) element.attributes.sort(() => chance() - 0.5);
  },
};

export function any<T>(values: readonly T[], chance: Chance): T | undefined {
  return values.length === 0 ? undefined : pick(values, chance);
}

/** A fifth of them, at least one. */
export function some<T>(values: readonly T[], chance: Chance): T[] {
  return [pick(values, chance), ...values.filter(() => chance() < 0.2)];
}

export function elementsNamed(root: SourceElement, local: string): SourceElement[] {
  return placesOf(root).flatMap(({ element }) => (localName(element.name) === local ? element : []));
}

function attributesNamed(root: SourceElement, name: string | RegExp) {
  return placesOf(root).flatMap(({ element }) =>
    element.attributes.filter((each) => (typeof name === 'string' ? each.name === name : name.test(each.name))),
  );
}

function insert(text: string, what: string, chance: Chance): string {
  const at = pick([0, text.length, Math.floor(chance() * text.length)], chance);
  // Never inside of a reference, which would end the message.
  const safe = text.lastIndexOf('&', at - 1) > text.lastIndexOf(';', at - 1) ? text.length : at;
  return text.slice(0, safe) + what + text.slice(safe);
}

function indent(element: SourceElement, end: string, unit: string, depth = 1): void {
  const children = element.content.filter((item) => typeof item !== 'string');
  if (children.length === 0 || localName(element.name) === 'AttributeValue') return;
  for (const child of children) indent(child, end, unit, depth + 1);
  element.content = [...children.flatMap((child) => [end + unit.repeat(depth), child]), end + unit.repeat(depth - 1)];
}
