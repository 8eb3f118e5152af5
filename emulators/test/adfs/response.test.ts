// Proves the emulator's Responses with parties that share no code with it: xmlsec1, node-saml, and xml-crypto on its own.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SAML } from '@node-saml/node-saml';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SignedXml } from 'xml-crypto';
import { xmlsec1Path } from '../../../test/support/parts/parts.ts';
import { verifyWithXmlsec1 } from '../../../test/support/xmlsec1.ts';
import { claimTypes } from '../../adfs/names.ts';
import type { Adfs, RelyingPartyTrust, ResponseOverrides } from '../../adfs/server.ts';
import { parseXml } from '../../adfs/xml.ts';
import { alice, claimValues, find, keys, party, startFixture } from './fixture.ts';

let idp: Adfs;

beforeAll(async () => {
  // node-saml judges by the real time.
  const now = new Date(Date.now());
  ({ idp } = await startFixture(keys, { now: () => now }));
});

afterAll(() => idp.close());

function issue(trust: Partial<RelyingPartyTrust> = {}, overrides: ResponseOverrides = {}): string {
  idp.setRelyingParties([{ ...party, ...trust }]);
  const input = { username: 'alice', relyingParty: party.entityId, inResponseTo: '_request', overrides };
  return idp.issueResponse(input);
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

function serviceProvider(options: { response: boolean; assertion: boolean; idpCert?: string }): SAML {
  return new SAML({
    callbackUrl: party.acsUrl,
    entryPoint: idp.ssoUrl,
    issuer: party.entityId,
    audience: party.entityId,
    idpIssuer: idp.entityId,
    idpCert: options.idpCert ?? keys.signing.cert,
    wantAssertionsSigned: options.assertion,
    wantAuthnResponseSigned: options.response,
    decryptionPvk: keys.party.key,
  });
}

const modes = [
  { mode: 'AssertionOnly', response: false, assertion: true },
  { mode: 'MessageAndAssertion', response: true, assertion: true },
  { mode: 'MessageOnly', response: true, assertion: false },
] as const;

describe('issued responses', () => {
  for (const { mode, response, assertion } of modes) {
    test(`with ${mode} verify with xmlsec1`, async () => {
      const xml = decode(issue({ samlResponseSignature: mode }));
      await verifyWithXmlsec1(xml, keys.signing.cert);
      if (assertion) await verifyWithXmlsec1(cut(xml, 'Assertion'), keys.signing.cert);
      await expect(verifyWithXmlsec1(xml, keys.secondarySigning.cert)).rejects.toThrow();
    });

    for (const algorithm of [undefined, 'aes256-cbc', 'aes256-gcm'] as const) {
      test(`with ${mode} and ${algorithm ?? 'no'} encryption are accepted by node-saml`, async () => {
        const encryption =
          algorithm === undefined ? {} : { encryptionCertificate: keys.party.cert, encryptionAlgorithm: algorithm };
        const message = issue({ samlResponseSignature: mode, ...encryption });
        expect(decode(message).includes('EncryptedAssertion')).toBe(algorithm !== undefined);
        const { profile } = await serviceProvider({ response, assertion }).validatePostResponseAsync({
          SAMLResponse: message,
        });
        expect(profile).toMatchObject({ nameID: alice.upn, inResponseTo: '_request', issuer: idp.entityId });
        expect(profile?.[claimTypes.group]).toEqual(alice.groups);
        expect(profile?.[claimTypes.name]).toBe(alice.displayName);
      });
    }
  }

  test('are not accepted with the key of another identity provider', async () => {
    const provider = serviceProvider({ response: false, assertion: true, idpCert: keys.secondarySigning.cert });
    await expect(provider.validatePostResponseAsync({ SAMLResponse: issue() })).rejects.toThrow(/signature/i);
  });

  test('verify with xml-crypto, reference and digest included', () => {
    const xml = decode(issue());
    const signature = new SignedXml({ publicCert: keys.signing.cert, getCertFromKeyInfo: () => null });
    signature.loadSignature(cut(xml, 'Signature'));
    expect(signature.checkSignature(xml)).toBe(true);
    expect(signature.getSignedReferences()).toHaveLength(1);
    expect(() => signature.checkSignature(xml.replace(alice.email, 'mallory@example.com'))).not.toThrow();
    expect(signature.checkSignature(xml.replace(alice.email, 'mallory@example.com'))).toBe(false);
  });

  for (const algorithm of ['aes256-cbc', 'aes256-gcm'] as const) {
    test(`encrypted with ${algorithm} are decrypted by xmlsec1, and the assertion inside is signed`, async () => {
      const xml = decode(issue({ encryptionCertificate: keys.party.cert, encryptionAlgorithm: algorithm }));
      expect(xml).not.toContain(alice.upn);
      const directory = mkdtempSync(join(tmpdir(), 'rolegate-adfs-'));
      try {
        writeFileSync(join(directory, 'response.xml'), xml);
        writeFileSync(join(directory, 'key.pem'), keys.party.key);
        const decryption = ['--decrypt', '--privkey-pem', join(directory, 'key.pem'), join(directory, 'response.xml')];
        const plain = execFileSync(xmlsec1Path(), decryption, { encoding: 'utf8', stdio: 'pipe' });
        expect(plain).toContain(alice.upn);
        await verifyWithXmlsec1(cut(plain, 'Assertion'), keys.signing.cert);
      } finally {
        rmSync(directory, { recursive: true });
      }
    });
  }

  test('carry any text a directory may hold without breaking the signature', async () => {
    const text = fc
      .string({ unit: 'binary', maxLength: 40 })
      .filter((value) => !unwritable.test(value) && value !== '');
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        const overrides = { claims: { 'urn:example:claim': [value] } };
        const message = issue({}, overrides);
        expect(claimValues(parseXml(decode(message)), 'urn:example:claim')).toEqual([value]);
        const { profile } = await serviceProvider({ response: false, assertion: true }).validatePostResponseAsync({
          SAMLResponse: message,
        });
        expect(profile?.['urn:example:claim']).toBe(value);
      }),
      { numRuns: 25 },
    );
  });
});

