// Mutations of the order and the nesting of elements: the raw material of signature wrapping.
import { type Chance, pick } from '../support/mutate.ts';
import { any, elementsNamed, type Mutation } from './content-mutations.ts';
import { cloneSource, localName, placesOf, type SourceElement } from './source-tree.ts';

const samlNames = [
  'Assertion',
  'Response',
  'Issuer',
  'Subject',
  'NameID',
  'Signature',
  'AttributeValue',
  'Advice',
  'x',
];
const ids = ['_assertion', '_response', '_evil', '_x', '', '#_assertion'];

export const structureMutations: Readonly<Record<string, Mutation>> = {
  'an element removed': (root, chance) => detach(root, someElement(root, chance)),
  'an element doubled': (root, chance) => {
    const element = someElement(root, chance);
    if (element) put(root, cloneSource(element), chance, parentOf(root, element));
  },
  'an element moved': (root, chance) => {
    const element = someElement(root, chance);
    detach(root, element);
    if (element) put(root, element, chance);
  },
  'an element copied elsewhere': (root, chance) => {
    const element = someElement(root, chance);
    if (element) put(root, cloneSource(element), chance);
  },
  'a forged copy beside an element': (root, chance) => {
    const element = someElement(root, chance);
    if (element) put(root, forge(cloneSource(element)), chance, parentOf(root, element));
  },
  'a forged assertion': (root, chance) => {
    const assertion = any(elementsNamed(root, 'Assertion'), chance);
    if (!assertion) return;
    const forged = forge(cloneSource(assertion));
    if (chance() < 0.5) forged.content = forged.content.filter((item) => !isSignature(item));
    put(root, forged, chance, chance() < 0.5 ? root : undefined);
  },
  'an element in another': (root, chance) => {
    const element = someElement(root, chance);
    const parent = parentOf(root, element);
    if (!element || !parent) return;
    const wrapper = { name: pick(['x', 'samlp:Extensions', 'ds:Object'], chance), attributes: [], content: [element] };
    parent.content[parent.content.indexOf(element)] = wrapper;
  },
  'an element renamed': (root, chance) => {
    const { element } = pick(placesOf(root), chance);
    const local = localName(element.name);
    element.name = element.name.slice(0, -local.length) + pick([...samlNames, local.toLowerCase()], chance);
  },
  'two elements swapped': (root, chance) => {
    const [a, b] = [someElement(root, chance), someElement(root, chance)];
    const [above, below] = [parentOf(root, a), parentOf(root, b)];
    if (!a || !b || !above || !below || contains(a, b) || contains(b, a)) return;
    const [from, to] = [above.content.indexOf(a), below.content.indexOf(b)];
    [above.content[from], below.content[to]] = [b, a];
  },
  'an ID more or another one': (root, chance) => {
    const { element } = pick(placesOf(root), chance);
    const name = pick(['ID', 'ID', 'Id', 'id', 'xml:id', 'AssertionID'], chance);
    const known = element.attributes.find((each) => each.name === name);
    const own = known?.raw ?? pick(ids, chance);
    if (known) known.raw = pick([...ids, own], chance);
    else element.attributes.push({ name, raw: pick(ids, chance) });
  },
  'an attribute removed': (root, chance) => {
    const { element } = pick(placesOf(root), chance);
    element.attributes.splice(Math.floor(chance() * element.attributes.length), 1);
  },
  'an attribute with the value of another': (root, chance) => {
    const attributes = placesOf(root).flatMap(({ element }) => element.attributes);
    pick(attributes, chance).raw = pick(attributes, chance).raw;
  },
  'text between elements': (root, chance) =>
    pick(placesOf(root), chance).element.content.push(pick(['x', '\n', '&#32;'], chance)),
  'what may stand around an assertion': (root, chance) => {
    const content = pick(['', 'text', '&lt;', ' '], chance);
    const inside: SourceElement = { name: 'x', attributes: [{ name: 'xmlns', raw: 'urn:x' }], content: [content] };
    const prefix = root.name.slice(0, root.name.indexOf(':') + 1);
    const status = elementsNamed(root, 'Status')[0];
    const what = pick(['StatusMessage', 'StatusDetail', 'Extensions'], chance);
    if (what === 'StatusMessage') status?.content.push({ name: prefix + what, attributes: [], content: [content] });
    else if (what === 'StatusDetail') status?.content.push({ name: prefix + what, attributes: [], content: [inside] });
    else {
      const at = status ? root.content.indexOf(status) : 0;
      root.content.splice(Math.max(at, 0), 0, { name: `${prefix}Extensions`, attributes: [], content: [inside] });
    }
  },
  'a foreign element': (root, chance) => {
    const element = { name: 'x', attributes: [{ name: 'xmlns', raw: 'urn:x' }], content: [] };
    put(root, element, chance);
  },
};

function someElement(root: SourceElement, chance: Chance): SourceElement | undefined {
  return any(placesOf(root).slice(1), chance)?.element;
}

function parentOf(root: SourceElement, element: SourceElement | undefined): SourceElement | undefined {
  return placesOf(root).find((place) => place.element === element)?.parent;
}

function detach(root: SourceElement, element: SourceElement | undefined): void {
  const parent = parentOf(root, element);
  if (parent) parent.content = parent.content.filter((item) => item !== element);
}

function put(root: SourceElement, element: SourceElement, chance: Chance, parent?: SourceElement): void {
  const { content } = parent ?? pick(placesOf(root), chance).element;
  content.splice(pick([0, content.length, Math.floor(chance() * content.length)], chance), 0, element);
}

function contains(outer: SourceElement, inner: SourceElement): boolean {
  return placesOf(outer).some(({ element }) => element === inner);
}

function isSignature(item: SourceElement | string): boolean {
  return typeof item !== 'string' && localName(item.name) === 'Signature';
}

/** The same for an administrator, under another ID half of the time. */
function forge(element: SourceElement): SourceElement {
  for (const { element: each } of placesOf(element)) {
    each.content = each.content.map((item) =>
      typeof item === 'string' ? item.replace(/alice/g, 'admin').replace(/AWS-Dev/g, 'AWS-Admin') : item,
    );
    for (const attribute of each.attributes) if (attribute.name === 'ID') attribute.raw = '_evil';
  }
  return element;
}
