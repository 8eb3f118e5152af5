// Rows B7 and B9: GetFederationToken, and what its credentials are good for.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AwsEmulator, startAws } from '../../../aws/server.ts';
import { elementText, NOW, type StsAnswer } from '../support/fixture.ts';
import { callService } from '../support/sign-service.ts';
import {
  ALICE,
  assume,
  BROKER,
  HOME,
  keyOf,
  ROOT,
  roleArn,
  signedCall,
  signedEstate,
  tagMembers,
} from '../support/signed-calls.ts';

type Members = Readonly<Record<string, string>>;
let aws: AwsEmulator;

beforeAll(async () => {
  aws = await startAws({ now: () => NOW, estate: signedEstate() });
});
afterAll(() => aws.close());

const LIST = JSON.stringify({ Statement: { Effect: 'Allow', Action: 's3:ListBucket', Resource: '*' } });
const federate = (members: Members = {}): Record<string, string> => ({
  Action: 'GetFederationToken',
  Name: 'alice@corp.example',
  Policy: LIST,
  ...members,
});
const byBroker = (members: Members): Promise<StsAnswer> => signedCall(aws, BROKER, members);
const outcome = ({ status, code, message }: StsAnswer): unknown => [status, code, message];
const whoAmI = { Action: 'GetCallerIdentity' };
const ARN = `arn:aws:sts::${HOME}:federated-user/alice@corp.example`;

