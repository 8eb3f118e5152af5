// Rows B2 to B5: how long an assumed role lasts, its tags and source identity along a chain, and the constraints.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AwsEmulator, startAws } from '../../../aws/server.ts';
import { elementText, NOW, type StsAnswer } from '../support/fixture.ts';
import { assume, BROKER, HOME, keyOf, roleArn, signedCall, signedEstate, tagMembers } from '../support/signed-calls.ts';

type Members = Readonly<Record<string, string>>;
let aws: AwsEmulator;

beforeAll(async () => {
  aws = await startAws({ now: () => NOW, estate: signedEstate() });
});
afterAll(() => aws.close());
beforeEach(() => aws.setEstate(signedEstate()));

const byBroker = (members: Members): Promise<StsAnswer> => signedCall(aws, BROKER, members);
const outcome = ({ status, code, message }: StsAnswer): unknown => [status, code, message];
const denied = (role: string, action = 'sts:AssumeRole', who = `arn:aws:iam::${HOME}:user/broker`): unknown => [
  403,
  'AccessDenied',
  `User: ${who} is not authorized to perform: ${action} on resource: ${role}`,
];
const OK = [200, 'ok', ''];

describe('B2, B3 how long', () => {
  const CHAINED = 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.';
  const LONGER = 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.';

  test('B2 a role assumed from a role lasts an hour at most, whatever its maximum', async () => {
    const hub = keyOf(await byBroker(assume('Hub', { DurationSeconds: '43200' })));
    expect(outcome(await signedCall(aws, hub, assume('OfHub', { DurationSeconds: '3600' })))).toEqual(OK);
    const longer = await signedCall(aws, hub, assume('OfHub', { DurationSeconds: '3601' }));
    expect(outcome(longer)).toEqual([400, 'ValidationError', CHAINED]);
  });

  test('B3 the maximum of the role holds, and an hour is the default', async () => {
    const answer = await byBroker(assume('Account', { DurationSeconds: '7200' }));
    expect(elementText(answer.text, 'Expiration')).toBe('2026-03-01T14:00:00Z');
    expect(elementText((await byBroker(assume('Account'))).text, 'Expiration')).toBe('2026-03-01T13:00:00Z');
    const longer = await byBroker(assume('Account', { DurationSeconds: '7201' }));
    expect(outcome(longer)).toEqual([400, 'ValidationError', LONGER]);
  });
});

