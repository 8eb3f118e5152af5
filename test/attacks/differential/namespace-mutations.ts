// Mutations of namespaces and prefixes: every shape that exclusive canonicalization treats in its own way.
import { type Chance, pick } from '../support/mutate.ts';
import { someCharacters } from './characters.ts';
import { any, elementsNamed, type Mutation, some } from './content-mutations.ts';
import { childrenNamed, localName, placesOf, prefixOf, type SourceElement, uriOf } from './source-tree.ts';

const usualPrefixes = ['p', 'q', 'xs', 'xsi', 'a', 'b', 'ds', 'saml', 'samlp', 'ns0', '_x', 'p-1', 'p.x'];
const oddPrefixes = ['é', 'xmlp', 'B', 'P', '1', '-', ''];
const usualUris = [
  ...['urn:1', 'urn:2', 'urn:a', 'urn:ab', 'urn:', 'http://a.example/b?c=%20d', 'http://www.w3.org/2001/XMLSchema'],
  ...['http://www.w3.org/2001/XMLSchema-instance', 'urn:oasis:names:tc:SAML:2.0:assertion', 'URN:1', "urn:'", 'x:y'],
  ...['urn:oasis:names:tc:SAML:2.0:protocol', 'http://www.w3.org/2000/09/xmldsig#', 'x://a:65535', 'x://a?b?c#d?e'],
  ...['x:/', 'x:/a//b', 'x:?', 'x:#', 'a+b-c.d:x', 'urn:a/../b', 'urn:!$*(),;=@', 'x://A.b-c_d~e/'],
];
const oddUris = [
  ...[
    '',
    'relative',
    '#x',
    '//a',
    'urn:a&amp;b',
    'urn:a b',
    'urn:&lt;',
    'urn:&#10;',
    'urn:&quot;',
    '1:x',
    'urn:é',
    ':',
  ],
  ...[
    'urn:😀',
    'urn:\ufffd',
    'urn:%',
    'urn:%zz',
    'urn:a#b#c',
    'x://a:b',
    'x://',
    'x:///a',
    'x://a:99999',
    'x://b@a',
    'urn:[',
  ],
  ...['http://[::1]/', 'urn:\\', 'urn:{}', 'urn:|', 'urn:^', 'urn:`', 'urn:%00', 'x:////a', 'urn:\x7f', 'urn:\u200b'],
];
const reserved = ['http://www.w3.org/XML/1998/namespace', 'http://www.w3.org/2000/xmlns/'];

export const namespaceMutations: Readonly<Record<string, Mutation>> = {
  'a declaration': (root, chance) => {
    for (const { element } of some(placesOf(root), chance)) declare(element, newPrefix(chance), someUri(chance));
  },
  'a default namespace': (root, chance) => {
    const element = any(placesOf(root), chance)!.element;
    declare(element, '', chance() < 0.4 ? '' : someUri(chance));
  },
  'a default namespace taken back below prefixed elements': (root, chance) => {
    reprefix(root, someNamespace(root, chance), pick(['p', 'saml', 'a'], chance));
    declare(pick(placesOf(root), chance).element, '', pick(['', 'urn:1'], chance));
  },
  'a declaration repeated further down': (root, chance) => {
    const path = somePath(root, chance);
    const outer = any(
      path.flatMap(({ attributes }) => attributes.filter(isDeclaration)),
      chance,
    );
    if (outer) addAttribute(path.at(-1)!, outer.name, outer.raw);
  },
  'a declaration moved up': (root, chance) => {
    const path = somePath(root, chance);
    const element = path.at(-1)!;
    const found = any(element.attributes.filter(isDeclaration), chance);
    if (!found || path.length < 2) return;
    element.attributes = element.attributes.filter((each) => each !== found);
    addAttribute(pick(path.slice(0, -1), chance), found.name, found.raw);
  },
  'a declaration moved down': (root, chance) => {
    const element = any(placesOf(root), chance)!.element;
    const found = any(element.attributes.filter(isDeclaration), chance);
    if (!found || prefixOf(element.name) === (found.name === 'xmlns' ? '' : found.name.slice(6))) return;
    element.attributes = element.attributes.filter((each) => each !== found);
    for (const item of element.content) if (typeof item !== 'string') addAttribute(item, found.name, found.raw);
  },
  'another prefix': (root, chance) => {
    const path = somePath(root, chance);
    const top = path.at(-1)!;
    reprefix(top, uriOf(prefixOf(top.name), path), pick([newPrefix(chance), ''], chance), path);
  },
  'another prefix everywhere': (root, chance) =>
    reprefix(root, someNamespace(root, chance), pick([newPrefix(chance), ''], chance)),
  'two prefixes swapped': (root, chance) => {
    const element = any(placesOf(root), chance)!.element;
    const found = element.attributes.filter(isDeclaration);
    const [a, b] = [any(found, chance), any(found, chance)];
    if (a && b) [a.raw, b.raw] = [b.raw, a.raw];
  },
  'attributes with prefixes': (root, chance) => {
    for (const { element } of some(placesOf(root), chance)) {
      const prefix = newPrefix(chance);
      if (chance() < 0.98) declare(element, prefix, someUri(chance));
      addAttribute(
        element,
        `${prefix}:${pick(['a', 'b', 'B', 'c', 'type', 'xs', 'ID'], chance)}`,
        someCharacters(chance),
      );
    }
  },
  'attributes of the xml namespace': (root, chance) => {
    const name = pick(['xml:lang', 'xml:space', 'xml:base', 'xml:id', 'xml:foo'], chance);
    for (const { element } of some(placesOf(root), chance))
      addAttribute(element, name, pick(['', 'en', 'preserve', 'default', '../x', '_assertion', '_x'], chance));
  },
  'xsi:type on values': (root, chance) => {
    const at = pick([root, any(elementsNamed(root, 'AttributeStatement'), chance) ?? root, undefined], chance);
    for (const value of elementsNamed(root, 'AttributeValue')) {
      declare(at ?? value, 'xsi', 'http://www.w3.org/2001/XMLSchema-instance');
      declare(at ?? value, 'xs', 'http://www.w3.org/2001/XMLSchema');
      addAttribute(value, pick(['xsi:type', 'xsi:nil'], chance), pick(['xs:string', 'xs:anyType', 'true'], chance));
    }
  },
  'markup in a value': (root, chance) => {
    const value = any(elementsNamed(root, 'AttributeValue'), chance);
    if (!value) return;
    for (const prefix of ['p', 'q', 'a']) if (chance() < 0.99) declare(value, prefix, pick(usualUris, chance));
    for (let left = 1 + Math.floor(chance() * 3); left > 0; left--) value.content.push(randomMarkup(chance, 3));
  },
  'a PrefixList': (root, chance) => {
    const list = Array.from({ length: Math.floor(chance() * 4) }, () => somePrefix(root, chance));
    const holder = any([...elementsNamed(root, 'Transform'), ...elementsNamed(root, 'CanonicalizationMethod')], chance);
    if (!holder || childrenNamed(holder, 'InclusiveNamespaces').length > 0) return;
    const prefix = pick(['', 'ec', 'ec', 'p'], chance);
    const name = pick(['PrefixList', 'PrefixList', 'PrefixList', 'PrefixList', 'Prefixlist'], chance);
    const element = {
      name: `${prefix === '' ? '' : `${prefix}:`}InclusiveNamespaces`,
      attributes: [{ name, raw: list.join(pick([' ', ' ', '  ', '\n', '\t', '&#10;', '\xa0'], chance)) }],
      content: [],
    };
    declare(element, prefix, 'http://www.w3.org/2001/10/xml-exc-c14n#');
    holder.content.push(element);
  },
};

