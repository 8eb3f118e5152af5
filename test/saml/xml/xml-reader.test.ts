// Our XML reader against independent ones: saxes for well-formedness, xmldom and our own canonical form for
// content.
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, test } from 'vitest';
import { canonicalize } from '../../../src/saml/xml/canonicalize.ts';
import { messageLimits, metadataLimits, readXml } from '../../../src/saml/xml/xml-reader.ts';
import type { XmlElement } from '../../../src/saml/xml/xml-tree.ts';

type Plain = readonly [string, string, readonly string[], readonly (Plain | string)[]];

/** What a reader can ask of a tree. */
function plain({ namespace, name, attributes, children, content, text }: XmlElement): Plain {
  const inside =
    children.length === 0 ? [text] : content.map((item) => (typeof item === 'string' ? item : plain(item)));
  const list = attributes.map((a) => `{${a.namespace}}${a.name}=${a.value}`).sort();
  return [namespace, name, list, inside.filter((item) => item !== '')];
}

/** The same from saxes, or undefined where it refuses. */
function bySaxes(xml: string): Plain | undefined {
  const root: (Plain | string)[] = [];
  const open = [root];
  const parser = new SaxesParser({ xmlns: true, position: false });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ uri, local, attributes }) => {
    const inside: (Plain | string)[] = [];
    const list = Object.values(attributes).filter((a) => a.uri !== 'http://www.w3.org/2000/xmlns/');
    open.at(-1)!.push([uri, local, list.map((a) => `{${a.uri}}${a.local}=${a.value}`).sort(), inside]);
    open.push(inside);
  });
  parser.on('text', (text) => {
    if (open.length > 1) open.at(-1)!.push(text);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  try {
    parser.write(xml).close();
  } catch {
    return undefined;
  }
  return root[0] as Plain;
}

function byOurs(xml: string): Plain | undefined {
  try {
    return plain(readXml(xml, messageLimits));
  } catch (error) {
    expect(error).toMatchObject({ code: 'saml_refused' });
    return undefined;
  }
}

// Pieces of markup that meet in every way, good and bad: most documents that come of them are not well-formed.
const piece = fc.constantFrom(
  ...[
    '<a>',
    '</a>',
    '<a/>',
    '<p:b>',
    '</p:b>',
    '<b x="1"',
    " y='2'",
    ' x="&lt;"',
    ' p:x="3"',
    ' xmlns="urn:d"',
    ' xmlns=""',
  ],
  ...[
    ' xmlns:p="urn:p"',
    ' xmlns:q="urn:p" q:x=""',
    ' xmlns:p=""',
    '>',
    '/>',
    '</b>',
    '</a >',
    '<a >',
    '< a>',
    '</ a>',
    'text',
    ' ',
  ],
  ...[
    '\n',
    '\r\n',
    '\t',
    '&amp;',
    '&#65;',
    '&#x41;',
    '&#13;',
    '&#0;',
    '&x;',
    '&',
    ']]>',
    ']]',
    '"',
    "'",
    '=',
    '<',
    '>',
    'ä',
    '😀',
  ],
);
const wellFormedPiece = fc.constantFrom(
  '<a/>',
  '<a>x</a>',
  '<a>x</a><a>y</a>',
  't',
  '&lt;',
  '\r',
  '<p:a p:x="&#9;\t" x=\'"\'>]]</p:a>',
);

describe('readXml', () => {
  test('takes nothing that saxes refuses, and reads the same', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, wellFormedPiece), { maxLength: 12 }), (pieces) => {
        const xml = `<r xmlns:p="urn:r">${pieces.join('')}</r>`;
        const read = byOurs(xml);
        if (read === undefined) return;
        taken++;
        expect(read).toEqual(bySaxes(xml));
      }),
      { numRuns: 1200 },
    );
    expect(taken).toBeGreaterThan(40);
  });

  test('reads canonical octets back to the tree that they were made of', () => {
    fc.assert(
      fc.property(fc.array(wellFormedPiece, { maxLength: 12 }), (pieces) => {
        const tree = readXml(`<r xmlns:p="urn:r">${pieces.join('')}</r>`, messageLimits);
        expect(plain(readXml(canonicalize(tree, { inclusivePrefixes: [] }), messageLimits))).toEqual(plain(tree));
      }),
      { numRuns: 200 },
    );
  });

  test('shares nothing between elements whose tags are written alike', () => {
    const xml =
      '<r><a xmlns:p="urn:1" p:x="1">1</a><a xmlns:p="urn:1" p:x="1">2<b/></a><c xmlns:p="urn:2"><a xmlns:p="urn:1" p:x="1">3</a></c></r>';
    expect(byOurs(xml)).toEqual(bySaxes(xml));
  });

  test.each([
    ['around the same tag', '<r><a xmlns:p="urn:1"><p:b/></a><a xmlns:p="urn:2"><p:b/></a></r>'],
    ['that end before the same tag', '<r xmlns="urn:1"><b/><a xmlns="urn:2"><b/><c/></a><b/></r>'],
    ['of the same tag', '<r xmlns="urn:1"><a xmlns="urn:2"><b/></a><b/><a xmlns="urn:2"/><b/></r>'],
    ['of an element with text alone', '<r xmlns="urn:1"><a xmlns="urn:2">t</a><b/><a xmlns="urn:2">t</a><b/></r>'],
    ['in a tag with > in a value', `<r><a b=">" xmlns="urn:1"/><a b="/>"/><a b=">"><c/></a><a b=">"/></r>`],
  ])('reads namespaces %s', (_, xml) => {
    expect(byOurs(xml)).toEqual(bySaxes(xml));
  });

  test('refuses a tag whose prefix was bound where the same tag was read before', () => {
    expect(byOurs('<r><a xmlns:p="urn:1"><p:b/></a><p:b/></r>')).toBeUndefined();
    expect(byOurs('<r xmlns:p="urn:1"><a><p:b/></a><p:b/></r>')).toBeDefined();
  });

  test('keeps text and elements in their order', () => {
    const xml = '<r>1<a/>2<a/><a/>3<b><a/><a/></b><b><a/><a/>4</b>5</r>';
    expect(byOurs(xml)).toEqual(bySaxes(xml));
  });

  const refused: readonly (readonly [string, string])[] = [
    ['U+0085', '<a>x\u0085</a>'],
    ['U+0085', '<a>x&#x85;</a>'],
    ['U+0085', '<a b="&#133;"/>'],
    ['U+2028', '<a>\u2028</a>'],
    ['U+2028', '<a>&#8232;</a>'],
    ['U+2029', '<a b="\u2029"/>'],
    ['U+2029', '<a b="&#x2029;"/>'],
  ];
  for (const [name, xml] of refused) {
    test(`refuses ${name} in ${JSON.stringify(xml)}, and names it`, () => {
      expect(() => readXml(xml, messageLimits)).toThrow(
        expect.objectContaining({ reason: 'malformed', message: expect.stringContaining(name) }),
      );
      expect(() => readXml(xml, metadataLimits)).not.toThrow();
    });
  }

  const unusual: readonly (readonly [string, string])[] = [
    ['a name beyond ASCII', '<ä/>'],
    ['a name that begins with xml', '<a xmlfoo=""/>'],
    ['an element of the xml namespace', '<xml:a/>'],
    ['white space in an end tag, after which xmldom takes other elements for empty', '<a><b/></a >'],
    ['a namespace that libxml2 takes for no URI', '<a xmlns="urn:\u{1f600}"/>'],
    ['a namespace with a broken escape', '<a xmlns="urn:%zz"/>'],
    ['a namespace with a port that is no number', '<a xmlns="x://a:b"/>'],
    ['a namespace with a letter to be escaped', '<a xmlns="urn:a&amp;b"/>'],
    ['the xml prefix declared', '<a xmlns:xml="http://www.w3.org/XML/1998/namespace"/>'],
  ];
  for (const [name, xml] of unusual) {
    test(`refuses ${name}, which verifiers canonicalize differently`, () => {
      expect(bySaxes(xml)).toBeDefined();
      expect(byOurs(xml)).toBeUndefined();
    });
  }

  test('passes over comments and processing instructions where people wrote the document', () => {
    const xml = '<?xml version="1.0"?><?a b?><!-- x --><r>a<!-- - -->b<?c?></r><!---->';
    expect(plain(readXml(xml, metadataLimits))).toEqual(['', 'r', [], ['ab']]);
    expect(byOurs('<r>a<!-- - -->b</r>')).toBeUndefined();
    for (const bad of ['<r><!-- -- --></r>', '<r><!--></r>', '<r><?xml ?></r>', '<r><??></r>', '<r><?a</r>']) {
      expect(() => readXml(bad, metadataLimits)).toThrow(expect.objectContaining({ reason: 'malformed' }));
    }
  });
});
