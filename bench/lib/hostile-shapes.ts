// Messages that want to be expensive: each shape fills a Response that was signed before up to a size.

/** Changes a signed Response of about 7 KB so that it has about `bytes`. */
export interface HostileShape {
  readonly name: string;
  readonly edit: (xml: string, bytes: number) => string;
}

const insideResponse = (make: (bytes: number) => string) => (xml: string, bytes: number) =>
  xml.replace('</samlp:Response>', () => `${make(bytes - xml.length)}</samlp:Response>`);
const insideAssertion = (make: (bytes: number) => string) => (xml: string, bytes: number) =>
  xml.replace('</AttributeStatement>', () => `${make(bytes - xml.length)}</AttributeStatement>`);
const insideSignedInfo = (part: string) => (xml: string, bytes: number) =>
  xml.replace('</ds:SignedInfo>', () => `${fill(part)(bytes - xml.length)}</ds:SignedInfo>`);

/** The text again and again; `#` becomes a number. */
function fill(part: string): (bytes: number) => string {
  return (bytes) => {
    const parts: string[] = [];
    for (let length = 0, index = 0; length < bytes; index++) {
      const next = part.replaceAll('#', String(index));
      parts.push(next);
      length += next.length;
    }
    return parts.join('');
  };
}

function attributes(prefix: string, count: number): string {
  return Array.from({ length: count }, (_, index) => ` ${prefix}${index}=""`).join('');
}

function declarations(count: number): string {
  return Array.from({ length: count }, (_, index) => ` xmlns:n${index}="u:${index}"`).join('');
}

const nested = (levels: number) => '<a>'.repeat(levels) + '</a>'.repeat(levels);
const certificate = `<X509Data xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Certificate>${'A'.repeat(1000)}</X509Certificate></X509Data>`;

export const hostileShapes: readonly HostileShape[] = [
  { name: '`<a/>` siblings', edit: insideResponse(fill('<a/>')) },
  { name: '`<a/>` siblings in the signed part', edit: insideAssertion(fill('<a/>')) },
  { name: '`<a/>`, 4,000 in each of several parents', edit: insideResponse(fill(`<p>${'<a/>'.repeat(4000)}</p>`)) },
  { name: '31 levels, again and again', edit: insideResponse(fill(nested(31))) },
  { name: 'deep nesting', edit: insideResponse((bytes) => nested(Math.floor(bytes / 7))) },
  { name: 'attributes on one element', edit: insideResponse((bytes) => `<a${fill(' a#=""')(bytes)}/>`) },
  { name: '31 attributes on each element', edit: insideResponse(fill(`<a${attributes('a', 31)}/>`)) },
  { name: '31 attributes on each, signed part', edit: insideAssertion(fill(`<a${attributes('a', 31)}/>`)) },
  {
    name: 'xmlns declarations on one element',
    edit: insideResponse((bytes) => `<a${fill(' xmlns:n#="u:#"')(bytes)}/>`),
  },
  { name: '31 xmlns declarations on each element', edit: insideResponse(fill(`<a${declarations(31)}/>`)) },
  { name: 'prefixes in the signed part', edit: insideAssertion(fill('<n#:a xmlns:n#="u:#"/>')) },
  { name: 'many References', edit: insideSignedInfo('<ds:Reference URI="#_a"></ds:Reference>') },
  {
    name: 'many certificates',
    edit: (xml, bytes) => xml.replace('</KeyInfo>', () => `${fill(certificate)(bytes - xml.length)}</KeyInfo>`),
  },
  {
    name: 'many groups, changed',
    edit: insideAssertion(
      (bytes) => `<Attribute Name="x">${fill('<AttributeValue>CORP\\A-#</AttributeValue>')(bytes)}</Attribute>`,
    ),
  },
  {
    name: 'many Attributes',
    edit: insideAssertion(fill('<Attribute Name="n#"><AttributeValue>v</AttributeValue></Attribute>')),
  },
  { name: 'one long text', edit: insideResponse((bytes) => 'x'.repeat(bytes)) },
  {
    name: '`&amp;` in the signed part',
    edit: insideAssertion(
      (bytes) => `<Attribute Name="x"><AttributeValue>${fill('&amp;')(bytes)}</AttributeValue></Attribute>`,
    ),
  },
  {
    name: '`&#65;` in the signed part',
    edit: insideAssertion(
      (bytes) => `<Attribute Name="x"><AttributeValue>${'&#65;'.repeat(bytes / 5)}</AttributeValue></Attribute>`,
    ),
  },
  {
    name: '`>` in the signed part',
    edit: insideAssertion(
      (bytes) => `<Attribute Name="x"><AttributeValue>${fill('>')(bytes)}</AttributeValue></Attribute>`,
    ),
  },
  {
    name: 'quotes in a value, signed part',
    edit: insideAssertion((bytes) => `<Attribute Name='${fill('"')(bytes)}'/>`),
  },
  {
    name: 'tabs in a value, signed part',
    edit: insideAssertion((bytes) => `<Attribute Name="${fill('\t')(bytes)}"/>`),
  },
  { name: 'carriage returns', edit: insideResponse(fill('\r')) },
  { name: 'comments', edit: insideResponse(fill('<!---->')) },
  { name: 'CDATA', edit: insideResponse(fill('<![CDATA[]]>')) },
  { name: 'not XML', edit: (xml, bytes) => '\u0001'.repeat(Math.max(bytes, xml.length)) },
];
