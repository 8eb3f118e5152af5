// AssumeRoleWithSAML: one case per row A1-A25. Each refusal is a complete, signed call with one thing changed; the table of
// accepted calls holds the twins.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KeyPair, makeKeyPair } from '../keys.ts';
import { type AwsEmulator, startAws } from './server.ts';
import type { BuildOptions, ResponseParts } from './support/assertion-builder.ts';
import {
  ACCOUNT,
  at,
  attributes,
  elementText,
  ISSUER,
  metadataFor,
  NOW,
  PROVIDER,
  postSts,
  ROLE,
  samlCall,
  sampleEstate,
  sampleParts,
} from './support/fixture.ts';

interface Case {
  readonly name: string;
  readonly parts?: Partial<ResponseParts>;
  readonly build?: (keys: Keys) => Partial<BuildOptions>;
  readonly members?: Readonly<Record<string, string>>;
}
interface Refusal extends Case {
  /** Status, code, and the message or its beginning. */
  readonly expected: readonly [number, string, string];
}
interface Keys {
  readonly trusted: KeyPair;
  readonly second: KeyPair;
  readonly stranger: KeyPair;
}

let aws: AwsEmulator;
let keys: Keys;

beforeAll(async () => {
  const [trusted, second, stranger] = await Promise.all([
    makeKeyPair('trusted'),
    makeKeyPair('second'),
    makeKeyPair('stranger'),
  ]);
  keys = { trusted, second, stranger };
  aws = await startAws({ now: () => NOW, estate: sampleEstate(metadataFor(ISSUER, [trusted, second])) });
});
afterAll(() => aws.close());

function call(one: Case) {
  const options = { key: keys.trusted.key, ...one.build?.(keys) };
  return postSts(aws, samlCall(sampleParts(one.parts), options, one.members));
}

const M1 = "Specified provider doesn't exist (Service: AWSOpenIdDiscoveryService; Status Code: 400; ";
const M2 = 'Issuer not present in specified provider (Service: ';
const M3 = 'Invalid base64 SAMLResponse (Service: ';
const SIGNATURE = [400, 'InvalidIdentityToken', 'Response signature invalid'] as const;
const SHAPE = [400, 'InvalidIdentityToken', M3] as const;
const TAGS = [400, 'ValidationError', 'Unable to validate tags'] as const;
const DENIED = [403, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithSAML'] as const;
const SESSION_NAME = 'RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}';
const SOURCE_IDENTITY = 'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"';
const BEARER = 'Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"';
const ALLOW_ALL = '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}';

const manyTags = (count: number): Record<string, string[]> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`PrincipalTag:k${index}`, ['v']]));
const without = (pattern: RegExp | string) => () => ({ beforeSigning: (xml: string) => xml.replace(pattern, '') });
const changed = (pattern: RegExp | string, to: string) => () => ({
  beforeSigning: (xml: string) => xml.replace(pattern, to),
});
const damaged = (pattern: RegExp | string, to: string) => () => ({
  afterSigning: (xml: string) => xml.replace(pattern, to),
});

/** Moves the signed assertion into a second, unsigned one: the classic wrapping attack, kept to one Assertion per level. */
function wrap(xml: string): string {
  const signed = /<saml:Assertion[\s\S]*<\/saml:Assertion>/.exec(xml)?.[0] ?? '';
  const signature = /<ds:Signature[\s\S]*<\/ds:Signature>/.exec(signed)?.[0] ?? '';
  const forged = signed
    .replace(signature, '')
    .replace('ID="_assertion"', 'ID="_forged"')
    .replace('alice-id', 'mallory');
  return xml.replace(signed, forged.replace('</saml:Issuer>', `</saml:Issuer>${signature}`));
}

