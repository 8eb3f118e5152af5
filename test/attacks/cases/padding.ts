// A valid answer made expensive: its owner may add any amount of content that no signature covers, and send it again.
import type { Attack } from '../support/attack.ts';

const wide = (count: number) => `<x xmlns="urn:x">${'<a/>'.repeat(count / 2)}</x>`.repeat(2);
const attributed = `<x xmlns="urn:x">${`<a ${Array.from({ length: 30 }, (_, i) => `a${i}=""`).join(' ')}/>`.repeat(900)}</x>`;
const nested = `<x xmlns="urn:x">${'<b>'.repeat(24)}${'<a/>'.repeat(3000)}${'</b>'.repeat(24)}</x>`;
const certificates = '<ds:X509Data><ds:X509Certificate>AAAA</ds:X509Certificate></ds:X509Data>'.repeat(1500);

const inExtensions = (what: string) => (xml: string) =>
  xml.replace('<samlp:Status>', `<samlp:Extensions>${what}</samlp:Extensions><samlp:Status>`);
const inDetail = (what: string) => (xml: string) =>
  xml.replace('</samlp:Status>', `<samlp:StatusDetail>${what}</samlp:StatusDetail></samlp:Status>`);
const inObject = (what: string) => (xml: string) =>
  xml.replace('</ds:Signature>', `<ds:Object>${what}</ds:Object></ds:Signature>`);
const inKeyInfo = (what: string) => (xml: string) => xml.replace('</ds:KeyInfo>', `${what}</ds:KeyInfo>`);

const few = '<x xmlns="urn:x"/>'.repeat(100);

/** With little in the same place the message is good: over-refusing is a fault as well (IIP-SSO07). */
const around: readonly (readonly [string, (xml: string) => string, (xml: string) => string])[] = [
  ['8,000 elements in Extensions', inExtensions(wide(8000)), inExtensions(few)],
  ['8,000 elements in StatusDetail', inDetail(wide(8000)), inDetail(few)],
  ['27,000 attributes in Extensions', inExtensions(attributed), inExtensions('<x xmlns="urn:x" a="b"/>')],
  ['3,000 elements at depth 24', inExtensions(nested), inExtensions('<x xmlns="urn:x"><y/></x>')],
];
const within: typeof around = [
  ['1,500 certificates in KeyInfo', inKeyInfo(certificates), inKeyInfo('<ds:KeyName>x</ds:KeyName>'.repeat(10))],
];

export const padding: readonly Attack[] = [
  ...around.map(
    ([name, forge, twin]): Attack => ({
      name: `a good assertion with ${name} around it`,
      rule: 'G22',
      reason: 'too_large',
      modes: ['assertion'],
      forge,
      twin: { forge: twin },
    }),
  ),
  ...within.map(
    ([name, forge, twin]): Attack => ({
      name: `a good message with ${name}`,
      rule: 'G22',
      reason: 'too_large',
      modes: ['assertion', 'response'],
      forge,
      twin: { forge: twin },
    }),
  ),
  {
    name: 'a good message with 8,000 elements in an Object of the Signature',
    rule: 'G22',
    reason: 'malformed',
    modes: ['assertion', 'response'],
    forge: inObject(wide(8000)),
  },
  {
    name: 'more than sixteen prefixes in a PrefixList',
    rule: 'G22',
    reason: 'too_large',
    options: { inclusivePrefixes: Array.from({ length: 17 }, (_, i) => `p${i}`) },
    twin: { options: { inclusivePrefixes: Array.from({ length: 16 }, (_, i) => `p${i}`) } },
  },
  {
    name: 'an assertion of 4,000 groups that has expired, in a fresh Response',
    rule: 'G22',
    reason: 'expired',
    modes: ['assertion'],
    parts: {
      assertion: { IssueInstant: '2026-03-02T08:40:00Z' },
      attributes: `<AttributeStatement><Attribute Name="x">${'<AttributeValue>a</AttributeValue>'.repeat(4000)}</Attribute></AttributeStatement>`,
    },
    twin: {},
  },
];
