// What the tests of this emulator share: users, a relying party, requests of every binding, readers of what comes back.
import { inflateRawSync } from 'node:zlib';
import { createTestClock, type TestClock } from '../../../test/support/clock.ts';
import type { Page } from '../../../test/support/http-browser/navigation.ts';
import { type KeyPair, keyPair } from '../../../test/support/key-pairs.ts';
import { bindingPost, samlp } from '../../adfs/names.ts';
import { buildRedirectUrl } from '../../adfs/redirect-binding.ts';
import { type Adfs, type AdfsOptions, type AdfsUser, type RelyingPartyTrust, startAdfs } from '../../adfs/server.ts';
import { signElement } from '../../adfs/signing.ts';
import { childOf, escapeXml, parseXml, type XmlElement } from '../../adfs/xml.ts';

export const alice: AdfsUser = {
  username: 'alice',
  password: 'correct horse',
  upn: 'alice@corp.example',
  displayName: 'Alice "Al" O\'Hara <Ops & R&D> Ä 😀',
  givenName: 'Alice',
  surname: "O'Hara",
  email: 'alice@example.com',
  windowsAccountName: 'CORP\\alice',
  groups: ['CORP\\AWS-Payments-Dev', 'CORP\\Tab\there\r\nand lines', 'CORP\\]]> &amp; <b>'],
  groupSids: ['S-1-5-21-1-2-3-1001'],
  denyOnlySids: ['S-1-5-21-1-2-3-512'],
};

const bob: AdfsUser = { ...alice, username: 'bob', upn: 'bob@corp.example', windowsAccountName: 'CORP\\bob' };

export const party: RelyingPartyTrust = {
  entityId: 'http://127.0.0.1:9/saml/metadata',
  acsUrl: 'http://127.0.0.1:9/saml/acs',
};

export interface Keys {
  readonly signing: KeyPair;
  readonly secondarySigning: KeyPair;
  readonly encryption: KeyPair;
  /** The relying party's. */
  readonly party: KeyPair;
}

export const keys: Keys = {
  signing: keyPair('idp-signing'),
  secondarySigning: keyPair('idp-signing-next'),
  encryption: keyPair('idp-encryption'),
  party: keyPair('sp-signing'),
};

/** An emulator with a clock that the test moves. */
export async function startFixture(
  keys: Keys,
  options: Partial<AdfsOptions> = {},
): Promise<{ idp: Adfs; clock: TestClock }> {
  const clock = createTestClock();
  const { signing, encryption } = keys;
  const base = { now: clock.now, users: [alice, bob], relyingParties: [party], signing, encryption };
  return { idp: await startAdfs({ ...base, ...options }), clock };
}

/** Fields of an AuthnRequest; an absent one takes a value that AD FS accepts, `null` leaves the attribute out. */
export interface RequestFields {
  readonly id?: string;
  readonly issuer?: string;
  readonly destination?: string | null;
  readonly acsUrl?: string | null;
  readonly version?: string;
  readonly issueInstant?: string;
  readonly attributes?: string;
  readonly content?: string;
}

export function authnRequest(idp: Adfs, fields: RequestFields = {}): string {
  const destination = fields.destination === undefined ? idp.ssoUrl : fields.destination;
  const acsUrl = fields.acsUrl === undefined ? party.acsUrl : fields.acsUrl;
  return (
    `<samlp:AuthnRequest xmlns:samlp="${samlp}" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ` +
    `ID="${fields.id ?? '_request'}" Version="${fields.version ?? '2.0'}" ` +
    `IssueInstant="${fields.issueInstant ?? '2026-03-02T09:00:00Z'}" ProtocolBinding="${bindingPost}"` +
    (destination === null ? '' : ` Destination="${escapeXml(destination)}"`) +
    (acsUrl === null ? '' : ` AssertionConsumerServiceURL="${escapeXml(acsUrl)}"`) +
    ` ${fields.attributes ?? ''}><saml:Issuer>${fields.issuer ?? party.entityId}</saml:Issuer>` +
    `${fields.content ?? ''}</samlp:AuthnRequest>`
  );
}

/** The sign-on URL with a request by the Redirect binding; without a key it is not signed. */
export function redirectUrl(
  idp: Adfs,
  xml: string,
  options: { key?: string; relayState?: string; algorithm?: 'rsa-sha1' } = {},
): string {
  const { key, relayState, algorithm } = options;
  const signed = buildRedirectUrl({
    ...{ location: idp.ssoUrl, parameter: 'SAMLRequest', xml, relayState, algorithm, key: key ?? throwawayKey },
  });
  return key === undefined ? signed.replace(/&SigAlg=.*$/, '') : signed;
}

// The URL builder always signs; unsigned requests drop what this key made.
const throwawayKey = keyPair('stranger').key;

/** A POST binding form body. */
export function postForm(xml: string, key?: KeyPair): Record<string, string> {
  const id = / ID="([^"]*)"/.exec(xml)?.[1] ?? '';
  const message = key === undefined ? xml : signElement(xml, { id, key });
  return { SAMLRequest: Buffer.from(message, 'utf8').toString('base64') };
}

/** A Response that a page is about to post. */
export interface PostedResponse {
  readonly action: string;
  readonly relayState: string | undefined;
  readonly base64: string;
  readonly xml: string;
  readonly root: XmlElement;
  readonly statusCodes: string[];
}

export function readPosted(page: Page, parameter = 'SAMLResponse'): PostedResponse {
  const form = page.forms[0];
  const fields = new Map(form?.fields);
  const base64 = fields.get(parameter);
  if (form === undefined || base64 === undefined) throw new Error(`no ${parameter} on the page: ${page.body}`);
  const xml = Buffer.from(base64, 'base64').toString('utf8');
  const root = parseXml(xml);
  return {
    action: form.action,
    relayState: fields.get('RelayState'),
    base64,
    xml,
    root,
    statusCodes: statusCodes(root),
  };
}

export function statusCodes(root: XmlElement): string[] {
  const codes: string[] = [];
  const status = childOf(root, samlp, 'Status');
  let code = status === undefined ? undefined : childOf(status, samlp, 'StatusCode');
  while (code !== undefined) {
    codes.push((code.attributes.get('Value') ?? '').replace('urn:oasis:names:tc:SAML:2.0:status:', ''));
    code = childOf(code, samlp, 'StatusCode');
  }
  return codes;
}

/** The first element of a name, anywhere. */
export function find(element: XmlElement, name: string): XmlElement | undefined {
  if (element.name === name) return element;
  for (const child of element.children) {
    const found = find(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Values of an attribute by claim type. */
export function claimValues(root: XmlElement, type: string): string[] | undefined {
  const statement = find(root, 'AttributeStatement');
  const attribute = statement?.children.find((child) => child.attributes.get('Name') === type);
  return attribute?.children.map((value) => value.text);
}

/** The XML of a message in a Redirect binding URL. */
export function inflate(url: URL, parameter: 'SAMLRequest' | 'SAMLResponse'): string {
  return inflateRawSync(Buffer.from(url.searchParams.get(parameter) ?? '', 'base64')).toString('utf8');
}

/** The password form, filled in. */
export const aliceCredentials = { UserName: 'alice', Password: 'correct horse' };
