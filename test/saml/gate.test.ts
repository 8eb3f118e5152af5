import { describe, expect, test } from 'vitest';
import { gateResponse } from '../../src/saml/gate.ts';
import { refusal } from './support/refusals.ts';
import {
  attributeElement,
  attributeStatement,
  element,
  groupClaim,
  nsSaml,
  nsSamlp,
  type ResponseParts,
  responseXml,
  toBase64,
} from './support/response-builder.ts';

const good = responseXml();
const ds = 'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"';

/** The gate's answer, or the refusal as a value. */
function gate(message: string): unknown {
  try {
    return gateResponse(message);
  } catch (error) {
    return error;
  }
}

describe('the base64 of a message [RFC 4648 §4]', () => {
  const padded = toBase64(`${good}${' '.repeat((3 - ((Buffer.byteLength(good) + 2) % 3)) % 3)}`);
  test('may be broken by white space', () => {
    expect(gateResponse(` ${toBase64(good).replace(/.{64}/g, '$&\r\n\t')}\n`)).toMatchObject({ xml: good });
  });

  const refused: readonly (readonly [string, string])[] = [
    ['empty', ''],
    ['white space only', ' \r\n'],
    ['with a character of the URL alphabet', `${toBase64(good).slice(0, -4)}-_==`],
    ['with an asterisk inside', toBase64(good).replace(/^(.{8})./, '$1*')],
    ['with a NUL inside', toBase64(good).replace(/^(.{8})./, '$1\0')],
    ['with padding inside', `PHM=${toBase64(good)}`],
    [
      'without its padding',
      toBase64(`${good} `.padEnd(good.length + 3))
        .replace(/=+$/, '')
        .slice(0, -1),
    ],
    ['with too much padding', `${padded.replace(/=+$/, '')}===`],
    ['percent-encoded', encodeURIComponent(`${toBase64(good).slice(0, -4)}+/==`)],
    ['not encoded at all', good],
  ];
  for (const [name, message] of refused) {
    test(`is refused ${name}`, () => expect(gate(message)).toMatchObject(refusal('malformed')));
  }
});