describe('GetFederationToken', () => {
  test('names a federated user for twelve hours, with a session policy', async () => {
    const answer = await byBroker(federate());
    expect([answer.status, elementText(answer.text, 'Expiration')]).toEqual([200, '2026-03-02T00:00:00Z']);
    expect(elementText(answer.text, 'FederatedUserId')).toBe(`${HOME}:alice@corp.example`);
    expect(elementText(answer.text, 'Arn')).toBe(ARN);
    expect(elementText(answer.text, 'PackedPolicySize')).toMatch(/^[1-9]$/);
    expect(keyOf(answer).accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
  });

  test('lasts from 15 minutes to 36 hours; the root gets one hour at most', async () => {
    const end = async (key: typeof BROKER, seconds: string) =>
      elementText((await signedCall(aws, key, federate({ DurationSeconds: seconds }))).text, 'Expiration');
    expect(await end(BROKER, '900')).toBe('2026-03-01T12:15:00Z');
    expect(await end(BROKER, '129600')).toBe('2026-03-03T00:00:00Z');
    expect(await end(ROOT, '129600')).toBe('2026-03-01T13:00:00Z');
    const constraint = "at 'durationSeconds' failed to satisfy constraint: Member must have value";
    expect((await byBroker(federate({ DurationSeconds: '899' }))).message).toContain(constraint);
    expect((await byBroker(federate({ DurationSeconds: '129601' }))).message).toContain(constraint);
  });

  const NAME = 'failed to satisfy constraint: Member must';
  const refused: readonly (readonly [string, Members, number, string, string])[] = [
    [
      'no name',
      { Name: '' },
      400,
      'ValidationError',
      `1 validation error detected: Value '' at 'name' ${NAME} have length greater than or equal to 2`,
    ],
    [
      'a long name',
      { Name: 'a'.repeat(33) },
      400,
      'ValidationError',
      `1 validation error detected: Value '${'a'.repeat(33)}' at 'name' ${NAME} have length less than or equal to 32`,
    ],
    [
      'a name with a blank',
      { Name: 'a b' },
      400,
      'ValidationError',
      `1 validation error detected: Value 'a b' at 'name' ${NAME} satisfy regular expression pattern: [\\w+=,.@-]*`,
    ],
    ['a policy that is not JSON', { Policy: '{' }, 400, 'MalformedPolicyDocument', 'Syntax errors in policy.'],
    [
      'one tag twice',
      tagMembers({ a: 'b', A: 'b' }),
      400,
      'InvalidParameterValue',
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    ],
  ];
  for (const [name, members, ...expected] of refused) {
    test(name, async () => {
      expect(outcome(await byBroker(federate(members)))).toEqual(expected);
    });
  }

  test('may do what user and session policy both allow; without a session policy, nothing', async () => {
    const bucket = { service: 's3', region: 'us-east-1', path: '/invoices', query: { 'list-type': '2' }, now: NOW };
    const list = async (members: Members): Promise<number> => {
      const key = keyOf(await byBroker(members));
      expect((await signedCall(aws, key, whoAmI)).status).toBe(200);
      return (await callService(aws, { ...key, ...bucket })).status;
    };
    const { Policy: _policy, ...bare } = federate();
    expect(await list(federate())).toBe(200);
    expect(await list(federate({ Policy: LIST.replace('s3:ListBucket', 's3:GetObject') }))).toBe(403);
    expect(await list(bare)).toBe(403);
    const Policy = LIST.replace('"*"', `"arn:aws:s3:::$\{aws:PrincipalTag/bucket}"`);
    expect(await list(federate({ Policy, ...tagMembers({ bucket: 'invoices' }) }))).toBe(200);
    expect(await list(federate({ Policy, ...tagMembers({ bucket: 'salaries' }) }))).toBe(403);
    expect(await list(federate({ Policy }))).toBe(403);
  });

  test('needs the permission of the user who calls', async () => {
    expect(outcome(await signedCall(aws, ALICE, federate()))).toEqual([
      403,
      'AccessDenied',
      `User: arn:aws:iam::${HOME}:user/alice is not authorized to perform: sts:GetFederationToken on resource: ${ARN}`,
    ]);
  });

  test('B7 refuses every session, the most powerful included', async () => {
    const sessions = [
      await byBroker(assume('Hub')),
      await byBroker(federate({ Policy: LIST.replace('s3:ListBucket', '*') })),
      await byBroker({ Action: 'GetSessionToken' }),
    ];
    for (const session of sessions) {
      const answer = await signedCall(aws, keyOf(session), federate());
      const message = 'Cannot call GetFederationToken with session credentials';
      expect(outcome(answer)).toEqual([403, 'AccessDenied', message]);
    }
  });

  test('B9 its credentials call nothing of STS but GetCallerIdentity, whatever their policy says', async () => {
    const Policy = JSON.stringify({ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } });
    const federated = keyOf(await byBroker(federate({ Policy })));
    const identity = await signedCall(aws, federated, whoAmI);
    expect([identity.status, elementText(identity.text, 'Arn')]).toEqual([200, ARN]);
    expect(elementText(identity.text, 'UserId')).toBe(`${HOME}:alice@corp.example`);
    const denied = (action: string, resource: string): unknown => [
      403,
      'AccessDenied',
      `User: ${ARN} is not authorized to perform: ${action} on resource: ${resource}`,
    ];
    const calls: readonly (readonly [Members, unknown])[] = [
      [assume('Account'), denied('sts:AssumeRole', roleArn('Account'))],
      [{ Action: 'GetAccessKeyInfo', AccessKeyId: BROKER.accessKeyId }, denied('sts:GetAccessKeyInfo', '*')],
      [{ Action: 'DecodeAuthorizationMessage', EncodedMessage: 'x' }, denied('sts:DecodeAuthorizationMessage', '*')],
      [{ Action: 'GetSessionToken' }, [403, 'AccessDenied', 'Cannot call GetSessionToken with session credentials']],
    ];
    for (const [members, expected] of calls) {
      expect(outcome(await signedCall(aws, federated, members))).toEqual(expected);
    }
  });

  test('the event names the federated user and the key', async () => {
    const answer = await byBroker(federate(tagMembers({ team: 'x' })));
    expect(aws.events.at(-1)).toMatchObject({
      eventName: 'GetFederationToken',
      userIdentity: { type: 'IAMUser', userName: 'broker' },
      requestParameters: { name: 'alice@corp.example', tags: [{ key: 'team', value: 'x' }] },
      responseElements: {
        credentials: { accessKeyId: keyOf(answer).accessKeyId },
        federatedUser: { arn: ARN, federatedUserId: `${HOME}:alice@corp.example` },
      },
    });
    await signedCall(aws, keyOf(answer), whoAmI);
    expect(aws.events.at(-1)).toMatchObject({
      userIdentity: {
        type: 'FederatedUser',
        sessionContext: { sessionIssuer: { type: 'IAMUser', userName: 'broker' } },
      },
    });
  });
});
