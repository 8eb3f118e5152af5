// The emulator's own canonicalizer against two that others wrote: xml-crypto always, xmlsec1 where it is installed.
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DOMParser } from '@xmldom/xmldom';
import { beforeAll, describe, expect, test } from 'vitest';
import { ExclusiveCanonicalization } from 'xml-crypto';
import { type KeyPair, keyPair } from '../../../../test/support/key-pairs.ts';
import { xmlsec1Path } from '../../../../test/support/parts/parts.ts';
import { canonicalize } from '../../../aws/xml/c14n.ts';
import { judgeSignature } from '../../../aws/xml/xml-signature.ts';
import { childElements, parseXml, XmlRefused } from '../../../aws/xml/xml-tree.ts';

const documents: readonly (readonly [string, string])[] = [
  ['namespaces that are used further down only', '<a:x xmlns:a="urn:a" xmlns:b="urn:b"><b:y b:q="1" r="2"/></a:x>'],
  ['a default namespace taken back', '<x xmlns="urn:d"><y xmlns=""><z xmlns="urn:d"/></y></x>'],
  ['one prefix for two namespaces', '<a:x xmlns:a="urn:1"><a:y xmlns:a="urn:2"><a:z xmlns:a="urn:1"/></a:y></a:x>'],
  ['attributes in the order of their namespaces', '<x xmlns:b="urn:a" xmlns:a="urn:b" a:k="1" b:k="2" z="3" y="4"/>'],
  ['signs that are escaped', '<x q="&amp;&lt;&quot;&gt;\'">&amp;&lt;&gt;"\'</x>'],
  ['empty elements and white space', '<x >\n <y/>\t<z></z> </x >'],
  ['CDATA', '<x><![CDATA[<&>]]></x>'],
  ['other scripts', '<x q="日本">Zürich 🙂</x>'],
  ['comments', '<x>a<!-- b -->c</x>'],
];

describe('exclusive canonicalization', () => {
  for (const [name, text] of documents) {
    test(`agrees with xml-crypto on ${name}`, () => {
      const node = new DOMParser().parseFromString(text, 'text/xml').documentElement;
      expect(canonicalize(parseXml(text))).toBe(new ExclusiveCanonicalization().process(node, {}).toString());
    });
  }

  test('declares the prefixes of InclusiveNamespaces', () => {
    const element = parseXml('<a:x xmlns:a="urn:a" xmlns:b="urn:b"><a:y/></a:x>');
    const text = canonicalize(element, { inclusivePrefixes: ['b'] });
    expect(text).toBe('<a:x xmlns:a="urn:a" xmlns:b="urn:b"><a:y></a:y></a:x>');
  });

  test('writes character references of control signs', () => {
    const text = canonicalize(parseXml('<x q="&#9;&#10;&#13;">&#13;\r\n</x>'));
    expect(text).toBe('<x q="&#x9;&#xA;&#xD;">&#xD;\n</x>');
  });
});

describe('the parser refuses', () => {
  const refused = [
    '<!DOCTYPE x><x/>',
    '<x>&e;</x>',
    '<x><?p i?></x>',
    '<x/><y/>',
    '<x',
    '<x q="1" q="2"/>',
    '<a:x/>',
    `${'<x>'.repeat(65)}${'</x>'.repeat(65)}`,
    '',
  ];
  for (const text of refused)
    test(text.slice(0, 20) || 'nothing', () => expect(() => parseXml(text)).toThrow(XmlRefused));
});

describe('signatures of xmlsec1', () => {
  let pair: KeyPair;
  beforeAll(async () => {
    pair = keyPair('minting');
  });

  const template = (bits: string, prefixes = ''): string => {
    const digest =
      bits === '384' ? 'http://www.w3.org/2001/04/xmldsig-more#sha384' : `http://www.w3.org/2001/04/xmlenc#sha${bits}`;
    const inclusive =
      prefixes &&
      `<ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="${prefixes}"/>`;
    return `<r xmlns:u="urn:unused" xmlns="urn:d"><m ID="_m"><Issuer>i</Issuer><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha${bits}"/><Reference URI="#_m"><Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">${inclusive}</Transform></Transforms><DigestMethod Algorithm="${digest}"/><DigestValue/></Reference></SignedInfo><SignatureValue/></Signature><c u:a="1">text &amp; more</c></m></r>`;
  };

  const sign = (text: string): string => {
    const folder = mkdtempSync(join(tmpdir(), 'xmlsec-'));
    writeFileSync(join(folder, 'key.pem'), pair.key);
    writeFileSync(join(folder, 'in.xml'), text);
    const args = ['--sign', '--id-attr:ID', 'm', '--privkey-pem', join(folder, 'key.pem'), join(folder, 'in.xml')];
    const { stdout } = spawnSync(xmlsec1Path(), args, { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    return stdout;
  };

  for (const [bits, prefixes] of [['256'], ['384'], ['512'], ['256', 'u #default']]) {
    test(`verify with SHA-${bits}${prefixes === undefined ? '' : ` and the prefixes ${prefixes}`}, and not once a letter changes`, () => {
      const text = sign(template(bits ?? '', prefixes));
      const judge = (xml: string) => {
        const [message] = childElements(parseXml(xml));
        return message === undefined ? 'none' : judgeSignature(message, [new X509Certificate(pair.cert).publicKey]);
      };
      expect(judge(text)).toBe('valid');
      expect(judge(text.replace('more', 'less'))).toBe('invalid');
    });
  }
});
