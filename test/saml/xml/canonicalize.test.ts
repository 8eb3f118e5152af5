// Our canonical form against that of xml-crypto, which shares no code with it: they have to agree to the letter.
import { DOMParser } from '@xmldom/xmldom';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExclusiveCanonicalization } from 'xml-crypto';
import { canonicalize } from '../../../src/saml/xml/canonicalize.ts';
import { messageLimits, readXml } from '../../../src/saml/xml/xml-reader.ts';

function ours(xml: string, inclusivePrefixes: readonly string[] = []): string {
  return canonicalize(readXml(xml, messageLimits), { inclusivePrefixes });
}

function theirs(xml: string): string {
  const root = new DOMParser().parseFromString(xml, 'text/xml').documentElement;
  return new ExclusiveCanonicalization().process(root as never, {}).toString();
}

describe('canonicalize [Exclusive XML Canonicalization 1.0]', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['closes empty elements', '<a/>', '<a></a>'],
    ['sorts attributes by name', '<a c="3" b="2" B="1"/>', '<a B="1" b="2" c="3"></a>'],
    [
      'sorts attributes by namespace first, those without before all',
      '<a xmlns:x="urn:2" xmlns:y="urn:1" x:a="1" y:z="2" z="3"/>',
      '<a xmlns:x="urn:2" xmlns:y="urn:1" z="3" y:z="2" x:a="1"></a>',
    ],
    ['drops unused declarations', '<a xmlns:x="urn:x"><b/></a>', '<a><b></b></a>'],
    [
      'puts declarations where they are used',
      '<a xmlns:x="urn:x"><x:b/><x:c/></a>',
      '<a><x:b xmlns:x="urn:x"></x:b><x:c xmlns:x="urn:x"></x:c></a>',
    ],
    [
      'does not repeat a declaration',
      '<x:a xmlns:x="urn:x"><x:b xmlns:x="urn:x"/></x:a>',
      '<x:a xmlns:x="urn:x"><x:b></x:b></x:a>',
    ],
    [
      'follows a prefix that changes its meaning',
      '<x:a xmlns:x="urn:1"><x:b xmlns:x="urn:2"/></x:a>',
      '<x:a xmlns:x="urn:1"><x:b xmlns:x="urn:2"></x:b></x:a>',
    ],
    ['takes the default namespace back', '<a xmlns="urn:x"><b xmlns=""/></a>', '<a xmlns="urn:x"><b xmlns=""></b></a>'],
    ['does not take back what was never given', '<a xmlns=""/>', '<a></a>'],
    ['writes quotes alike', `<a b='"&apos;"'/>`, `<a b="&quot;'&quot;"></a>`],
    [
      'resolves references',
      '<a b="&#65;&#x9;&#xA;&#xD;">&lt;&gt;&amp;&quot;&#65;&#xD;</a>',
      '<a b="A&#x9;&#xA;&#xD;">&lt;&gt;&amp;"A&#xD;</a>',
    ],
    [
      'normalises white space in attributes and ends of lines in text',
      '<a b="1\n2\t3">4\r\n5\r6</a>',
      '<a b="1 2 3">4\n5\n6</a>',
    ],
    ['leaves the declaration and what is outside out', '<?xml version="1.0"?>\n<a>\n</a>\n', '<a>\n</a>'],
    [
      'does not declare the xml prefix',
      '<a xml:lang="en" xml:space="preserve"/>',
      '<a xml:lang="en" xml:space="preserve"></a>',
    ],
  ];
  for (const [name, xml, canonical] of rows) test(name, () => expect(ours(xml)).toBe(canonical));

  test('keeps prefixes that are listed as inclusive, where they are in scope [§3]', () => {
    const xml = '<a xmlns="urn:d" xmlns:x="urn:x" xmlns:y="urn:y"><y:b/></a>';
    expect(ours(xml, ['x'])).toBe('<a xmlns="urn:d" xmlns:x="urn:x"><y:b xmlns:y="urn:y"></y:b></a>');
    expect(ours(xml, ['#default', 'z'])).toBe('<a xmlns="urn:d"><y:b xmlns:y="urn:y"></y:b></a>');
  });

  test('leaves one element out, and only that', () => {
    const root = readXml('<a><b/>t<b>x</b></a>', messageLimits);
    expect(canonicalize(root, { inclusivePrefixes: [], without: root.children[0] })).toBe('<a>t<b>x</b></a>');
  });

  test('of an inner element knows the namespaces above it', () => {
    const root = readXml('<x:a xmlns:x="urn:x" xmlns="urn:d"><b x:c="1"/></x:a>', messageLimits);
    expect(canonicalize(root.children[0]!, { inclusivePrefixes: [] })).toBe(
      '<b xmlns="urn:d" xmlns:x="urn:x" x:c="1"></b>',
    );
  });

  const ambiguous: readonly (readonly [string, string, readonly string[]])[] = [
    ['prefixes that sort by case', '<a xmlns:a="urn:a" xmlns:B="urn:b" a:x="" B:x=""/>', []],
    [
      'attributes whose namespaces and names sort otherwise together',
      '<a xmlns:p="urn:a" xmlns:q="urn:ab" p:c="" q:a=""/>',
      [],
    ],
    ['a default namespace that only #default brings in', '<p:a xmlns:p="urn:p" xmlns="urn:d"/>', ['#default']],
    ['an attribute named like a listed prefix', '<a xmlns:p="urn:p" p:xs=""/>', ['xs']],
  ];
  for (const [name, xml, prefixes] of ambiguous) {
    test(`refuses ${name}: xml-crypto writes it otherwise`, () => {
      expect(() => ours(xml, prefixes)).toThrow(expect.objectContaining({ reason: 'malformed' }));
    });
  }

  test('bounds what a namespace costs that is written at each element', () => {
    const xml = (length: number) => `<r xmlns:p="urn:${'x'.repeat(length)}">${'<p:a/>'.repeat(1000)}</r>`;
    const root = (length: number) => readXml(xml(length), messageLimits);
    const options = { inclusivePrefixes: [], maxNamespaceLength: 1_000_000 };
    expect(canonicalize(root(100), options).length).toBeGreaterThan(100_000);
    expect(() => canonicalize(root(1000), options)).toThrow(expect.objectContaining({ reason: 'too_large' }));
  });

  test('is its own canonical form', () => {
    for (const [, xml] of rows) expect(ours(ours(xml))).toBe(ours(xml));
  });

  test('is what xml-crypto makes of any document', () => {
    fc.assert(
      fc.property(tree, (xml) => {
        expect(ours(xml)).toBe(theirs(xml));
      }),
      { numRuns: 300 },
    );
  });
});

