// Inline policies of roles: what IAM takes, what it says of them, and that sessions obey them.
import {
  DeleteRolePolicyCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AwsEmulator, startAws } from '../../aws/server.ts';
import { NOW } from './support/fixture.ts';
import { callService } from './support/sign-service.ts';
import { ALICE, allowing, assume, BROKER, HOME, keyOf, signedCall, signedEstate } from './support/signed-calls.ts';

let aws: AwsEmulator;
let live: AwsEmulator;
let client: IAMClient;
beforeAll(async () => {
  aws = await startAws({ now: () => NOW, estate: withBucketFor('Hub') });
  // The client signs with the wall clock.
  live = await startAws({
    now: () => new Date(performance.timeOrigin + performance.now()),
    estate: withBucketFor('Hub'),
  });
  const { accessKeyId, secretAccessKey } = BROKER;
  const credentials = { accessKeyId, secretAccessKey };
  client = new IAMClient({ endpoint: live.url, region: 'us-east-1', credentials, maxAttempts: 1 });
});
afterAll(async () => {
  await Promise.all([aws?.close(), live?.close()]);
});

function withBucketFor(name: string) {
  const { accounts } = signedEstate();
  const [home, ...others] = accounts;
  const roles = home!.roles.map((role) => (role.name === name ? { ...role, policies: [allowing('s3:*')] } : role));
  return { accounts: [{ ...home!, roles }, ...others] };
}

const RoleName = 'Hub';
const iam = (members: Readonly<Record<string, string>>, key = BROKER) =>
  signedCall(aws, { ...key, service: 'iam' }, { Version: '2010-05-08', RoleName, ...members });
const denying = (Condition: object) =>
  JSON.stringify({ Statement: { Effect: 'Deny', Action: '*', Resource: '*', Condition } });
const session = async (name: string, at = NOW) =>
  keyOf(await signedCall(aws, BROKER, { ...assume(RoleName), RoleSessionName: name }, at));
const list = async (key: Awaited<ReturnType<typeof session>>, now = NOW) =>
  (
    await callService(aws, {
      ...key,
      now,
      service: 's3',
      region: 'us-east-1',
      path: '/invoices',
      query: { 'list-type': '2' },
    })
  ).status;

test('the SDK puts, reads, lists and deletes them', async () => {
  const PolicyDocument = JSON.stringify(allowing('s3:GetObject'));
  const role = { RoleName };
  await client.send(new PutRolePolicyCommand({ ...role, PolicyName: 'one', PolicyDocument }));
  const read = await client.send(new GetRolePolicyCommand({ ...role, PolicyName: 'one' }));
  expect(decodeURIComponent(read.PolicyDocument ?? '')).toBe(PolicyDocument);
  const names = async () => (await client.send(new ListRolePoliciesCommand(role))).PolicyNames;
  expect(await names()).toEqual(['policy-1', 'one']);
  await client.send(new DeleteRolePolicyCommand({ ...role, PolicyName: 'one' }));
  expect(await names()).toEqual(['policy-1']);
  const again = client.send(new DeleteRolePolicyCommand({ ...role, PolicyName: 'one' }));
  await expect(again).rejects.toMatchObject({ name: 'NoSuchEntityException' });
});

test('a denial by time and name stops earlier sessions of that name; GetCallerIdentity still answers', async () => {
  const [alice, bob] = [await session('alice'), await session('bob')];
  expect([await list(alice), await list(bob)]).toEqual([200, 200]);
  const later = new Date(NOW.getTime() + 60_000);
  const PolicyDocument = denying({
    DateLessThan: { 'aws:TokenIssueTime': later.toISOString() },
    StringLike: { 'aws:userid': '*:alice' },
  });
  expect((await iam({ Action: 'PutRolePolicy', PolicyName: 'revoke', PolicyDocument })).status).toBe(200);
  expect([await list(alice), await list(bob)]).toEqual([403, 200]);
  expect((await signedCall(aws, alice, { Action: 'GetCallerIdentity' })).status).toBe(200);
  aws.setClockOffset(60);
  const renewed = await session('alice', later);
  expect([await list(renewed, later), await list(alice, later)]).toEqual([200, 403]);
  aws.setClockOffset(0);
  await iam({ Action: 'DeleteRolePolicy', PolicyName: 'revoke' });
  expect(await list(alice)).toBe(200);
});

test('what is too long together, or not a policy, is refused and changes nothing', async () => {
  const put = (PolicyName: string, PolicyDocument: string) =>
    iam({ Action: 'PutRolePolicy', PolicyName, PolicyDocument });
  const long = (characters: number) => denying({ StringEquals: { 'aws:SourceIdentity': 'x'.repeat(characters) } });
  expect((await put('first', long(6000))).status).toBe(200);
  expect(await put('second', long(6000))).toMatchObject({ status: 409, code: 'LimitExceeded' });
  expect((await put('first', long(9000))).status).toBe(200);
  expect(await put('third', '{"Statement":{}}')).toMatchObject({ status: 400, code: 'MalformedPolicyDocument' });
  const names = (await iam({ Action: 'ListRolePolicies' })).text;
  expect(names).not.toMatch(/second|third/);
  await iam({ Action: 'DeleteRolePolicy', PolicyName: 'first' });
});

test('a caller without the permission, and a role of another account, are refused', async () => {
  const refused = await iam({ Action: 'PutRolePolicy', PolicyName: 'x', PolicyDocument: denying({}) }, ALICE);
  expect(refused).toMatchObject({ status: 403, code: 'AccessDenied' });
  expect(refused.message).toContain(`arn:aws:iam::${HOME}:user/alice is not authorized to perform: iam:PutRolePolicy`);
  const missing = await iam({ Action: 'ListRolePolicies', RoleName: 'Vendor' });
  expect(missing).toMatchObject({ status: 404, code: 'NoSuchEntity' });
});
