// The values of an assertion, read from canonical octets by saxes: what our own reader says must be exactly that.
import { SaxesParser } from 'saxes';
import { authnMethodsReferences, maxNameIdLength } from '../../../src/saml/names.ts';
import type { ReferenceValues } from '../../../src/saml/reference-input.ts';

interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Node[];
  text: string;
}

const saml = 'urn:oasis:names:tc:SAML:2.0:assertion';

/** In the shape of referenceInput. @param octets an Assertion, or a Response with one */
export function valuesOfOctets(octets: string): ReferenceValues {
  const root = parse(octets);
  const assertion = root.name === 'Assertion' ? root : child(root, 'Assertion');
  const nameId = child(child(assertion, 'Subject'), 'NameID');
  // A NameID without a value that logout could use counts as none (src/saml/subject.ts).
  const written = nameId.text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
  const usable = written.trim() !== '' && written.length <= maxNameIdLength;
  const statement = child(assertion, 'AuthnStatement');
  const attributes = new Map<string, string[]>();
  for (const attribute of all(all([assertion], 'AttributeStatement'), 'Attribute')) {
    const name = attribute.attributes['Name'] ?? '';
    const values = all([attribute], 'AttributeValue').filter(
      ({ children, text }) => children.length === 0 && text !== '',
    );
    attributes.set(name, [...(attributes.get(name) ?? []), ...values.map(({ text }) => text)]);
  }
  const contexts = [child(child(statement, 'AuthnContext'), 'AuthnContextClassRef').text].concat(
    attributes.get(authnMethodsReferences) ?? [],
  );
  const values: Record<string, string | readonly string[] | undefined> = {
    id: assertion.attributes['ID'],
    issuer: child(assertion, 'Issuer').text,
    issueInstant: instant(assertion.attributes['IssueInstant']),
    nameId: usable ? written : undefined,
    nameIdFormat: (usable && collapsed(nameId.attributes['Format'])) || undefined,
    sessionIndex: statement.attributes['SessionIndex'],
    authnInstant: instant(statement.attributes['AuthnInstant']),
    contexts: [...new Set(contexts.map(collapsed).filter(Boolean))],
  };
  for (const [name, texts] of attributes) values[`attribute ${name}`] = texts;
  return values;
}

/** White space as XML Schema collapses it, by other means than the product's. */
function collapsed<Text extends string | undefined>(text: Text): Text {
  return text
    ?.split(/[ \t\r\n]+/)
    .filter(Boolean)
    .join(' ') as Text;
}

function parse(octets: string): Node {
  const open: Node[] = [{ name: '', attributes: {}, children: [], text: '' }];
  const parser = new SaxesParser({ xmlns: true, position: false });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ uri, local, attributes }) => {
    const own = Object.values(attributes).filter((each) => each.uri === '');
    const node = {
      name: uri === saml ? local : `{${uri}}${local}`,
      attributes: Object.fromEntries(own.map((each) => [each.local, each.value])),
      ...{ children: [], text: '' },
    };
    open.at(-1)!.children.push(node);
    open.push(node);
  });
  parser.on('text', (text) => {
    open.at(-1)!.text += text;
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.write(octets).close();
  return open[0]!.children[0]!;
}

const nothing: Node = { name: '', attributes: {}, children: [], text: '' };

function child(parent: Node, name: string): Node {
  return parent.children.find((each) => each.name === name) ?? nothing;
}

function all(parents: readonly Node[], name: string): Node[] {
  return parents.flatMap(({ children }) => children.filter((each) => each.name === name));
}

function instant(text: string | undefined): string {
  // xs:dateTime collapses white space (Datatypes §3.2.7).
  const collapsed = (text ?? '').replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
  return new Date(collapsed.replace(/(\.\d{3})\d+Z$/, '$1Z')).toISOString();
}
