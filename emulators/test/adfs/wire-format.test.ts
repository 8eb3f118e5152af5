// What a Response of AD FS looks like, field by field.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claimTypes } from '../../adfs/names.ts';
import type { Adfs, RelyingPartyTrust } from '../../adfs/server.ts';
import { parseXml } from '../../adfs/xml.ts';
import { alice, claimValues, find, keys, party, startFixture } from './fixture.ts';

let idp: Adfs;

beforeAll(async () => {
  ({ idp } = await startFixture(keys));
});

afterAll(() => idp.close());

function issue(trust: Partial<RelyingPartyTrust> = {}): string {
  idp.setRelyingParties([{ ...party, ...trust }]);
  return idp.issueResponse({ username: 'alice', relyingParty: party.entityId, inResponseTo: '_request' });
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

describe('the wire format of AD FS', () => {
  test('has the header, the times and the order of elements that AD FS emits', () => {
    const xml = decode(issue());
    const root = parseXml(xml);
    const now = root.attributes.get('IssueInstant') ?? '';
    expect(xml).toMatch(/^<samlp:Response ID="_[0-9a-f-]{36}" Version="2.0"/);
    expect(Object.fromEntries(root.attributes)).toMatchObject({
      Destination: party.acsUrl,
      Consent: 'urn:oasis:names:tc:SAML:2.0:consent:unspecified',
      InResponseTo: '_request',
    });
    const assertion = find(root, 'Assertion');
    expect(xml).toContain('<Assertion ID="_');
    expect(assertion?.declared).toEqual({ '': 'urn:oasis:names:tc:SAML:2.0:assertion' });
    expect(assertion?.children.map((child) => child.name)).toEqual([
      ...['Issuer', 'Signature', 'Subject', 'Conditions', 'AttributeStatement', 'AuthnStatement'],
    ]);
    expect(Object.fromEntries(find(root, 'SubjectConfirmationData')?.attributes ?? [])).toEqual({
      InResponseTo: '_request',
      NotOnOrAfter: new Date(Date.parse(now) + 300_000).toISOString(),
      Recipient: party.acsUrl,
    });
    expect(Object.fromEntries(find(root, 'Conditions')?.attributes ?? [])).toEqual({
      NotBefore: now,
      NotOnOrAfter: new Date(Date.parse(now) + 3_600_000).toISOString(),
    });
    expect(find(root, 'Audience')?.text).toBe(party.entityId);
    expect(Object.fromEntries(find(root, 'AuthnStatement')?.attributes ?? [])).toEqual({
      AuthnInstant: now,
      SessionIndex: assertion?.attributes.get('ID'),
    });
    expect(find(root, 'AuthnContextClassRef')?.text).toBe(
      'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
    );
  });

  test('lists claims without types and name formats', () => {
    const xml = decode(issue());
    const root = parseXml(xml);
    expect(claimValues(root, claimTypes.upn)).toEqual([alice.upn]);
    expect(claimValues(root, claimTypes.windowsAccountName)).toEqual(['CORP\\alice']);
    expect(claimValues(root, claimTypes.group)).toEqual(alice.groups);
    expect(claimValues(root, claimTypes.groupSid)).toEqual(alice.groupSids);
    expect(claimValues(root, claimTypes.denyOnlySid)).toEqual(alice.denyOnlySids);
    expect(claimValues(root, claimTypes.authnMethodsReferences)).toBeUndefined();
    expect(xml).not.toMatch(/xsi:|NameFormat|FriendlyName/);
  });

  test('names groups by SID alone where the trust says so', () => {
    const root = parseXml(decode(issue({ groupClaim: 'sid' })));
    expect(claimValues(root, claimTypes.group)).toBeUndefined();
    expect(claimValues(root, claimTypes.groupSid)).toEqual(alice.groupSids);
  });

  const nameIds = [
    { format: undefined, value: alice.upn, urn: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified' },
    { format: 'emailAddress', value: alice.email, urn: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress' },
    {
      format: 'WindowsDomainQualifiedName',
      value: 'CORP\\alice',
      urn: 'urn:oasis:names:tc:SAML:1.1:nameid-format:WindowsDomainQualifiedName',
    },
  ] as const;
  for (const { format, value, urn } of nameIds) {
    test(`has the NameID of a rule for ${format ?? 'no format'}`, () => {
      const nameId = find(parseXml(decode(issue(format === undefined ? {} : { nameIdFormat: format }))), 'NameID');
      expect(nameId).toMatchObject({ text: value });
      expect(nameId?.attributes.get('Format')).toBe(urn);
    });
  }

  test('has stable persistent, changing transient and, without a rule, no NameIDs', () => {
    const read = (nameIdFormat: 'persistent' | 'transient' | 'none') =>
      find(parseXml(decode(issue({ nameIdFormat }))), 'NameID')?.text;
    expect(read('persistent')).toBe(read('persistent'));
    expect(read('persistent')).not.toContain('alice');
    expect(read('transient')).not.toBe(read('transient'));
    expect(read('none')).toBeUndefined();
  });
});