describe('B4 tags and source identity', () => {
  const cases: readonly (readonly [string, Members, string, string])[] = [
    [
      'a transitive key without its tag',
      tagMembers({ a: 'b' }, ['c']),
      'InvalidParameterValue',
      'The specified transitive tag key must be included in the requested tags.',
    ],
    [
      'one key in two cases',
      tagMembers({ a: 'b', A: 'c' }),
      'InvalidParameterValue',
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    ],
    ['a reserved key', tagMembers({ 'aws:x': 'b' }), 'ValidationError', 'Unable to validate tags'],
    [
      'a key with a strange sign',
      tagMembers({ 'a!': 'b' }),
      'ValidationError',
      "1 validation error detected: Value 'a!' at 'tags.1.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+",
    ],
    [
      'a value of 257 signs',
      tagMembers({ a: 'b'.repeat(257) }),
      'ValidationError',
      `1 validation error detected: Value '${'b'.repeat(257)}' at 'tags.1.member.value' failed to satisfy constraint: Member must have length less than or equal to 256`,
    ],
  ];
  for (const [name, members, code, message] of cases) {
    test(`refuses ${name}`, async () => {
      expect(outcome(await byBroker(assume('Account', members)))).toEqual([400, code, message]);
    });
  }

  test('takes fifty tags and no more, and tells how much of the space they take', async () => {
    const tags = (count: number): Record<string, string> =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));
    const fifty = await byBroker(assume('Account', tagMembers(tags(50))));
    expect(elementText(fifty.text, 'PackedPolicySize')).toBe('10');
    expect((await byBroker(assume('Account', tagMembers(tags(51))))).message).toMatch(
      /^1 validation error.* at 'tags' failed/,
    );
    const large = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`k${index}`, 'v'.repeat(200)]));
    const { code, message } = await byBroker(assume('Account', tagMembers(large)));
    expect([code, message]).toEqual([
      'PackedPolicyTooLarge',
      'Packed size of session tags consumes 119% of allotted space.',
    ]);
  });

  test('a chained session inherits transitive tags and the source identity, and may change neither', async () => {
    const asked = { ...tagMembers({ Team: 'payments', cost: 'c1' }, ['Team']), SourceIdentity: 'alice' };
    const hub = keyOf(await byBroker(assume('Hub', asked)));
    const hop = (members: Members) => signedCall(aws, hub, assume('OfHub', members));
    const next = await hop({});
    expect(elementText(next.text, 'SourceIdentity')).toBe('alice');
    expect(outcome(await hop({ SourceIdentity: 'alice', ...tagMembers({ cost: 'c2' }) }))).toEqual(OK);
    const session = `arn:aws:sts::${HOME}:assumed-role/Hub/alice@corp.example`;
    expect(outcome(await hop({ SourceIdentity: 'bob' }))).toEqual(
      denied(roleArn('OfHub'), 'sts:SetSourceIdentity', session),
    );
    expect(outcome(await hop(tagMembers({ team: 'audit' })))).toEqual([
      400,
      'InvalidParameterValue',
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    ]);
    // One hop further the tag is still there; the one that was not transitive is not.
    expect(outcome(await signedCall(aws, keyOf(next), assume('OfPayments')))).toEqual(OK);
    const costly = await hop(tagMembers({ cost: 'c1' }, ['cost']));
    expect(outcome(await signedCall(aws, keyOf(costly), assume('OfCost')))).toEqual(OK);
    expect((await signedCall(aws, keyOf(next), assume('OfCost'))).code).toBe('AccessDenied');
  });

  test('an inherited tag or source identity needs its permission in the next role as well', async () => {
    const hub = keyOf(await byBroker(assume('Hub', { SourceIdentity: 'alice' })));
    const session = `arn:aws:sts::${HOME}:assumed-role/Hub/alice@corp.example`;
    const answer = await signedCall(aws, hub, assume('Bare'));
    expect(outcome(answer)).toEqual(denied(roleArn('Bare'), 'sts:SetSourceIdentity', session));
  });
});

describe('B5 and the constraints of the members', () => {
  const error = (member: string, value: string, constraint: string): string =>
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${constraint}`;
  const cases: readonly (readonly [string, Members, string])[] = [
    ['B5 no role ARN', { RoleArn: 'arn:aws:iam::111122223333:user/x' }, 'arn:aws:iam::111122223333:user/x is invalid'],
    [
      'a short session name',
      { RoleSessionName: 'x' },
      error('roleSessionName', 'x', 'have length greater than or equal to 2'),
    ],
    [
      'a session name with a blank',
      { RoleSessionName: 'a b' },
      error('roleSessionName', 'a b', 'satisfy regular expression pattern: [\\w+=,.@-]*'),
    ],
    [
      '899 seconds',
      { DurationSeconds: '899' },
      error('durationSeconds', '899', 'have value greater than or equal to 900'),
    ],
    ['a short external id', { ExternalId: 'x' }, error('externalId', 'x', 'have length greater than or equal to 2')],
    [
      'a source identity with a blank',
      { SourceIdentity: 'a b' },
      error('sourceIdentity', 'a b', 'satisfy regular expression pattern: [\\w+=,.@-]*'),
    ],
  ];
  for (const [name, members, message] of cases) {
    test(name, async () => {
      expect(outcome(await byBroker(assume('Account', members)))).toEqual([400, 'ValidationError', message]);
    });
  }

  test('session policies narrow what the session may assume next', async () => {
    const Policy = JSON.stringify({ Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } });
    const narrowed = await byBroker(assume('Hub', { Policy }));
    expect(elementText(narrowed.text, 'PackedPolicySize')).toMatch(/^[1-9]$/);
    expect((await signedCall(aws, keyOf(narrowed), assume('OfHub'))).code).toBe('AccessDenied');
    expect((await byBroker(assume('Hub', { Policy: '{' }))).code).toBe('MalformedPolicyDocument');
  });
});
