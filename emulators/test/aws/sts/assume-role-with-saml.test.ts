// AssumeRoleWithSAML: the rows about the request, the role and the policies (A1-A3, A19-A24), and which row wins when a
// call is wrong in two ways.
import { describe, expect, test } from 'vitest';
import { ACCOUNT, at, attributes, PROVIDER, ROLE } from '../support/fixture.ts';
import {
  type AcceptedCase,
  type Change,
  DENIED,
  type Expected,
  forRole,
  type RefusedCase,
  runCases,
  useBench,
  withAttributes,
} from '../support/saml-cases.ts';

const ALLOW_ALL = '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}';
const UNKNOWN_PROVIDER: Expected = [
  400,
  'InvalidIdentityToken',
  "Specified provider doesn't exist (Service: AWSOpenIdDiscoveryService; Status Code: 400; Error Code: AuthSamlManifestNotFoundException; Request ID: ",
];
const MALFORMED: Expected = [400, 'MalformedPolicyDocument', 'Syntax errors in policy.'];
const ONE_ERROR = '1 validation error detected: ';
const OTHER_ACCOUNT = '444455556666';

const refused: readonly RefusedCase[] = [
  [
    'A1 DurationSeconds below 900',
    { members: { DurationSeconds: '899' } },
    [
      400,
      'ValidationError',
      `${ONE_ERROR}Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900`,
    ],
  ],
  [
    'A1 DurationSeconds above 43200',
    { members: { DurationSeconds: '43201' } },
    [
      400,
      'ValidationError',
      `${ONE_ERROR}Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200`,
    ],
  ],
  [
    'A2 role and provider swapped',
    { members: { RoleArn: PROVIDER, PrincipalArn: ROLE } },
    [400, 'ValidationError', 'Request ARN is invalid'],
  ],
  ['A3 an unknown provider', { members: { PrincipalArn: `${PROVIDER}x` } }, UNKNOWN_PROVIDER],
  ['A3 a provider of another account', { members: { PrincipalArn: inOther(PROVIDER) } }, UNKNOWN_PROVIDER],
  ['A3 a role of another account', { members: { RoleArn: inOther(ROLE) } }, UNKNOWN_PROVIDER],
  ['A3 a provider of another partition', { members: { PrincipalArn: inGovCloud(PROVIDER) } }, UNKNOWN_PROVIDER],
  ['A3 a role of another partition', { members: { RoleArn: inGovCloud(ROLE) } }, UNKNOWN_PROVIDER],
  ['A19 the pair is not in the assertion', { parts: { attributes: attributes({}, `${ROLE}2`) } }, DENIED],
  ['A19 the role with another provider', withAttributes({ Role: [`${ROLE},${PROVIDER}2`] }), DENIED],
  ['A19 no Role attribute', withAttributes({ Role: [] }), DENIED],
  ['A20 a role that does not exist', forRole('Developers'), DENIED],
  ['A20 a role name in another case', forRole('developer'), DENIED],
  ['A20 a role without its path', forRole('Admin'), DENIED],
  ['A20 a role of IAM Identity Center', forRole('AWSReservedSSO_Admin_1'), DENIED],
  ['A20 a Recipient the role does not trust', { parts: { recipient: 'https://broker.example.com/saml/acs' } }, DENIED],
  ['A20 an address the role does not trust', forRole('Pinned'), DENIED],
  [
    'A20 a NameID format the role does not trust',
    {
      parts: { ...forRole('Persistent').parts, nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' },
      members: { RoleArn: ROLE.replace('Developer', 'Persistent') },
    },
    DENIED,
  ],
  ['A21 a tag without sts:TagSession', forRole('Plain', { 'PrincipalTag:team': ['a'] }), DENIED],
  ['A21 SourceIdentity without sts:SetSourceIdentity', forRole('Plain', { SourceIdentity: ['alice'] }), DENIED],
  [
    'A22 above the maximum of the role',
    { members: { DurationSeconds: '3601' } },
    [400, 'ValidationError', 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.'],
  ],
  ['a session that ends in 899 s', { parts: { sessionNotOnOrAfter: at(899) } }, [400, 'ValidationError', 'SessionNot']],
  [
    'A23 a policy that is not JSON',
    { members: { Policy: 'invalid' } },
    [400, 'MalformedPolicyDocument', "Unexpected character ('i' (code 105)): expected a valid value"],
  ],
  ['A23 a policy that breaks off', { members: { Policy: '{"Statement":' } }, MALFORMED],
  ['A23 a policy without Resource', { members: { Policy: ALLOW_ALL.replace(',"Resource":"*"', '') } }, MALFORMED],
  [
    'A23 a policy with a Principal',
    { members: { Policy: ALLOW_ALL.replace('{"Effect"', '{"Principal":"*","Effect"') } },
    [400, 'MalformedPolicyDocument', 'Policy document should not specify a principal.'],
  ],
  [
    'A23 a policy of 2049 characters',
    { members: { Policy: ALLOW_ALL.padEnd(2049) } },
    [400, 'ValidationError', `${ONE_ERROR}Value '{`],
  ],
  ['A23 eleven policy ARNs', { members: policyArns(11) }, [400, 'ValidationError', `${ONE_ERROR}Value '[`]],
  [
    'A23 a policy of another account',
    { members: { 'PolicyArns.member.1.arn': `arn:aws:iam::${OTHER_ACCOUNT}:policy/p` } },
    [400, 'ValidationError', 'ARN '],
  ],
  [
    'A24 tags above the packed size',
    withAttributes(bigTags(9)),
    [400, 'PackedPolicyTooLarge', 'Packed size of session tags consumes 112% of allotted space.'],
  ],
];

const accepted: readonly AcceptedCase[] = [
  ['900 and 3600 seconds', { members: { DurationSeconds: '3600' } }],
  ['twelve hours of a role with a path', forRole('ops/Admin', {}, { DurationSeconds: '43200' })],
  ['provider first in Role, with blanks', withAttributes({ Role: [` ${PROVIDER} , ${ROLE} `] })],
  [
    'several roles of two accounts',
    withAttributes({ Role: [`${inOther(ROLE)},${inOther(PROVIDER)}`, `${ROLE},${PROVIDER}`] }),
  ],
  ['a role that asks for a persistent name', forRole('Persistent')],
  ['a role without TagSession, without tags', forRole('Plain')],
  ['a session that ends in 900 s', { parts: { sessionNotOnOrAfter: at(900) } }],
  ['a policy and ten ARNs', { members: { Policy: ALLOW_ALL, ...policyArns(10) } }],
  ['tags that fill the packed size', withAttributes(bigTags(8))],
];

describe('rows A1 to A3 and A19 to A24', () => runCases(refused, accepted));

/** Each breaks one row; the later ones are added to the earlier, so the earlier has to win. */
const ladder: readonly (readonly [string, Change, string])[] = [
  ['A1', { members: { DurationSeconds: '1' } }, '1 validation error'],
  ['A2', { members: { RoleArn: `${PROVIDER}x` } }, 'Request ARN is invalid'],
  ['A3', { members: { PrincipalArn: `${PROVIDER}x` } }, "Specified provider doesn't exist"],
  ['A4', { build: () => ({ encode: () => 'AAAA' }) }, 'Invalid base64 SAMLResponse'],
  ['A6', { parts: { status: 'urn:oasis:names:tc:SAML:2.0:status:Responder' } }, 'The identity provider reported'],
  ['A7', { parts: { issuer: 'urn:x' } }, 'Issuer not present'],
  ['A8', { build: () => ({ sign: 'none' }) }, 'Response signature invalid'],
  ['A9', { parts: { issueInstant: at(-301) } }, 'Token must be redeemed'],
  ['A10', { parts: { notOnOrAfter: at(-1) } }, 'Response has expired'],
  ['A11', { parts: { notBefore: at(3600) } }, 'Response is not yet valid'],
  ['A12', { parts: { audiences: ['urn:x'] } }, 'Response does not contain the required audience.'],
  ['A13', { parts: { recipient: '' } }, 'SubjectConfirmationData must contain'],
  ['A15', withAttributes({ RoleSessionName: [] }), 'RoleSessionName is required'],
  ['A16', withAttributes({ RoleSessionName: ['alice'], SourceIdentity: ['a'] }), 'Source Identity must match'],
  ['A17', withAttributes({ 'PrincipalTag:a': ['1', '2'], Role: [] }), 'Unable to validate tags'],
  ['A18', withAttributes({ TransitiveTagKeys: ['x'], Role: [] }), 'The specified transitive tag key'],
  ['A19', withAttributes({ Role: [] }), 'Not authorized to perform'],
  ['A22', { members: { DurationSeconds: '43200' } }, 'The requested DurationSeconds exceeds'],
  ['A23', { members: { Policy: 'x' } }, 'Unexpected character'],
  ['A24', withAttributes(bigTags(9)), 'Packed size of session tags'],
];

describe('the earlier row wins', () => {
  const bench = useBench();
  for (const [index, [row, change, message]] of ladder.entries()) {
    for (const [laterRow, later] of ladder.slice(index + 1)) {
      test(`${row} before ${laterRow}`, async () => {
        const answer = await bench.call(merge(later, change));
        expect(answer.message.slice(0, message.length)).toBe(message);
      });
    }
  }
});

/** Both changes at once; where they touch the same thing, the second. */
function merge(first: Change, second: Change): Change {
  return {
    parts: { ...first.parts, ...second.parts },
    build: (keys) => ({ ...first.build?.(keys), ...second.build?.(keys) }),
    members: { ...first.members, ...second.members },
  };
}

function inOther(arn: string): string {
  return arn.replace(ACCOUNT, OTHER_ACCOUNT);
}

function inGovCloud(arn: string): string {
  return arn.replace('arn:aws:', 'arn:aws-us-gov:');
}

/** Each tag fills 254 bytes: eight are 100 percent of the space, nine are 112. */
function bigTags(count: number): Record<string, string[]> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`PrincipalTag:k${index}`, ['v'.repeat(252)]]));
}

function policyArns(count: number): Record<string, string> {
  const names = Array.from({ length: count }, (_, index) => `arn:aws:iam::aws:policy/Policy${index}`);
  return Object.fromEntries(names.map((arn, index) => [`PolicyArns.member.${index + 1}.arn`, arn]));
}
