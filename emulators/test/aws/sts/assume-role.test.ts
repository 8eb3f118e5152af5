// Rows B1 to B5: AssumeRole by users and by roles, each refusal beside the call that only differs in the one thing.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AwsEmulator, startAws } from '../../../aws/server.ts';
import { totpCode } from '../../../aws/sts/mfa.ts';
import { NOW, type StsAnswer } from '../support/fixture.ts';
import {
  ALICE,
  assume,
  BROKER,
  HOME,
  keyOf,
  PARTNER,
  ROOT,
  roleArn,
  SEED,
  SERIAL,
  SWITCHED_OFF,
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
beforeEach(() => aws.setEstate(signedEstate()));

const byBroker = (members: Members): Promise<StsAnswer> => signedCall(aws, BROKER, members);
const outcome = ({ status, code, message }: StsAnswer): unknown => [status, code, message];
const denied = (role: string, action = 'sts:AssumeRole', who = `arn:aws:iam::${HOME}:user/broker`): unknown => [
  403,
  'AccessDenied',
  `User: ${who} is not authorized to perform: ${action} on resource: ${role}`,
];
const OK = [200, 'ok', ''];

describe('B1 who may assume which role', () => {
  const asked: readonly (readonly [string, Members, Members, string?])[] = [
    ['External', { ExternalId: 'customer-42' }, { ExternalId: 'customer-43' }],
    ['External', { ExternalId: 'customer-42' }, {}],
    ['Named', {}, { RoleSessionName: 'alice' }],
    ['Traced', { SourceIdentity: 'alice' }, { SourceIdentity: 'bob' }],
    ['Traced', { SourceIdentity: 'alice' }, {}],
    ['Tagged', tagMembers({ Team: 'payments' }), tagMembers({ Team: 'audit' })],
    ['FewTags', tagMembers({ team: 'x' }), tagMembers({ team: 'x', cost: 'y' })],
    ['Passing', tagMembers({ team: 'x' }, ['team']), tagMembers({ team: 'x' })],
    ['Bare', {}, tagMembers({ team: 'x' }), 'sts:TagSession'],
    ['Bare', {}, { SourceIdentity: 'alice' }, 'sts:SetSourceIdentity'],
  ];
  for (const [role, allowed, refused, action] of asked) {
    test(`${role}: ${JSON.stringify(refused)}`, async () => {
      expect(outcome(await byBroker(assume(role, allowed)))).toEqual(OK);
      expect(outcome(await byBroker(assume(role, refused)))).toEqual(denied(roleArn(role), action));
    });
  }

  const roles: readonly (readonly [string, boolean])[] = [
    ['Near', true],
    ['Far', false],
    ['Soon', true],
    ['Over', false],
    ['OfBroker', true],
    ['OfTeam', true],
    ['Nobody', false],
    ['Missing', false],
    ['account', false],
    ['DeniedByUser', false],
    ['Wild', true],
  ];
  for (const [role, isAllowed] of roles) {
    test(`${role} is ${isAllowed ? 'open' : 'closed'} to the broker`, async () => {
      expect(outcome(await byBroker(assume(role)))).toEqual(isAllowed ? OK : denied(roleArn(role)));
    });
  }

  test('a caller without a permission needs to be named by a role in the same account', async () => {
    const alice = `arn:aws:iam::${HOME}:user/alice`;
    const named = roleArn('ops/ForAlice');
    expect(outcome(await signedCall(aws, ALICE, assume('ops/ForAlice')))).toEqual(OK);
    for (const arn of [roleArn('Account'), roleArn('Wild'), roleArn('ByName', PARTNER)]) {
      const answer = await signedCall(aws, ALICE, assume('Account', { RoleArn: arn }));
      expect(outcome(answer)).toEqual(denied(arn, 'sts:AssumeRole', alice));
    }
    expect(outcome(await byBroker(assume('ops/ForAlice')))).toEqual(denied(named));
  });

  test('another account trusts the user by name, under its external id', async () => {
    const RoleArn = roleArn('Vendor', PARTNER);
    expect(outcome(await byBroker(assume('Vendor', { RoleArn, ExternalId: 'customer-42' })))).toEqual(OK);
    expect(outcome(await byBroker(assume('Vendor', { RoleArn })))).toEqual(denied(RoleArn));
  });

  test('the root may assume nothing', async () => {
    const answer = await signedCall(aws, ROOT, assume('Account'));
    expect(outcome(answer)).toEqual([403, 'AccessDenied', 'Roles may not be assumed by root accounts.']);
  });

  test('a switched-off key, and the session of a deleted role, are refused as unknown credentials', async () => {
    const invalid = [403, 'InvalidClientTokenId', 'The security token included in the request is invalid'];
    expect(outcome(await signedCall(aws, SWITCHED_OFF, assume('Account')))).toEqual(invalid);
    const session = keyOf(await byBroker(assume('Hub')));
    const whoAmI = () => signedCall(aws, session, { Action: 'GetCallerIdentity' });
    expect(outcome(await whoAmI())).toEqual(OK);
    aws.setEstate({ accounts: [] });
    expect(outcome(await whoAmI())).toEqual(invalid);
  });

  test('a region switched off in the account of the role', async () => {
    const south = await startAws({ now: () => NOW, estate: signedEstate(), region: 'eu-south-1' });
    expect(outcome(await signedCall(south, BROKER, assume('Account')))).toEqual([
      403,
      'RegionDisabledException',
      `STS is not activated in this region for account:${HOME}. Your account administrator can activate STS in this region using the IAM Console.`,
    ]);
    await south.close();
  });
});

describe('B1 with a second factor', () => {
  const at = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);
  const withCode = (role: string, TokenCode: string): Record<string, string> =>
    assume(role, { SerialNumber: SERIAL, TokenCode });
  const permitted = (): void => {
    const [home, partner] = signedEstate().accounts;
    const users = (home?.users ?? []).map((one) => ({
      ...one,
      policies: [{ Statement: { Effect: 'Allow', Action: 'sts:*', Resource: '*' } }],
    }));
    if (home !== undefined && partner !== undefined) aws.setEstate({ accounts: [{ ...home, users }, partner] });
  };

  test('opens the roles that ask for one; without it, and with long-term keys alone, they stay closed', async () => {
    permitted();
    const who = `arn:aws:iam::${HOME}:user/alice`;
    for (const [index, role] of ['Factor', 'FreshFactor'].entries()) {
      expect(outcome(await signedCall(aws, ALICE, assume(role)))).toEqual(denied(roleArn(role), 'sts:AssumeRole', who));
      const now = at(index * 60);
      aws.setClockOffset(index * 60);
      expect(outcome(await signedCall(aws, ALICE, withCode(role, totpCode(SEED, now)), now))).toEqual(OK);
      aws.setClockOffset(0);
    }
  });

  test('refuses a role on a stale second factor', async () => {
    permitted();
    const start = at(300);
    aws.setClockOffset(300);
    const members = { Action: 'AssumeRole', RoleSessionName: 'alice', SerialNumber: SERIAL };
    const hub = await signedCall(
      aws,
      ALICE,
      { ...members, RoleArn: roleArn('Hub'), TokenCode: totpCode(SEED, start) },
      start,
    );
    const hop = (now: Date) => signedCall(aws, keyOf(hub), assume('FreshFactor'), now);
    expect(outcome(await hop(start))).toEqual(OK);
    aws.setClockOffset(600);
    expect((await hop(at(600))).code).toBe('AccessDenied');
    aws.setClockOffset(0);
  });
});

test('the event tells who, as whom, why and with which key, and no secret', async () => {
  const members = { ...tagMembers({ team: 'x' }, ['team']), SourceIdentity: 'alice', ExternalId: 'customer-42' };
  const answer = await byBroker(assume('External', members));
  const session = `arn:aws:sts::${HOME}:assumed-role/External/alice@corp.example`;
  const key = keyOf(answer);
  expect(aws.events.at(-1)).toMatchObject({
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    userIdentity: { type: 'IAMUser', userName: 'broker', accessKeyId: BROKER.accessKeyId },
    requestParameters: {
      roleArn: roleArn('External'),
      roleSessionName: 'alice@corp.example',
      externalId: 'customer-42',
      sourceIdentity: 'alice',
      tags: [{ key: 'team', value: 'x' }],
      transitiveTagKeys: ['team'],
    },
    responseElements: { credentials: { accessKeyId: key.accessKeyId }, assumedRoleUser: { arn: session } },
  });
  const text = JSON.stringify(aws.events);
  expect([text.includes(key.secretAccessKey), text.includes(key.sessionToken ?? '')]).toEqual([false, false]);
});
