// Rows A9 to A14: times, audience and confirmation of a validly signed assertion, each with one thing wrong.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyPair } from '../../../../test/support/key-pairs.ts';
import { type AwsEmulator, startAws } from '../../../aws/server.ts';
import {
  AWS_RECIPIENT,
  at,
  attributes,
  ISSUER,
  metadataFor,
  NOW,
  postSts,
  samlCall,
  sampleEstate,
  sampleParts,
} from '../support/fixture.ts';
import {
  type AcceptedCase,
  type Expected,
  forRole,
  type RefusedCase,
  runCases,
  signedWith,
} from '../support/saml-cases.ts';

const TOO_OLD: Expected = [400, 'ExpiredTokenException', 'Token must be redeemed within 5 minutes of issuance'];
const EXPIRED: Expected = [400, 'ExpiredTokenException', 'Response has expired'];
const EARLY: Expected = [400, 'InvalidIdentityToken', 'Response is not yet valid'];
const AUDIENCE: Expected = [400, 'InvalidIdentityToken', 'Response does not contain the required audience.'];
const CONFIRMATION: Expected = [400, 'InvalidIdentityToken', 'Response must contain exactly one bearer'];
const DATA: Expected = [400, 'InvalidIdentityToken', 'SubjectConfirmationData must contain NotOnOrAfter and Recipient'];
const BEARER = 'Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"';
const SECOND_CONFIRMATION = `<saml:SubjectConfirmation ${BEARER}><saml:SubjectConfirmationData NotOnOrAfter="${at(60)}" Recipient="${AWS_RECIPIENT}"/></saml:SubjectConfirmation>`;
const SECOND_AUDIENCE = '<saml:AudienceRestriction><saml:Audience>urn:x</saml:Audience></saml:AudienceRestriction>';

const refused: readonly RefusedCase[] = [
  ['A9 assertion issued 301 s ago', { parts: { issueInstant: at(-301) } }, TOO_OLD],
  ['A9 response issued 301 s ago', { parts: { responseIssueInstant: at(-301) } }, TOO_OLD],
  ['A10 Conditions over', { parts: { notOnOrAfter: at(0) } }, EXPIRED],
  ['A10 confirmation over', { parts: { confirmationNotOnOrAfter: at(0) } }, EXPIRED],
  ['A10 session over', { parts: { sessionNotOnOrAfter: at(0) } }, EXPIRED],
  ['A11 NotBefore 61 s ahead', { parts: { notBefore: at(61) } }, EARLY],
  ['A11 IssueInstant 61 s ahead', { parts: { issueInstant: at(61) } }, EARLY],
  ['A12 another audience', { parts: { audiences: [`${AWS_RECIPIENT}/`] } }, AUDIENCE],
  ['A12 the audience of another partition', { parts: { audiences: ['https://signin.amazonaws.cn/saml'] } }, AUDIENCE],
  ['A12 no AudienceRestriction', signedWith(/<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/, ''), AUDIENCE],
  [
    'A12 a second restriction without AWS',
    signedWith('</saml:Conditions>', `${SECOND_AUDIENCE}</saml:Conditions>`),
    AUDIENCE,
  ],
  ['A13 another method', signedWith(BEARER, 'Method="urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"'), CONFIRMATION],
  [
    'A13 two bearer confirmations',
    signedWith('</saml:Subject>', `${SECOND_CONFIRMATION}</saml:Subject>`),
    CONFIRMATION,
  ],
  ['A13 no Recipient', signedWith(/ Recipient="[^"]*"/, ''), DATA],
  ['A13 no NotOnOrAfter', signedWith(/(?<=ConfirmationData) NotOnOrAfter="[^"]*"/, ''), DATA],
  [
    'A13 no NameID',
    signedWith(/<saml:NameID.*<\/saml:NameID>/, ''),
    [400, 'InvalidIdentityToken', 'NameID is required in AuthnResponse'],
  ],
];

const accepted: readonly AcceptedCase[] = [
  ['issued 300 s ago', { parts: { issueInstant: at(-300), responseIssueInstant: at(-300) } }],
  ['one second left', { parts: { notOnOrAfter: at(1), confirmationNotOnOrAfter: at(1) } }],
  ['NotBefore and IssueInstant 60 s ahead', { parts: { notBefore: at(60), issueInstant: at(60) } }],
  ['the URN among other audiences', { parts: { audiences: ['https://broker.example.com', 'urn:amazon:webservices'] } }],
  ['a regional audience', { parts: { audiences: ['https://eu-west-1.signin.aws.amazon.com/saml'] } }],
  [
    'a Recipient that is no AWS URL, for a role that does not ask [A14]',
    { ...forRole('AnyAudience'), ...signedWith(/Recipient="[^"]*"/, 'Recipient="http://localhost:7890/acs"') },
  ],
];

describe('rows A9 to A14', () => runCases(refused, accepted));

describe('strict settings', () => {
  let aws: AwsEmulator;
  let key: string;
  beforeAll(async () => {
    const pair = keyPair('minting');
    key = pair.key;
    const strict = { awsRecipientOnly: true, maxNotBeforeSkewSeconds: 0 };
    aws = await startAws({ now: () => NOW, estate: sampleEstate(metadataFor(ISSUER, [pair])), strict });
  });
  afterAll(() => aws.close());

  test('awsRecipientOnly refuses a Recipient that is not an AWS URL, and accepts one that is [A14]', async () => {
    const role = 'arn:aws:iam::111122223333:role/AnyAudience';
    const parts = { attributes: attributes({}, role) };
    const foreign = sampleParts({ ...parts, recipient: 'http://localhost:7890/acs' });
    const refusal = await postSts(aws, samlCall(foreign, { key }, { RoleArn: role }));
    expect([refusal.status, refusal.code]).toEqual([400, 'InvalidIdentityToken']);
    const answer = await postSts(aws, samlCall(sampleParts(parts), { key }, { RoleArn: role }));
    expect(answer.status).toBe(200);
  });

  test('maxNotBeforeSkewSeconds moves the limit of A11', async () => {
    const refusal = await postSts(aws, samlCall(sampleParts({ notBefore: at(1) }), { key }));
    expect(refusal.message).toBe('Response is not yet valid');
    const answer = await postSts(aws, samlCall(sampleParts({ notBefore: at(0) }), { key }));
    expect(answer.status).toBe(200);
  });
});
