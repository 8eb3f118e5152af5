// A second verifier that shares no code with the first: node-saml with xml-crypto and xmldom, all of it. It can only
// reject. It is slow, its cost grows with the square of a message's width, and it comes after the first has accepted.
import { type Profile, SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { DOMParser } from '@xmldom/xmldom';
import { SignedXml } from 'xml-crypto';
import type { Evidence } from './evidence.ts';
import { authnMethodsReferences, maxNameIdLength } from './names.ts';
import type { ReferenceInput, ReferenceValues, ReferenceVerdict } from './reference-input.ts';
import { collapseSpace, trimSpace } from './xml/xml-characters.ts';

class Disagreement extends Error {}

/** Whether xml-crypto verifies the same octets, and node-saml reads the same values. The text holds no content. */
export async function checkByReference({ evidence, values }: ReferenceInput): Promise<ReferenceVerdict> {
  const { xml, decrypted, responseOctets, assertionOctets } = evidence;
  try {
    compareOctets('Response', xml, responseOctets, evidence);
    compareOctets('Assertion', decrypted ?? xml, assertionOctets, evidence);
    // What it decrypts itself it may not be able to: it knows fewer algorithms.
    const profile = await (decrypted === undefined ? verifiedProfile(evidence) : readProfile(decrypted));
    const theirs = valuesOf(profile);
    for (const name of new Set([...Object.keys(values), ...Object.keys(theirs)])) {
      const [a, b] = [comparable(values[name]), comparable(theirs[name])];
      if (a !== b) throw new Disagreement(`other values of ${name.slice(0, 100)}`);
    }
    return { agrees: true };
  } catch (error) {
    // The libraries put digests and names into their messages.
    const difference = error instanceof Disagreement ? error.message : 'the reference verifier refused the message';
    return { agrees: false, difference };
  }
}

function compareOctets(name: string, xml: string, ours: string | undefined, { signingCertificates }: Evidence): void {
  const text = withLineFeeds(xml);
  const root = parse(text);
  const element = root?.localName === name ? root : childOf(root, name);
  const signature = childOf(element, 'Signature');
  if ((signature === undefined) !== (ours === undefined))
    throw new Disagreement(`${name}: signed for one verifier only`);
  if (!signature) return;
  for (const publicCert of signingCertificates) {
    const verifier = new SignedXml({ publicCert, getCertFromKeyInfo: () => null });
    verifier.loadSignature(signature as never);
    if (!verifies(verifier, text)) continue;
    const [octets, ...others] = verifier.getSignedReferences();
    if (octets !== ours || others.length > 0) throw new Disagreement(`${name}: other octets were signed`);
    return;
  }
  throw new Disagreement(`${name}: the signature does not verify`);
}

// XML 1.0 §2.11: xml-crypto and xmldom leave it to their callers.
function withLineFeeds(xml: string): string {
  return xml.replace(/\r\n?/g, '\n');
}

function parse(text: string): Element | null {
  return new DOMParser().parseFromString(text, 'text/xml').documentElement;
}

// It throws where SignedInfo was signed by another key: during rollover that is the ordinary case.
function verifies(verifier: SignedXml, text: string): boolean {
  try {
    return verifier.checkSignature(text);
  } catch {
    return false;
  }
}

function childOf(parent: Element | undefined | null, name: string): Element | undefined {
  const nodes = Array.from({ length: parent?.childNodes.length ?? 0 }, (_, i) => parent!.childNodes[i] as Element);
  return nodes.find((node) => node.nodeType === 1 && node.localName === name);
}

async function verifiedProfile(evidence: Evidence): Promise<Profile | null> {
  const SAMLResponse = Buffer.from(evidence.xml, 'utf8').toString('base64');
  return (await new Reader(evidence).validatePostResponseAsync({ SAMLResponse })).profile;
}

async function readProfile(assertionXml: string): Promise<Profile | null> {
  // As node-saml does with what it decrypts: xmldom reads and writes it, so that white space in attributes is normalized.
  return (await new Reader(undefined).read(String(parse(withLineFeeds(assertionXml))))).profile;
}

// We use node-saml's judgement on signatures and values only: we check times and audience ourselves, by our clock.
class Reader extends SAML {
  constructor(evidence: Evidence | undefined) {
    super({
      idpCert: [...(evidence?.signingCertificates ?? ['unused'])],
      issuer: 'rolegate',
      callbackUrl: 'https://rolegate.invalid/saml/acs',
      audience: false,
      acceptedClockSkewMs: -1,
      validateInResponseTo: ValidateInResponseTo.never,
      wantAuthnResponseSigned: evidence?.responseOctets !== undefined,
      wantAssertionsSigned: evidence?.assertionOctets !== undefined,
    });
  }

  /** It reads dates although no age is limited, and white space around one stops it. */
  protected override calcMaxAgeAssertionTime(): number {
    return 0;
  }

  read(assertionXml: string): Promise<{ profile: Profile | null; loggedOut: boolean }> {
    return this.processValidlySignedAssertionAsync(assertionXml, assertionXml, '');
  }
}

/** An element as xml2js gives it: attributes, own text, children by local name. */
interface Parsed {
  readonly $?: Readonly<Record<string, string>>;
  readonly _?: string;
  readonly [child: string]: readonly Parsed[] | Readonly<Record<string, string>> | string | undefined;
}

function valuesOf(profile: Profile | null): ReferenceValues {
  const assertion = (profile?.getAssertion?.() as { Assertion?: Parsed } | undefined)?.Assertion;
  if (!profile || !assertion) throw new Disagreement('node-saml returned no assertion');
  const statement = all(assertion, 'AuthnStatement')[0];
  const context = statement && all(statement, 'AuthnContext')[0];
  const classRef = collapseSpace((context && all(context, 'AuthnContextClassRef')[0]?._) ?? '');
  const attributes = new Map<string, string[]>();
  for (const attribute of all(assertion, 'AttributeStatement').flatMap((list) => all(list, 'Attribute'))) {
    const name = attribute.$?.['Name'] ?? '';
    const texts = all(attribute, 'AttributeValue').filter((value) =>
      Object.keys(value).every((key) => /^[$_]$/.test(key)),
    );
    attributes.set(name, [...(attributes.get(name) ?? []), ...texts.map((value) => value._ ?? '')]);
  }
  const methods = (attributes.get(authnMethodsReferences) ?? []).map(collapseSpace).filter((method) => method !== '');
  const written = trimSpace(profile.nameID ?? '');
  const nameId = written.trim() === '' || written.length > maxNameIdLength ? '' : written;
  const values: Record<string, string | readonly string[] | undefined> = {
    id: assertion.$?.['ID'],
    issuer: profile.issuer,
    issueInstant: instant(assertion.$?.['IssueInstant']),
    nameId: nameId === '' ? undefined : nameId,
    // node-saml knows no empty Format.
    nameIdFormat: nameId === '' ? undefined : collapseSpace(profile.nameIDFormat ?? '') || undefined,
    sessionIndex: profile.sessionIndex,
    authnInstant: instant(statement?.$?.['AuthnInstant']),
    contexts: [...new Set([...(classRef === '' ? [] : [classRef]), ...methods])],
  };
  for (const [name, texts] of attributes) values[`attribute ${name}`] = texts;
  return values;
}

function all(parent: Parsed, name: string): readonly Parsed[] {
  const found = parent[name];
  // An element without attributes and children is a mere string, if it is empty.
  return Array.isArray(found)
    ? found.map((each: Parsed | string) => (typeof each === 'string' ? { _: each } : each))
    : [];
}

function instant(text: string | undefined): string {
  return new Date(collapseSpace(text ?? '')).toISOString();
}

// xmldom turns CR, U+0085 and U+2028 into LF when it reads what it wrote; the latter two never come so far. xml2js leaves
// out texts of white space.
function comparable(value: string | readonly string[] | undefined): string {
  const texts = value === undefined ? [] : typeof value === 'string' ? [value] : value;
  return JSON.stringify(texts.map((text) => text.replace(/\r\n?/g, '\n')).filter((text) => text.trim() !== ''));
}