function isDeclaration({ name }: { name: string }): boolean {
  return name === 'xmlns' || name.startsWith('xmlns:');
}

function declare(element: SourceElement, prefix: string, uri: string): void {
  addAttribute(element, prefix === '' ? 'xmlns' : `xmlns:${prefix}`, uri);
}

function addAttribute(element: SourceElement, name: string, raw: string): void {
  if (!element.attributes.some((each) => each.name === name)) element.attributes.push({ name, raw });
}

function someUri(chance: Chance): string {
  const luck = chance();
  return pick(luck < 0.98 ? usualUris : luck < 0.998 ? oddUris : reserved, chance);
}

function newPrefix(chance: Chance): string {
  return pick(chance() < 0.98 ? usualPrefixes : oddPrefixes, chance);
}

function somePrefix(root: SourceElement, chance: Chance): string {
  const inUse = placesOf(root).flatMap(({ element }) => element.attributes.filter(isDeclaration));
  return pick(['#default', 'xml', ...usualPrefixes, ...inUse.map(({ name }) => name.slice(6) || '#default')], chance);
}

function someNamespace(root: SourceElement, chance: Chance): string {
  const path = somePath(root, chance);
  return uriOf(prefixOf(path.at(-1)!.name), path);
}

/** From the root to some element. */
function somePath(root: SourceElement, chance: Chance): [SourceElement, ...SourceElement[]] {
  const path: [SourceElement, ...SourceElement[]] = [root];
  while (chance() < 0.8) {
    const next = any(
      path.at(-1)!.content.filter((item) => typeof item !== 'string'),
      chance,
    );
    if (!next) break;
    path.push(next);
  }
  return path;
}

/** Gives the elements of one namespace another prefix, and declares it at the top. */
function reprefix(top: SourceElement, uri: string, prefix: string, above: readonly SourceElement[] = []): void {
  const rename = (element: SourceElement, outside: readonly SourceElement[]) => {
    const path = [...outside, element];
    const isIn = uriOf(prefixOf(element.name), path) === uri;
    for (const item of element.content) if (typeof item !== 'string') rename(item, path);
    if (isIn) element.name = prefix === '' ? localName(element.name) : `${prefix}:${localName(element.name)}`;
  };
  rename(top, above.slice(0, -1));
  const name = prefix === '' ? 'xmlns' : `xmlns:${prefix}`;
  top.attributes = [...top.attributes.filter((each) => each.name !== name), { name, raw: uri }];
}

/** Elements over a few prefixes and namespaces, so that they meet. */
function randomMarkup(chance: Chance, depth: number): SourceElement {
  const prefixed = () => pick(['', '', 'p:', 'q:', 'a:'], chance);
  const element: SourceElement = { name: prefixed() + pick(['x', 'y', 'Z'], chance), attributes: [], content: [] };
  while (chance() < 0.5)
    declare(element, pick(['p', 'q', 'a', ''], chance), pick(['urn:1', 'urn:2', 'urn:a', 'urn:ab'], chance));
  if (chance() < 0.2) declare(element, '', '');
  while (chance() < 0.4) addAttribute(element, prefixed() + pick(['k', 'l', 'M'], chance), someCharacters(chance));
  while (depth > 0 && chance() < 0.6)
    element.content.push(chance() < 0.5 ? someCharacters(chance) : randomMarkup(chance, depth - 1));
  return element;
}
