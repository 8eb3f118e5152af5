// Responses as real products send them: accepted ones, each with the nearest refused message and its reason.
import { constants, createPrivateKey, publicEncrypt, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { identityFrom } from '../../src/broker/sign-in/identity.ts';
import { BrokerError } from '../../src/errors.ts';
import { entityFormat } from '../../src/saml/names.ts';
import { oaepDecrypt } from '../../src/saml/oaep.ts';
import { referenceInput } from '../../src/saml/reference-input.ts';
import { checkByReference } from '../../src/saml/reference-verifier.ts';
import { validateResponse } from '../../src/saml/validate-response.ts';
import { type EncryptOptions, encrypt } from '../attacks/support/encrypt.ts';
import { judge, refusal } from '../saml/support/refusals.ts';
import {
  acsUrl,
  at,
  attributeElement,
  audienceRestriction,
  authnStatement,
  conditionsElement,
  confirmation,
  element,
  expectationsFor,
  idpEntityId,
  now,
  nsSaml,
  type ResponseParts,
  signedResponse,
  spEntityId,
} from '../saml/support/response-builder.ts';
import { enveloped, exclusiveC14n, type SigningOptions } from '../saml/support/sign-element.ts';
import { keyPair } from '../support/key-pairs.ts';

const [key, ours, other] = [keyPair('idp-signing'), keyPair('sp-decryption'), keyPair('stranger')];
const accept = (parts: Partial<ResponseParts>, options: SigningOptions = {}) => judge(key, { parts, options });

async function refused(parts: Partial<ResponseParts>, options: object = {}): Promise<BrokerError> {
  const error = await judge(key, { parts, options }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(BrokerError);
  return error as BrokerError;
}

describe('exclusive canonicalization with comments', () => {
  const withComments = `${exclusiveC14n}WithComments`;
  const places: readonly (readonly [string, SigningOptions])[] = [
    ['of SignedInfo', { canonicalizationAlgorithm: withComments }],
    ['as a transform', { transforms: [enveloped, withComments] }],
    ['in both places', { canonicalizationAlgorithm: withComments, transforms: [enveloped, withComments] }],
  ];
  for (const [name, options] of places) {
    test(`${name}: both verifiers accept a document without comments`, async () => {
      const message = signedResponse(key, {}, options);
      const validated = validateResponse(message, expectationsFor(key), now);
      expect(await checkByReference(referenceInput(validated))).toEqual({ agrees: true });
    });

    test(`${name}: a comment is refused`, async () => {
      const parts = { nameId: '<NameID>alice<!-- x -->@corp.example</NameID>' };
      expect(await refused(parts, options)).toMatchObject(refusal('malformed'));
    });
  }

  test('other transforms are refused, and the refusal names them', async () => {
    const inclusive = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
    const error = await refused({}, { transforms: [enveloped, inclusive] });
    expect(error).toMatchObject(refusal('algorithm', { algorithm: `"${enveloped} ${inclusive}"` }));
  });
});

describe('an assertion that is encrypted', () => {
  const opened = (options: EncryptOptions) => {
    const editInside = (xml: string) =>
      xml.replace(/<Assertion .*<\/Assertion>/s, (plain) => encrypt(plain, ours, options));
    const expected = { idp: { decryptionKeys: [createPrivateKey(ours.key)] } };
    return judge(key, { options: { mode: 'response', editInside }, expected });
  };
  const namespaces = 'xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" xmlns="http://www.w3.org/2000/09/xmldsig#"';
  const xenc11 = 'http://www.w3.org/2009/xmlenc11#';
  const mgf = (name: string) =>
    `<MGF xmlns="${xenc11}" Algorithm="${xenc11}${name}"/></xenc:EncryptionMethod><xenc:CipherData>`;
  const withMgf = (name: string) => (xml: string) =>
    xml.replace('</xenc:EncryptionMethod><xenc:CipherData>', mgf(name));

  const rows: readonly (readonly [string, EncryptOptions])[] = [
    ['rsa-oaep-mgf1p, SHA-1', {}],
    ['rsa-oaep-mgf1p, SHA-256 for both', { oaepHash: 'sha256' }],
    ['xmlenc11#rsa-oaep, SHA-1', { transport: 'oaep11' }],
    [
      'xmlenc11#rsa-oaep, SHA-256 and MGF1 with SHA-256 (Keycloak)',
      { transport: 'oaep11', oaepHash: 'sha256', edit: withMgf('mgf1sha256') },
    ],
    [
      'xmlenc11#rsa-oaep without DigestMethod',
      { transport: 'oaep11', edit: (xml) => xml.replace(/<DigestMethod[^>]*>/, '') },
    ],
  ];
  const more: readonly (readonly [string, EncryptOptions])[] = (['sha224', 'sha384', 'sha512'] as const).flatMap(
    (oaepHash) => [
      [`rsa-oaep-mgf1p, ${oaepHash}`, { oaepHash }],
      [`xmlenc11#rsa-oaep, ${oaepHash} for both`, { transport: 'oaep11', oaepHash, edit: withMgf(`mgf1${oaepHash}`) }],
    ],
  );
  const kinds: readonly (readonly [string, EncryptOptions])[] = [
    ...more,
    ['rsa-oaep-mgf1p that names its mask', { oaepHash: 'sha256', edit: withMgf('mgf1sha256') }],
    ['xmlenc11#rsa-oaep, SHA-256 for both and no mask named', { transport: 'oaep11', oaepHash: 'sha256' }],
    ['an empty label', { edit: (xml) => xml.replace('<DigestMethod', '<xenc:OAEPparams></xenc:OAEPparams>$&') }],
    ['CBC', { block: 'aes-256-cbc' }],
  ];
  for (const [name, options] of [...rows, ...kinds]) {
    test(`with ${name} opens`, async () => expect((await opened(options)).isEncrypted).toBe(true));
  }

  test('for several recipients opens with our key, wherever it is', async () => {
    const apart = (xml: string) =>
      /<xenc:EncryptedKey>.*<\/xenc:EncryptedKey>/s
        .exec(xml)![0]
        .replace('<xenc:EncryptedKey>', `<xenc:EncryptedKey ${namespaces}>`);
    const foreign = apart(encrypt('<a/>', other));
    const before = (xml: string) => xml.replace('<xenc:EncryptedKey>', `${foreign}$&`);
    const beside = (xml: string) =>
      xml.replace(/<KeyInfo .*?<\/KeyInfo>/s, '').replace('</EncryptedAssertion>', `${foreign}${apart(xml)}$&`);
    expect((await opened({ edit: before })).isEncrypted).toBe(true);
    expect((await opened({ edit: beside })).isEncrypted).toBe(true);
    const many = (xml: string) => xml.replace('<xenc:EncryptedKey>', `${foreign.repeat(4)}$&`);
    await expect(opened({ edit: many })).rejects.toMatchObject(refusal('encryption'));
    const manyAndNamed = (xml: string) =>
      xml.replace('<xenc:EncryptedKey>', `${foreign.repeat(9)}<xenc:EncryptedKey Recipient="${spEntityId}">`);
    expect((await opened({ edit: manyAndNamed })).isEncrypted).toBe(true);
  });

  test('in a way that is not allowed is refused with the name of the algorithm', async () => {
    const rsa15 = 'http://www.w3.org/2001/04/xmlenc#rsa-1_5';
    const error = await opened({ transport: 'pkcs15' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(refusal('algorithm', { algorithm: expect.stringContaining(rsa15) }));
    const declared = opened({ declaredBlock: 'urn:x' });
    await expect(declared).rejects.toMatchObject(refusal('algorithm', { algorithm: '"urn:x"' }));
  });
});

describe('OAEP with two digests [RFC 8017]', () => {
  const privateKey = createPrivateKey(ours.key);
  const { publicKey } = new X509Certificate(ours.cert);

  test('reads what OpenSSL makes, and nothing else', () => {
    const secret = Buffer.from('a content key of 32 octets, here');
    const made = publicEncrypt(
      { key: publicKey, oaepHash: 'sha256', padding: constants.RSA_PKCS1_OAEP_PADDING },
      secret,
    );
    expect(oaepDecrypt(privateKey, made, { digest: 'sha256', mgfDigest: 'sha256' })).toEqual(secret);
    expect(oaepDecrypt(privateKey, made, { digest: 'sha256', mgfDigest: 'sha1' })).toBeUndefined();
    expect(oaepDecrypt(privateKey, made, { digest: 'sha1', mgfDigest: 'sha256' })).toBeUndefined();
    expect(oaepDecrypt(privateKey, made.subarray(1), { digest: 'sha256', mgfDigest: 'sha1' })).toBeUndefined();
  });
});

describe('white space that XML Schema collapses', () => {
  const spaced = (value: string) => ` ${value}\n`;
  const accepted: readonly (readonly [string, Partial<ResponseParts>])[] = [
    ['Audience', { conditions: conditionsElement({}, audienceRestriction(spaced(spEntityId))) }],
    ['Recipient', { confirmations: confirmation({ Recipient: spaced(acsUrl) }) }],
    ['Destination', { response: { Destination: spaced(acsUrl) } }],
    ['IssueInstant', { assertion: { IssueInstant: spaced(at(0)) }, response: { IssueInstant: spaced(at(0)) } }],
    ['the Format of Issuer', { issuer: `<Issuer Format=" ${entityFormat}\n">${idpEntityId}</Issuer>` }],
    ['NotOnOrAfter', { conditions: conditionsElement({ NotOnOrAfter: spaced(at(60)) }) }],
  ];
  for (const [name, parts] of accepted) {
    test(`at the ends of ${name} does not count`, async () => {
      const validated = validateResponse(signedResponse(key, parts), expectationsFor(key), now);
      expect(await checkByReference(referenceInput(validated))).toEqual({ agrees: true });
    });
  }

  const different: readonly (readonly [string, Partial<ResponseParts>, string, Readonly<Record<string, unknown>>])[] = [
    [
      'Audience',
      { conditions: conditionsElement({}, audienceRestriction(`${spEntityId}x`)) },
      'audience',
      { received: `"${spEntityId}x"`, expected: `"${spEntityId}"` },
    ],
    [
      'Audience with a space inside',
      { conditions: conditionsElement({}, audienceRestriction(spEntityId.replace('/', '/ '))) },
      'audience',
      {},
    ],
    [
      'Recipient',
      { confirmations: confirmation({ Recipient: `${acsUrl}x` }) },
      'recipient',
      { received: `"${acsUrl}x"`, expected: `"${acsUrl}"` },
    ],
    [
      'Destination',
      { response: { Destination: `${acsUrl}x` } },
      'destination',
      { received: `"${acsUrl}x"`, expected: `"${acsUrl}"` },
    ],
    [
      'Issuer with a space',
      { issuer: `<Issuer>${idpEntityId} </Issuer>` },
      'issuer',
      { received: `"${idpEntityId} "`, expected: `"${idpEntityId}"` },
    ],
  ];
  for (const [name, parts, reason, facts] of different) {
    test(`another ${name} is refused, with both values`, async () => {
      expect(await refused(parts)).toMatchObject(refusal(reason as 'audience', facts));
    });
  }
});

describe('dates', () => {
  test('.NET writes for "always" are accepted', async () => {
    const conditions = conditionsElement({
      NotBefore: '0001-01-01T00:00:00Z',
      NotOnOrAfter: '9999-12-31T23:59:59.9999999Z',
    });
    const authnStatements = authnStatement({ SessionNotOnOrAfter: '9999-12-31T23:59:59Z' });
    expect((await accept({ conditions, authnStatements })).id).toBe('_assertion');
  });

  test('a window of more than a day is accepted; an empty one is not', async () => {
    await accept({ conditions: conditionsElement({ NotBefore: at(-60), NotOnOrAfter: at(86_460) }) });
    const error = await refused({ conditions: conditionsElement({ NotBefore: at(0), NotOnOrAfter: at(0) }) });
    expect(error).toMatchObject(refusal('malformed'));
  });

  test.each([-30, -170, 0])('a session that ended %i s ago is refused although clocks may differ', async (seconds) => {
    const parts = { authnStatements: authnStatement({ SessionNotOnOrAfter: at(seconds) }) };
    const judged = judge(key, { parts, expected: { clockSkewMs: 180_000 } });
    await expect(judged).rejects.toMatchObject(refusal('expired', { received: at(seconds) }));
    await accept({ authnStatements: authnStatement({ SessionNotOnOrAfter: at(2) }) });
  });
});

describe('an AuthnContext without class', () => {
  const context = (content: string) =>
    element('AuthnStatement', { AuthnInstant: at(-5), SessionIndex: '_s' }, element('AuthnContext', {}, content));

  test.each(['<AuthnContextDeclRef>urn:x</AuthnContextDeclRef>', '<AuthnContextDecl>x</AuthnContextDecl>'])(
    '%s: signs in, and meets no rule',
    async (content) => {
      expect((await accept({ authnStatements: context(content) })).authn.contexts).toEqual([]);
    },
  );

  test('with nothing at all is refused', async () => {
    expect(await refused({ authnStatements: context('') })).toMatchObject(refusal('authn_context'));
  });
});

describe('a NameID that nothing reads', () => {
  const source = (user: string | { nameId: true }) => ({
    ...{ idp: 'adfs', claimNames: [], isAuthnInstantKnown: true },
    attributes: { user, groups: 'g', displayName: 'n' },
  });
  const transient = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';

  test.each([
    ['too long', 'x'.repeat(300)],
    ['empty', ''],
    ['blank', ' '],
  ])('may be %s: no single logout', async (_, value) => {
    const message = signedResponse(key, { nameId: `<NameID Format="${transient}">${value}</NameID>` });
    const validated = validateResponse(message, expectationsFor(key), now);
    expect(validated.assertion.nameId).toBeUndefined();
    expect(await checkByReference(referenceInput(validated))).toEqual({ agrees: true });
    expect(() => identityFrom(validated.assertion, source({ nameId: true }))).toThrow('no NameID');
  });

  test('may be transient; a user it is not', async () => {
    const assertion = await accept({ nameId: `<NameID Format="${transient}">_a1</NameID>` });
    expect(assertion.nameId?.value).toBe('_a1');
    expect(() => identityFrom(assertion, source({ nameId: true }))).toThrow('a transient NameID is not a user');
  });

  test.each([` ${transient}\n`, 'urn:mace:shibboleth:1.0:nameIdentifier'])('%j is transient too', async (format) => {
    const assertion = await accept({ nameId: `<NameID Format="${format}">_a1</NameID>` });
    expect(() => identityFrom(assertion, source({ nameId: true }))).toThrow('a transient NameID is not a user');
    expect(identityFrom(await accept({}), source({ nameId: true })).user).toBe('alice@corp.example');
  });
});

test('white space around the user attribute does not make another person', async () => {
  const source = {
    ...{ idp: 'adfs', claimNames: [], isAuthnInstantKnown: true },
    attributes: { user: 'u', groups: 'g', displayName: 'n' },
  };
  const users = [];
  for (const value of ['alice@corp.example', '\n   alice@corp.example\n  ', ' alice@corp.example&#13;&#10;']) {
    const assertion = await accept({ attributes: element('AttributeStatement', {}, attributeElement('u', value)) });
    users.push(identityFrom(assertion, source).user);
  }
  expect(users).toEqual(['alice@corp.example', 'alice@corp.example', 'alice@corp.example']);
});

describe('a refusal tells the operator', () => {
  const rows: readonly (readonly [string, Partial<ResponseParts>, object, RegExp, object?])[] = [
    [
      'how late an answer is',
      { assertion: { IssueInstant: at(-660) } },
      {},
      /was issued 11 minutes ago/,
      { received: at(-660) },
    ],
    ['what an ID is', { assertion: { ID: '1a2b' } }, {}, /begins with a letter or _/, { received: '"1a2b"' }],
    [
      'which element is in place of text',
      { nameId: '<NameID><NameID>a</NameID></NameID>' },
      {},
      /is an element \(NameID\)/,
    ],
    [
      'which request was answered',
      { response: { InResponseTo: '_other' } },
      {},
      /not the pending/,
      { received: '"_other"', expected: '"_request"' },
    ],
    [
      'escaped characters',
      { issuer: `<Issuer xmlns="${nsSaml}">a&quot;b&#10;\u200b</Issuer>` },
      {},
      /Issuer/,
      { received: '"a\\"b\\u{a}\\u{200b}"' },
    ],
  ];
  for (const [name, parts, options, message, facts = {}] of rows) {
    test(name, async () => {
      const error = await refused(parts, options);
      expect(error.message).toMatch(message);
      expect(error.details).toMatchObject(facts);
    });
  }

  test('that nothing was asked, where an unsolicited answer names a request', async () => {
    const judged = judge(key, { expected: { inResponseTo: undefined } });
    await expect(judged).rejects.toThrow('unsolicited, but InResponseTo is there');
    const empty = judge(key, { parts: { response: { InResponseTo: '' } }, expected: { inResponseTo: undefined } });
    await expect(empty).rejects.toMatchObject(refusal('correlation', { received: '""', expected: 'nothing' }));
  });

  test('that + became a space', () => {
    const message = signedResponse(key).replace(/\+/g, ' ');
    const broken = message.includes(' ') ? message : `${message.slice(0, 41)} ${message.slice(42)}`;
    expect(() => validateResponse(broken, expectationsFor(key), now)).toThrow('(spaces: + was not escaped)');
  });

  test('no more than 200 characters of a value', async () => {
    const error = await refused({ issuer: `<Issuer>${'x'.repeat(5000)}</Issuer>` });
    expect(error.details['received']).toBe(`"${'x'.repeat(200)}"… (5000 characters)`);
  });
});