describe('the encoding of a message', () => {
  const encode = (bytes: Buffer) => bytes.toString('base64');

  test('may be declared as UTF-8, in XML 1.0, and begin with one byte order mark', () => {
    expect(gate(toBase64(`<?xml version="1.0" encoding="utf-8"?>${good}`))).toHaveProperty('response');
    expect(gate(toBase64(`\ufeff${good}`))).toHaveProperty('response');
  });

  const refused: readonly (readonly [string, Buffer])[] = [
    ['bytes that are not UTF-8', Buffer.concat([Buffer.from(good), Buffer.from([0xc3, 0x28])])],
    ['an overlong form', Buffer.concat([Buffer.from(good), Buffer.from([0xc0, 0xaf])])],
    ['a surrogate in UTF-8', surrogateInside()],
    ['UTF-16', Buffer.from(good, 'utf16le')],
    ['UTF-8 that is declared as UTF-16', Buffer.from(`<?xml version="1.0" encoding="UTF-16"?>${good}`)],
    ['UTF-8 that is declared as Latin-1', Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${good}`)],
    ['XML 1.1', Buffer.from(`<?xml version="1.1"?>${good}`)],
    ['two byte order marks', Buffer.from(`\ufeff\ufeff${good}`)],
    ['a NUL inside', Buffer.from(good.replace('alice', 'al\0ice'))],
    ['a control character by reference', Buffer.from(good.replace('alice', 'al&#1;ice'))],
  ];
  for (const [name, bytes] of refused) {
    test(`is not ${name}`, () => expect(gate(encode(bytes))).toMatchObject(refusal('malformed')));
  }
});

function surrogateInside(): Buffer {
  const [before, after] = good.split('alice');
  return Buffer.concat([Buffer.from(before!), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from(after!)]);
}

describe('the XML of a message', () => {
  test('is accepted in its plain form', () => {
    expect(gate(toBase64(good))).toMatchObject({ xml: good, responseIsSigned: false, assertionIsSigned: false });
  });

  test('may be indented', () => {
    expect(gate(toBase64(good.replaceAll('><', '>\n  <')))).toHaveProperty('response');
  });

  const inAssertion = (xml: string) => good.replace('<Conditions', `${xml}<Conditions`);
  const refused: readonly (readonly [string, string])[] = [
    ['a DOCTYPE', `<!DOCTYPE Response>${good}`],
    ['an entity of its own', `<!DOCTYPE r [<!ENTITY a "b">]>${good}`],
    ['an attribute list', `<!DOCTYPE r [<!ATTLIST Assertion ID ID #IMPLIED>]>${good}`],
    ['an external entity', `<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>${good.replace('alice', '&a;')}`],
    ['an undeclared entity', good.replace('alice', '&a;')],
    ['a processing instruction', inAssertion('<?php x?>')],
    ['a processing instruction before the root', `<?xml-stylesheet href="x"?>${good}`],
    ['a processing instruction in a value', good.replace('alice', 'al<?x y?>ice')],
    ['a comment', inAssertion('<!-- x -->')],
    ['a comment that cuts a NameID in two', good.replace('@corp', '<!---->@corp')],
    ['a comment behind the root', `${good}<!-- x -->`],
    ['a CDATA section', good.replace('alice', '<![CDATA[alice]]>')],
    ['text between elements', inAssertion('text')],
    ['text before the root', `text${good}`],
    ['text behind the root', `${good}text`],
    ['a second root', good + good],
    ['an element that is not closed', good.replace('</samlp:Response>', '')],
    ['elements that overlap', good.replace('</Conditions>', '</Conditionz>')],
    ['an unbound prefix', inAssertion('<x:y/>')],
    ['an unbound prefix on an attribute', good.replace('<Conditions', '<Conditions x:y=""')],
    ['a relative namespace', inAssertion('<x xmlns="relative"/>')],
    ['a relative namespace with a prefix', inAssertion('<x xmlns:p="../x"/>')],
    ['a prefix that is undeclared', inAssertion('<x xmlns:p=""/>')],
    ['the xml prefix bound to something else', inAssertion('<x xmlns:xml="urn:x"/>')],
    ['an attribute twice', good.replace('<Conditions', '<Conditions NotBefore=""')],
    ['an attribute twice by two prefixes', inAssertion('<x xmlns:a="urn:x" xmlns:b="urn:x" a:c="" b:c=""/>')],
    ['an attribute without quotes', inAssertion('<x y=z/>')],
    ['a bare ampersand', good.replace('alice', 'a & b')],
    ['the end of a CDATA section in text', good.replace('alice', ']]>')],
    ['another root', good.replaceAll('samlp:Response', 'samlp:ArtifactResponse')],
    ['a root in another namespace', good.replace(nsSamlp, 'urn:oasis:names:tc:SAML:1.0:protocol')],
    ['a root that is an Assertion', /<Assertion.*<\/Assertion>/.exec(good)![0]],
    ['nothing but white space', ' '],
  ];
  for (const [name, xml] of refused) {
    test(`is refused with ${name}`, () => expect(gate(toBase64(xml))).toMatchObject(refusal('malformed')));
  }

  test('may have text between the elements of an AttributeValue, which is then no value', () => {
    const attributes = attributeStatement(attributeElement(groupClaim, 'a<x xmlns="urn:x">b</x>c'));
    expect(gate(toBase64(responseXml({ attributes })))).toHaveProperty('response');
  });

  test('says in its private text what was wrong, and nothing of the content', () => {
    const secret = good.replace('alice@corp.example', 'S3CRET<!-- x -->');
    expect(String(gate(toBase64(secret)))).not.toContain('S3CRET');
  });
});

describe('the structure of a message', () => {
  const assertion = /<Assertion.*<\/Assertion>/.exec(good)![0];
  const second = assertion.replace('_assertion', '_second');
  const parts: readonly (readonly [string, Partial<ResponseParts>])[] = [
    ['two assertions', { beforeAssertion: second }],
    ['an assertion inside Extensions', { beforeAssertion: element('samlp:Extensions', {}, second) }],
    ['an assertion inside the assertion', { conditions: `<Advice>${second}</Advice>` }],
    ['an assertion inside an attribute value', { attributes: attributeStatement(attributeElement('x', second)) }],
    ['an encrypted assertion beside a plain one', { beforeAssertion: `<EncryptedAssertion xmlns="${nsSaml}"/>` }],
    ['a Signature inside the Subject', { nameId: `<ds:Signature ${ds}/>` }],
    ['a Signature inside Status', { status: element('samlp:Status', {}, `<ds:Signature ${ds}/>`) }],
    ['a Signature inside Extensions', { beforeAssertion: element('samlp:Extensions', {}, `<ds:Signature ${ds}/>`) }],
    ['two Signatures on the Response', { beforeAssertion: `<ds:Signature ${ds}/>`.repeat(2) }],
    ['two Signatures on the Assertion', { issuer: `<ds:Signature ${ds}/>`.repeat(2) }],
    ['a Signature without SignedInfo', { beforeAssertion: `<ds:Signature ${ds}/>` }],
    ['an ID twice', { response: { ID: '_assertion' } }],
    ['an ID that stands again as Id', { nameId: '<NameID Id="_assertion">x</NameID>' }],
    ['an ID that stands again as id', { nameId: '<NameID id="_response">x</NameID>' }],
    ['an ID that stands again as xml:id', { nameId: '<NameID xml:id="_response">x</NameID>' }],
    ['one ID twice on an element', { nameId: '<NameID ID="_x" id="_x">x</NameID>' }],
  ];
  for (const [name, part] of parts) {
    test(`is refused with ${name}`, () => {
      expect(gate(toBase64(responseXml(part)))).toMatchObject(refusal('malformed'));
    });
  }

  test('is refused with the only assertion in another place', () => {
    const moved = good.replace(assertion, '').replace('</samlp:Status>', `${assertion}</samlp:Status>`);
    expect(gate(toBase64(moved))).toMatchObject(refusal('malformed'));
  });

  test('may have IDs that differ', () => {
    const nameId = '<NameID Id="_a" id="_b" xml:id="_c">x</NameID>';
    expect(gate(toBase64(responseXml({ nameId })))).toHaveProperty('response');
  });
});