// Documents over a few names, prefixes and namespaces, so that they meet, with text that needs escaping. What xmldom reads
// in its own way (U+2028, a carriage return by reference) stays out.
const text = fc.string({
  unit: fc.constantFrom('a', ' ', '\n', '&amp;', '&lt;', '&gt;', '"', '&#9;', 'ä', '😀', ']]'),
  maxLength: 6,
});
const uri = fc.constantFrom('urn:1', 'urn:2');
const prefixed = fc.constantFrom('', 'p:', 'q:');

const { tree } = fc.letrec<{ tree: string; node: string }>((tie) => ({
  // Both prefixes are bound at the root.
  tree: tie('node').map((node) => `<r xmlns:p="urn:1" xmlns:q="urn:2">${node}</r>`),
  node: fc
    .record({
      name: fc.tuple(prefixed, fc.constantFrom('a', 'b')).map(([prefix, local]) => prefix + local),
      declarations: fc.record({
        p: fc.option(uri),
        q: fc.option(uri),
        default: fc.option(fc.oneof(uri, fc.constant(''))),
      }),
      attributes: fc.dictionary(fc.constantFrom('x', 'y', 'p:x', 'p:z', 'xml:lang'), text, { maxKeys: 4 }),
      text,
      children: fc.array(fc.oneof({ depthSize: 'small', withCrossShrink: true }, text, tie('node')), { maxLength: 3 }),
    })
    .map(({ name, declarations: { p, q, default: own }, attributes, text: first, children }) => {
      const declared = [
        ...(p ? [`xmlns:p="${p}"`] : []),
        ...(q ? [`xmlns:q="${q}"`] : []),
        ...(own === null ? [] : [`xmlns="${own}"`]),
      ];
      const written = Object.entries(attributes).map(([key, value]) => `${key}="${value.replaceAll('"', '&quot;')}"`);
      const content = (first + children.join('')).replaceAll(']]>', ']] >');
      return `<${[name, ...declared, ...written].join(' ')}>${content}</${name}>`;
    }),
}));
