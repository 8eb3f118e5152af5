import { describe, expect, test } from 'vitest';
import { keyPair } from '../support/key-pairs.ts';
import { judge, refusal, testAcceptances, testRefusals, validated } from './support/refusals.ts';
import {
  type BuildOptions,
  expectationsFor,
  idpEntityId,
  now,
  nsSaml,
  type SigningMode,
  signedResponse,
  signedXml,
  toBase64,
} from './support/response-builder.ts';
import { enveloped, exclusiveC14n } from './support/sign-element.ts';

const [key, otherKey] = [keyPair('idp-signing'), keyPair('stranger')];

const dsig = 'http://www.w3.org/2000/09/xmldsig#';
const xmlenc = 'http://www.w3.org/2001/04/xmlenc#';
const more = 'http://www.w3.org/2001/04/xmldsig-more#';
const inclusive = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';

describe('algorithms [Core §5.4]', () => {
  testAcceptances(
    () => key,
    [
      {
        name: 'rsa-sha512 with a sha512 digest',
        options: { signatureAlgorithm: `${more}rsa-sha512`, digestAlgorithm: `${xmlenc}sha512` },
      },
      {
        name: 'RSASSA-PSS with SHA-256',
        options: { signatureAlgorithm: 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1' },
      },
      { name: 'a PrefixList for exclusive canonicalization', options: { inclusivePrefixes: ['xs'] } },
    ],
  );

  const refused: readonly (readonly [string, BuildOptions])[] = [
    ['rsa-sha1', { signatureAlgorithm: `${dsig}rsa-sha1` }],
    ['a sha1 digest', { digestAlgorithm: `${dsig}sha1` }],
    ['HMAC with the certificate as its secret', { hmac: true, signatureAlgorithm: `${dsig}hmac-sha1` }],
    ['SignedInfo in inclusive canonical form', { canonicalizationAlgorithm: inclusive }],
    ['a transform to inclusive canonical form', { transforms: [enveloped, inclusive] }],
    ['canonicalization before the enveloped transform', { transforms: [exclusiveC14n, enveloped] }],
    ['the enveloped transform only', { transforms: [enveloped] }],
    ['three transforms', { transforms: [enveloped, exclusiveC14n, exclusiveC14n] }],
  ];
  for (const mode of ['assertion', 'response', 'both'] as const) {
    testRefusals(
      () => key,
      refused.map(([name, options]) => ({ name, options: { ...options, mode }, reason: 'algorithm' as const })),
    );
  }

  // These cannot be signed by our library: the declared algorithm is changed afterwards, and it is refused as such.
  const declared: readonly (readonly [string, string, string])[] = [
    ['rsa-md5', `${more}rsa-sha256`, `${more}rsa-md5`],
    ['a name that only ends like an allowed one', `${more}rsa-sha256`, `urn:x#rsa-sha256`],
    ['an XPath transform', `${dsig}enveloped-signature`, 'http://www.w3.org/TR/1999/REC-xpath-19991116'],
    ['an XSLT transform', `${dsig}enveloped-signature`, 'http://www.w3.org/TR/1999/REC-xslt-19991116'],
    ['an empty algorithm', `${more}rsa-sha256`, ''],
  ];
  testRefusals(
    () => key,
    declared.map(([name, from, to]) => ({
      name,
      options: { editSigned: (xml: string) => xml.replaceAll(`Algorithm="${from}"`, `Algorithm="${to}"`) },
      reason: 'algorithm' as const,
    })),
  );
});

describe('keys [Profiles §4.1.4.3]', () => {
  test('every certificate of the identity provider may have signed, as during rollover', async () => {
    const expected = { idp: { signingCertificates: [otherKey.cert, key.cert] } };
    await expect(judge(key, { expected })).resolves.toMatchObject({ id: '_assertion' });
  });

  for (const mode of ['assertion', 'response', 'both'] as const) {
    test(`of another identity provider are refused (${mode} signed), whatever KeyInfo brings along`, async () => {
      const message = signedResponse(otherKey, {}, { mode });
      expect(Buffer.from(message, 'base64').toString()).toContain('X509Certificate');
      await expect(validated(message, expectationsFor(otherKey), now)).resolves.toMatchObject({
        issuer: idpEntityId,
      });
      await expect(validated(message, expectationsFor(key), now)).rejects.toMatchObject(refusal('signature'));
    });
  }

  test('are needed: without any nothing is accepted', async () => {
    const expected = { idp: { signingCertificates: [] } };
    await expect(judge(key, { expected })).rejects.toMatchObject({ code: 'saml_refused' });
  });

  test('of two identity providers do not mix in one message', async () => {
    const options = { mode: 'both' as const, responseKey: otherKey };
    await expect(judge(key, { options })).rejects.toMatchObject(refusal('signature'));
    await expect(judge(otherKey, { options: { ...options, responseKey: key } })).rejects.toMatchObject(
      refusal('signature'),
    );
  });
});

describe('which signatures are wanted', () => {
  const rows = [
    { mode: 'assertion', idp: { wantAssertionsSigned: true }, isAccepted: true },
    { mode: 'assertion', idp: { wantResponseSigned: true }, isAccepted: false },
    { mode: 'response', idp: { wantResponseSigned: true }, isAccepted: true },
    { mode: 'response', idp: { wantAssertionsSigned: true }, isAccepted: false },
    { mode: 'both', idp: { wantAssertionsSigned: true, wantResponseSigned: true }, isAccepted: true },
    { mode: 'none', idp: {}, isAccepted: false },
  ] as const satisfies readonly { mode: SigningMode; idp: object; isAccepted: boolean }[];
  for (const { mode, idp, isAccepted } of rows) {
    test(`${mode} signed with ${JSON.stringify(idp)} is ${isAccepted ? 'accepted' : 'refused'}`, async () => {
      const judged = judge(key, { options: { mode }, expected: { idp } });
      if (isAccepted) await expect(judged).resolves.toMatchObject({ id: '_assertion' });
      else await expect(judged).rejects.toMatchObject(refusal('signature'));
    });
  }

  test('an encrypted assertion is refused as such', async () => {
    const editUnsigned = (xml: string) =>
      xml.replace(/<Assertion.*<\/Assertion>/, `<EncryptedAssertion xmlns="${nsSaml}"/>`);
    const judged = judge(key, { options: { mode: 'response', editUnsigned } });
    await expect(judged).rejects.toMatchObject(refusal('encryption'));
  });
});

describe('a signature that does not hold', () => {
  const breaks: readonly (readonly [string, (xml: string) => string])[] = [
    ['a changed NameID', (xml) => xml.replace('>alice@', '>admin@')],
    ['a changed group', (xml) => xml.replace('AWS-Dev', 'AWS-Adm')],
    ['an attribute taken away', (xml) => xml.replace(/<AttributeStatement>.*<\/AttributeStatement>/, '')],
    [
      'a changed SignatureValue',
      (xml) => xml.replace(/(<ds:SignatureValue>)(.)/, (_, tag, c) => tag + (c === 'A' ? 'B' : 'A')),
    ],
    ['an empty SignatureValue', (xml) => xml.replace(/(<ds:SignatureValue>)[^<]*/, '$1')],
    [
      'a changed DigestValue',
      (xml) => xml.replace(/(<ds:DigestValue>)(.)/, (_, tag, c) => tag + (c === 'A' ? 'B' : 'A')),
    ],
    ['an empty DigestValue', (xml) => xml.replace(/(<ds:DigestValue>)[^<]*/, '$1')],
    ['white space added', (xml) => xml.replace('<Conditions', ' <Conditions')],
  ];
  for (const mode of ['assertion', 'response', 'both'] as const) {
    for (const [name, editSigned] of breaks) {
      test(`is refused with ${name} (${mode} signed)`, async () => {
        await expect(judge(key, { options: { mode, editSigned } })).rejects.toMatchObject(refusal('signature'));
      });
    }
  }

  test('is refused with a digest that fits the change, since SignedInfo is signed', async () => {
    const original = signedXml(key);
    const digestOf = (xml: string) => /<ds:DigestValue>([^<]*)/.exec(xml)![1]!;
    // What an attacker can compute without the key: the digest of the forged assertion, from the attacker's own signature.
    const evil = original.replace('>alice@', '>admin@');
    const fitting = digestOf(signedXml(otherKey, { nameId: '<NameID>admin@corp.example</NameID>' }));
    expect(digestOf(signedXml(otherKey))).toBe(digestOf(original));
    const forged = evil.replace(/(<ds:DigestValue>)[^<]*/, `$1${fitting}`);
    const judged = validated(toBase64(forged), expectationsFor(key), now);
    await expect(judged).rejects.toMatchObject(refusal('signature'));
  });

  test('is refused on the Response although the Response need not be signed', async () => {
    const idp = { wantAssertionsSigned: true, wantResponseSigned: false };
    await expect(judge(key, { options: { mode: 'both' }, expected: { idp } })).resolves.toMatchObject({
      id: '_assertion',
    });
    const options = { mode: 'both' as const, responseKey: otherKey };
    await expect(judge(key, { options, expected: { idp } })).rejects.toMatchObject(refusal('signature'));
  });

  const references: readonly (readonly [string, string, 'signature' | 'malformed'])[] = [
    ['to nothing', 'URI=""', 'signature'],
    ['without URI', '', 'signature'],
    ['to another element', 'URI="#_other"', 'signature'],
    ['by XPointer', `URI="#xpointer(id('_assertion'))"`, 'signature'],
    ['to the root of the document', 'URI="#xpointer(/)"', 'signature'],
    ['to another document', 'URI="http://evil.example.com/#_assertion"', 'signature'],
  ];
  for (const [name, uri, reason] of references) {
    test(`is refused with a Reference ${name} [Core §5.4.2]`, async () => {
      const editSigned = (xml: string) => xml.replace('URI="#_assertion"', uri);
      await expect(judge(key, { options: { editSigned } })).rejects.toMatchObject(refusal(reason));
    });
  }

  for (const part of ['SignedInfo', 'Reference', 'DigestValue', 'SignatureValue']) {
    test(`is refused with two of ${part} or none [Core §5.4.2]`, async () => {
      const all = new RegExp(`<ds:${part}[ >].*</ds:${part}>`);
      for (const replacement of ['$&$&', '']) {
        const editSigned = (xml: string) => xml.replace(all, replacement);
        await expect(judge(key, { options: { editSigned } })).rejects.toMatchObject(refusal('malformed'));
      }
    });
  }
});