// XML 1.0 §2.2: what no XML document can hold. C1 controls and line separators are legal.
const unwritable = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

describe('overrides', () => {
  test('change one thing each and leave a valid signature', async () => {
    const overrides: ResponseOverrides = {
      destination: 'http://other.example/acs',
      recipient: null,
      audiences: ['urn:a', 'urn:b'],
      nameId: { value: 'x', format: 'urn:f' },
      sessionIndex: null,
      editAssertion: (xml) => xml.replace('</Conditions>', '<OneTimeUse /></Conditions>'),
    };
    const xml = decode(issue({}, overrides));
    await verifyWithXmlsec1(xml, keys.signing.cert);
    const root = parseXml(xml);
    expect(root.attributes.get('Destination')).toBe('http://other.example/acs');
    expect(find(root, 'SubjectConfirmationData')?.attributes.has('Recipient')).toBe(false);
    expect(find(root, 'AudienceRestriction')?.children.map((audience) => audience.text)).toEqual(['urn:a', 'urn:b']);
    expect(find(root, 'AuthnStatement')?.attributes.has('SessionIndex')).toBe(false);
    expect(find(root, 'OneTimeUse')).toBeDefined();
  });

  test('can sign with SHA-1, with another key, or not at all', async () => {
    const sha1 = decode(issue({}, { signatureAlgorithm: 'rsa-sha1' }));
    expect(sha1).toContain('http://www.w3.org/2000/09/xmldsig#rsa-sha1');
    const other = decode(issue({}, { signingKey: keys.secondarySigning }));
    await verifyWithXmlsec1(other, keys.secondarySigning.cert);
    expect(decode(issue({}, { signature: 'None' }))).not.toContain('Signature');
  });

  test('can take the Issuer of the Response away and still sign the message', async () => {
    const xml = decode(issue({ samlResponseSignature: 'MessageOnly' }, { responseIssuer: null }));
    expect(parseXml(xml).children[0]?.name).toBe('Signature');
    await verifyWithXmlsec1(xml, keys.signing.cert);
  });
});

test('refuses users and parties it does not know', () => {
  idp.setRelyingParties([party]);
  expect(() => idp.issueResponse({ username: 'nobody', relyingParty: party.entityId })).toThrow(/no user/);
  expect(() => idp.issueResponse({ username: 'alice', relyingParty: 'urn:x' })).toThrow(/no relying party/);
});

/** The text of one element, with the declarations it needs. */
function cut(xml: string, name: string): string {
  const element = find(parseXml(xml.replace(/^<\?xml[^>]*\?>\s*/, '')), name);
  if (element === undefined) throw new Error(`no ${name}`);
  return xml.replace(/^<\?xml[^>]*\?>\s*/, '').slice(element.start, element.end);
}