const refusals: readonly Refusal[] = [
  {
    name: 'A1 DurationSeconds below 900',
    members: { DurationSeconds: '899' },
    expected: [
      400,
      'ValidationError',
      "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    ],
  },
  {
    name: 'A1 DurationSeconds above 43200',
    members: { DurationSeconds: '43201' },
    expected: [
      400,
      'ValidationError',
      "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200",
    ],
  },
  {
    name: 'A2 role and provider swapped',
    members: { RoleArn: PROVIDER, PrincipalArn: ROLE },
    expected: [400, 'ValidationError', 'Request ARN is invalid'],
  },
  {
    name: 'A3 unknown provider',
    members: { PrincipalArn: `${PROVIDER}x` },
    expected: [400, 'InvalidIdentityToken', M1],
  },
  {
    name: 'A3 provider of another account',
    members: { PrincipalArn: PROVIDER.replace(ACCOUNT, '444455556666') },
    expected: [400, 'InvalidIdentityToken', M1],
  },
  {
    name: 'A3 provider of another partition',
    members: { PrincipalArn: PROVIDER.replace('arn:aws:', 'arn:aws-us-gov:') },
    expected: [400, 'InvalidIdentityToken', M1],
  },
  { name: 'A4 not base64', members: { SAMLAssertion: 'base64SAML!' }, expected: SHAPE },
  {
    name: 'A4 URL-encoded base64',
    build: () => ({ encode: (xml) => encodeURIComponent(btoa(xml.padEnd(Math.ceil(xml.length / 3) * 3 + 1))) }),
    expected: SHAPE,
  },
  { name: 'A4 not XML', members: { SAMLAssertion: btoa('not xml at all') }, expected: SHAPE },
  {
    name: 'A4 a DTD',
    build: () => ({ afterSigning: (xml) => `<!DOCTYPE r [<!ENTITY e "x">]>${xml}` }),
    expected: SHAPE,
  },
  {
    name: 'A4 another root',
    build: () => ({
      afterSigning: (xml) =>
        /<saml:Assertion[\s\S]*<\/saml:Assertion>/
          .exec(xml)?.[0]
          .replace('<saml:Assertion', '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"') ?? '',
    }),
    expected: SHAPE,
  },
  { name: 'A4 no assertion', build: damaged(/<saml:Assertion[\s\S]*<\/saml:Assertion>/, ''), expected: SHAPE },
  {
    name: 'A4 two assertions',
    build: damaged(
      '</samlp:Response>',
      '<saml:Assertion ID="_2" Version="2.0" IssueInstant="2026-03-01T12:00:00Z"/></samlp:Response>',
    ),
    expected: SHAPE,
  },
  {
    name: 'A4 an assertion within an extension',
    build: damaged('<samlp:Status>', '<samlp:Extensions><saml:Assertion ID="_2"/></samlp:Extensions><samlp:Status>'),
    expected: SHAPE,
  },
  { name: 'A4 a repeated ID', parts: { responseId: '_assertion' }, build: () => ({ sign: 'none' }), expected: SHAPE },
  { name: 'A4 a time with a zone', parts: { notOnOrAfter: '2026-03-01T14:00:00+01:00' }, expected: SHAPE },
  {
    name: 'A4 bytes that are not UTF-8',
    build: () => ({ encode: (xml) => Buffer.from(xml.replace('alice-id', 'al\u00efce'), 'latin1').toString('base64') }),
    expected: SHAPE,
  },
  {
    name: 'A5 an encrypted assertion no key fits',
    build: damaged(/<saml:Assertion[\s\S]*<\/saml:Assertion>/, '<saml:EncryptedAssertion/>'),
    expected: [400, 'InvalidIdentityToken', 'No private key of the specified provider decrypts the assertion'],
  },
  {
    name: 'A5 a plain assertion for a provider that requires encryption',
    members: { PrincipalArn: PROVIDER.replace('rolegate', 'sealed') },
    expected: [400, 'InvalidIdentityToken', 'The specified provider requires an encrypted assertion'],
  },
  {
    name: 'A6 status Responder',
    parts: { status: 'urn:oasis:names:tc:SAML:2.0:status:Responder' },
    expected: [403, 'IDPRejectedClaim', ''],
  },
  {
    name: 'A7 another Issuer of the assertion',
    parts: { issuer: `${ISSUER}/` },
    expected: [400, 'InvalidIdentityToken', M2],
  },
  {
    name: 'A7 another Issuer of the response',
    parts: { responseIssuer: 'urn:x' },
    expected: [400, 'InvalidIdentityToken', M2],
  },
  { name: 'A8 unsigned', build: () => ({ sign: 'none' }), expected: SIGNATURE },
  { name: 'A8 only the response signed', build: () => ({ sign: 'response' }), expected: SIGNATURE },
  {
    name: 'A8 another key, its certificate unknown',
    build: ({ stranger }) => ({ key: stranger.key }),
    expected: SIGNATURE,
  },
  { name: 'A8 content changed after signing', build: damaged('alice-id', 'mallory'), expected: SIGNATURE },
  {
    name: 'A8 signature value changed',
    build: () => ({
      afterSigning: (xml) =>
        xml.replace(/(<ds:SignatureValue>)(.)/, (_w, tag: string, sign: string) => tag + (sign === 'A' ? 'B' : 'A')),
    }),
    expected: SIGNATURE,
  },
  {
    name: 'A8 RSA-SHA1',
    build: () => ({ signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' }),
    expected: SIGNATURE,
  },
  {
    name: 'A8 SHA-1 digest',
    build: () => ({ digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1' }),
    expected: SIGNATURE,
  },
  { name: 'A8 a reference to another element', build: () => ({ afterSigning: wrap }), expected: SIGNATURE },
  {
    name: 'A8 a wrong signature on the response besides a right one',
    build: () => ({ sign: 'both', afterSigning: (xml) => xml.replace('</samlp:Status>', ' </samlp:Status>') }),
    expected: SIGNATURE,
  },
  {
    name: 'A9 assertion issued 301 s ago',
    parts: { issueInstant: at(-301) },
    expected: [400, 'ExpiredTokenException', 'Token must be redeemed within 5 minutes of issuance'],
  },
  {
    name: 'A9 response issued 301 s ago',
    parts: { responseIssueInstant: at(-301) },
    expected: [400, 'ExpiredTokenException', 'Token must be redeemed within 5 minutes of issuance'],
  },
  {
    name: 'A10 Conditions over',
    parts: { notOnOrAfter: at(0) },
    expected: [400, 'ExpiredTokenException', 'Response has expired'],
  },
  {
    name: 'A10 confirmation over',
    parts: { confirmationNotOnOrAfter: at(0) },
    expected: [400, 'ExpiredTokenException', 'Response has expired'],
  },
  {
    name: 'A11 NotBefore 61 s ahead',
    parts: { notBefore: at(61) },
    expected: [400, 'InvalidIdentityToken', 'Response is not yet valid'],
  },
  {
    name: 'A11 IssueInstant 61 s ahead',
    parts: { issueInstant: at(61) },
    expected: [400, 'InvalidIdentityToken', 'Response is not yet valid'],
  },
  {
    name: 'A12 another audience',
    parts: { audiences: ['https://signin.aws.amazon.com/saml/'] },
    expected: [400, 'InvalidIdentityToken', 'Response does not contain the required audience.'],
  },
  {
    name: 'A12 no AudienceRestriction',
    build: without(/<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/),
    expected: [400, 'InvalidIdentityToken', 'Response does not contain the required audience.'],
  },
  {
    name: 'A12 a second AudienceRestriction without AWS',
    build: changed(
      '</saml:Conditions>',
      '<saml:AudienceRestriction><saml:Audience>urn:x</saml:Audience></saml:AudienceRestriction></saml:Conditions>',
    ),
    expected: [400, 'InvalidIdentityToken', 'Response does not contain the required audience.'],
  },
  {
    name: 'A13 another confirmation method',
    build: changed(BEARER, 'Method="urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"'),
    expected: [400, 'InvalidIdentityToken', ''],
  },
  {
    name: 'A13 two bearer confirmations',
    build: changed(
      '</saml:Subject>',
      `<saml:SubjectConfirmation ${BEARER}><saml:SubjectConfirmationData NotOnOrAfter="${at(60)}" Recipient="https://signin.aws.amazon.com/saml"/></saml:SubjectConfirmation></saml:Subject>`,
    ),
    expected: [400, 'InvalidIdentityToken', ''],
  },
  {
    name: 'A13 no Recipient',
    build: without(/ Recipient="[^"]*"/),
    expected: [400, 'InvalidIdentityToken', 'SubjectConfirmationData must contain'],
  },
  {
    name: 'A13 no NotOnOrAfter in the confirmation',
    build: without(/(?<=ConfirmationData) NotOnOrAfter="[^"]*"/),
    expected: [400, 'InvalidIdentityToken', 'SubjectConfirmationData must contain'],
  },
  {
    name: 'A13 no NameID',
    build: without(/<saml:NameID.*<\/saml:NameID>/),
    expected: [400, 'InvalidIdentityToken', 'NameID is required in AuthnResponse'],
  },
  {
    name: 'A15 no RoleSessionName',
    parts: { attributes: attributes({ RoleSessionName: [] }) },
    expected: [400, 'InvalidIdentityToken', 'RoleSessionName is required in AuthnResponse'],
  },
  {
    name: 'A15 a blank in RoleSessionName',
    parts: { attributes: attributes({ RoleSessionName: ['alice smith'] }) },
    expected: [400, 'InvalidIdentityToken', SESSION_NAME],
  },
  {
    name: 'A15 RoleSessionName of 65 characters',
    parts: { attributes: attributes({ RoleSessionName: ['a'.repeat(65)] }) },
    expected: [400, 'InvalidIdentityToken', SESSION_NAME],
  },
  {
    name: 'A15 two RoleSessionNames',
    parts: { attributes: attributes({ RoleSessionName: ['alice', 'bob'] }) },
    expected: [400, 'InvalidIdentityToken', SESSION_NAME],
  },
  {
    name: 'A16 SourceIdentity of one character',
    parts: { attributes: attributes({ SourceIdentity: ['a'] }) },
    expected: [400, 'InvalidIdentityToken', SOURCE_IDENTITY],
  },
  {
    name: 'A16 SourceIdentity with aws:',
    parts: { attributes: attributes({ SourceIdentity: ['aws:alice'] }) },
    expected: [400, 'InvalidIdentityToken', SOURCE_IDENTITY],
  },
  {
    name: 'A17 a tag value of 257 characters',
    parts: { attributes: attributes({ 'PrincipalTag:team': ['v'.repeat(257)] }) },
    expected: TAGS,
  },
  {
    name: 'A17 an illegal character in a tag',
    parts: { attributes: attributes({ 'PrincipalTag:team': ['a;b'] }) },
    expected: TAGS,
  },
  {
    name: 'A17 a tag with two values',
    parts: { attributes: attributes({ 'PrincipalTag:team': ['a', 'b'] }) },
    expected: TAGS,
  },
  {
    name: 'A17 a reserved tag key',
    parts: { attributes: attributes({ 'PrincipalTag:AWS:x': ['a'] }) },
    expected: TAGS,
  },
  { name: 'A17 51 tags', parts: { attributes: attributes(manyTags(51)) }, expected: TAGS },
  {
    name: 'A18 tag keys that differ in case only',
    parts: { attributes: attributes({ 'PrincipalTag:team': ['a'], 'PrincipalTag:Team': ['b'] }) },
    expected: [
      400,
      'InvalidParameterValue',
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    ],
  },
  {
    name: 'A18 a transitive key that is no tag',
    parts: { attributes: attributes({ 'PrincipalTag:team': ['a'], TransitiveTagKeys: ['cost'] }) },
    expected: [
      400,
      'InvalidParameterValue',
      'The specified transitive tag key must be included in the requested tags.',
    ],
  },
  {
    name: 'A19 the pair is not in the assertion',
    parts: { attributes: attributes({}, `arn:aws:iam::${ACCOUNT}:role/Plain`) },
    expected: DENIED,
  },
  { name: 'A19 no Role attribute', parts: { attributes: attributes({ Role: [] }) }, expected: DENIED },
  {
    name: 'A20 a role that does not exist',
    parts: { attributes: attributes({}, `${ROLE}s`) },
    members: { RoleArn: `${ROLE}s` },
    expected: DENIED,
  },
  {
    name: 'A20 a role name in another case',
    parts: { attributes: attributes({}, ROLE.toLowerCase()) },
    members: { RoleArn: ROLE.toLowerCase() },
    expected: DENIED,
  },
  {
    name: 'A20 a role without its path',
    parts: { attributes: attributes({}, `arn:aws:iam::${ACCOUNT}:role/Admin`) },
    members: { RoleArn: `arn:aws:iam::${ACCOUNT}:role/Admin` },
    expected: DENIED,
  },
  { name: 'A20 a role of IAM Identity Center', ...forRole('AWSReservedSSO_Admin_1'), expected: DENIED },
  {
    name: 'A20 a trust policy for another Recipient',
    parts: { recipient: 'https://broker.example.com/saml/acs' },
    expected: DENIED,
  },
  { name: 'A20 a trust policy for another address', ...forRole('Pinned'), expected: DENIED },
  { name: 'A21 a tag without sts:TagSession', ...forRole('Plain', { 'PrincipalTag:team': ['a'] }), expected: DENIED },
  {
    name: 'A21 SourceIdentity without sts:SetSourceIdentity',
    ...forRole('Plain', { SourceIdentity: ['alice'] }),
    expected: DENIED,
  },
  {
    name: 'A22 above the maximum of the role',
    members: { DurationSeconds: '3601' },
    expected: [
      400,
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    ],
  },
  {
    name: 'A23 a policy that is not JSON',
    members: { Policy: 'invalid' },
    expected: [400, 'MalformedPolicyDocument', "Unexpected character ('i' (code 105)): expected a valid value"],
  },
  {
    name: 'A23 a policy without Resource',
    members: { Policy: ALLOW_ALL.replace(',"Resource":"*"', '') },
    expected: [400, 'MalformedPolicyDocument', 'Syntax errors in policy.'],
  },
  {
    name: 'A23 a policy of 2049 characters',
    members: { Policy: ALLOW_ALL.padEnd(2049) },
    expected: [400, 'ValidationError', "1 validation error detected: Value '{"],
  },
  {
    name: 'A23 eleven policy ARNs',
    members: policyArns(11),
    expected: [400, 'ValidationError', "1 validation error detected: Value '["],
  },
  {
    name: 'A23 a policy ARN of another account',
    members: { 'PolicyArns.member.1.arn': 'arn:aws:iam::444455556666:policy/p' },
    expected: [400, 'ValidationError', 'ARN '],
  },
  {
    name: 'A24 tags above the packed size',
    parts: {
      attributes: attributes(
        Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`PrincipalTag:k${index}`, ['v'.repeat(252)]])),
      ),
    },
    expected: [400, 'PackedPolicyTooLarge', 'Packed size of session tags consumes 112% of allotted space.'],
  },
];

const accepted: readonly Case[] = [
  { name: 'the plain call' },
  { name: 'assertion and response signed', build: () => ({ sign: 'both' }) },
  { name: 'the second key of the metadata', build: ({ second }) => ({ key: second.key }) },
  {
    name: 'RSA-SHA512 and SHA-512',
    build: () => ({
      signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
      digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha512',
    }),
  },
  { name: 'a response without Issuer', parts: { responseIssuer: 'none' } },
  { name: 'base64 in lines', build: () => ({ encode: (xml) => (btoa(xml).match(/.{1,76}/g) ?? []).join('\r\n') }) },
  { name: 'text that has to be escaped', parts: { nameId: 'o&apos;neil &amp; &lt;sons&gt; &#13;' } },
  { name: 'issued 300 s ago', parts: { issueInstant: at(-300), responseIssueInstant: at(-300) } },
  { name: 'NotBefore 60 s ahead', parts: { notBefore: at(60) } },
  {
    name: 'the URN audience among others',
    parts: { audiences: ['https://broker.example.com', 'urn:amazon:webservices'] },
  },
  { name: 'a regional audience', parts: { audiences: ['https://eu-west-1.signin.aws.amazon.com/saml'] } },
  {
    name: 'a Recipient that is no AWS URL, for a role that does not ask [A14]',
    ...forRole('AnyAudience'),
    build: changed(/Recipient="[^"]*"/, 'Recipient="http://localhost:7890/acs"'),
  },
  {
    name: 'provider first in Role, with blanks',
    parts: { attributes: attributes({ Role: [` ${PROVIDER} , ${ROLE} `] }) },
  },
  {
    name: 'several roles of several accounts',
    parts: {
      attributes: attributes({
        Role: [
          'arn:aws:iam::444455556666:role/Developer,arn:aws:iam::444455556666:saml-provider/rolegate',
          `${ROLE},${PROVIDER}`,
        ],
      }),
    },
  },
  {
    name: '50 tags, transitive ones and a source identity',
    parts: { attributes: attributes({ ...manyTags(50), TransitiveTagKeys: ['k1', 'k2'], SourceIdentity: ['alice'] }) },
  },
  { name: 'a role with a path, twelve hours', ...forRole('ops/Admin', {}, { DurationSeconds: '43200' }) },
  { name: 'a role that asks for a persistent name', ...forRole('Persistent') },
  { name: 'a role without TagSession, without tags', ...forRole('Plain') },
  { name: 'a policy and ten ARNs', members: { Policy: ALLOW_ALL, ...policyArns(10) } },
];

function forRole(
  name: string,
  more: Readonly<Record<string, readonly string[]>> = {},
  members: Readonly<Record<string, string>> = {},
): Pick<Case, 'parts' | 'members'> {
  const arn = `arn:aws:iam::${ACCOUNT}:role/${name}`;
  return { parts: { attributes: attributes(more, arn) }, members: { RoleArn: arn, ...members } };
}

function policyArns(count: number): Record<string, string> {
  const entries = Array.from({ length: count }, (_, index) => [
    `PolicyArns.member.${index + 1}.arn`,
    `arn:aws:iam::aws:policy/Policy${index}`,
  ]);
  return Object.fromEntries(entries);
}

describe('AssumeRoleWithSAML refuses', () => {
  for (const one of refusals) {
    test(one.name, async () => {
      const answer = await call(one);
      const [status, code, message] = one.expected;
      expect({ status: answer.status, code: answer.code }).toEqual({ status, code });
      expect(answer.message.startsWith(message), answer.message).toBe(true);
    });
  }
});

describe('AssumeRoleWithSAML accepts', () => {
  for (const one of accepted) {
    test(one.name, async () => {
      const answer = await call(one);
      expect(answer.text).toContain('<AssumeRoleWithSAMLResult>');
      expect(answer.status).toBe(200);
    });
  }
});

describe('A25: the answer', () => {
  test('has the members of a recorded answer in their order, and the times of the clock', async () => {
    const { text, headers } = await call({ name: 'plain' });
    const names = [...text.matchAll(/<([A-Z]\w+)[ >]/g)].map((match) => match[1]);
    expect(names).toEqual([
      ...['AssumeRoleWithSAMLResponse', 'AssumeRoleWithSAMLResult', 'Audience', 'AssumedRoleUser', 'AssumedRoleId'],
      ...['Arn', 'Credentials', 'AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration', 'Subject'],
      ...['NameQualifier', 'SubjectType', 'Issuer', 'ResponseMetadata', 'RequestId'],
    ]);
    expect(text).toContain('<AssumeRoleWithSAMLResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">');
    expect(elementText(text, 'Audience')).toBe('https://signin.aws.amazon.com/saml');
    expect(elementText(text, 'AssumedRoleId')).toMatch(/^AROA[A-Z0-9]{17}:alice@example\.com$/);
    expect(elementText(text, 'Arn')).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/Developer/alice@example.com`);
    expect(elementText(text, 'AccessKeyId')).toMatch(/^ASIA[A-Z2-7]{16}$/);
    expect(elementText(text, 'SecretAccessKey')).toHaveLength(40);
    expect(elementText(text, 'Expiration')).toBe('2026-03-01T13:00:00Z');
    expect(elementText(text, 'SubjectType')).toBe('persistent');
    expect(elementText(text, 'RequestId')).toBe(headers.get('x-amzn-requestid'));
    expect(headers.get('date')).toBe('Sun, 01 Mar 2026 12:00:00 GMT');
    expect(headers.get('content-type')).toBe('text/xml');
  });

  test('drops the path of the role from the ARN and shows packed size and source identity when there are any', async () => {
    const { text } = await call({
      name: 'path',
      ...forRole('ops/Admin', { SourceIdentity: ['alice'], 'PrincipalTag:team': ['payments'] }),
    });
    expect(elementText(text, 'Arn')).toContain(':assumed-role/Admin/alice@example.com');
    expect(elementText(text, 'PackedPolicySize')).toBe('1');
    expect(elementText(text, 'SourceIdentity')).toBe('alice');
  });

  test('keeps a NameID format of SAML 1.1 whole', async () => {
    const format = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
    const { text } = await call({ name: 'format', parts: { nameIdFormat: format } });
    expect(elementText(text, 'SubjectType')).toBe(format);
  });

  const durations: readonly (Case & { readonly seconds: number })[] = [
    { name: 'SessionDuration shortens', parts: { attributes: attributes({ SessionDuration: ['900'] }) }, seconds: 900 },
    {
      name: 'SessionDuration does not lengthen',
      parts: { attributes: attributes({ SessionDuration: ['43200'] }) },
      seconds: 3600,
    },
    { name: 'SessionNotOnOrAfter shortens', parts: { sessionNotOnOrAfter: at(1200) }, seconds: 1200 },
    { name: 'DurationSeconds counts', members: { DurationSeconds: '1800' }, seconds: 1800 },
  ];
  for (const one of durations) {
    test(`duration: ${one.name}`, async () => {
      const { text } = await call(one);
      expect(Date.parse(elementText(text, 'Expiration') ?? '')).toBe(NOW.getTime() + one.seconds * 1000);
    });
  }

  test('answers JSON with numeric Expiration to a caller who accepts only that', async () => {
    const members = samlCall(sampleParts(), { key: keys.trusted.key });
    const { text } = await postSts(aws, members, { accept: 'application/json' });
    expect(JSON.parse(text)).toMatchObject({
      AssumeRoleWithSAMLResponse: {
        AssumeRoleWithSAMLResult: { Credentials: { Expiration: NOW.getTime() / 1000 + 3600 } },
      },
    });
  });

  test('gives fresh credentials for the same assertion again', async () => {
    const members = samlCall(sampleParts(), { key: keys.trusted.key });
    const [first, second] = [await postSts(aws, members), await postSts(aws, members)];
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(elementText(first.text, 'AccessKeyId')).not.toBe(elementText(second.text, 'AccessKeyId'));
  });
});
