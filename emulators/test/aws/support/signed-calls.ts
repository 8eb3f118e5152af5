// An estate of users, hubs and targets for the signed operations of STS, and the calls the tests make with its keys.
import type { AwsEmulator, EmulatedAccount, Estate } from '../../../aws/server.ts';
import { elementText, NOW, readAnswer, type StsAnswer } from './fixture.ts';
import { type Signer, signPost } from './sign-request.ts';

export const HOME = '111122223333';
export const PARTNER = '444455556666';
/** RFC 6238 Appendix B's secret, base32. */
export const SEED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
export const SERIAL = `arn:aws:iam::${HOME}:mfa/alice-phone`;

type Key = Omit<Signer, 'now'>;
const key = (accessKeyId: string): Key => ({ accessKeyId, secretAccessKey: `secret-of-${accessKeyId}` });
/** May assume whatever trusts its account, and hand out federation tokens. */
export const BROKER = key('AKIAEXAMPLEBROKER000');
/** A user with a phone and no permission. */
export const ALICE = key('AKIAEXAMPLEALICE0000');
export const SWITCHED_OFF = key('AKIAEXAMPLEOFF000000');
export const ROOT = key('AKIAEXAMPLEROOT00000');

export const roleArn = (name: string, account = HOME): string => `arn:aws:iam::${account}:role/${name}`;
export const ALL_ACTIONS = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'];
const root = (account: string): string => `arn:aws:iam::${account}:root`;
const user = (name: string): string => `arn:aws:iam::${HOME}:user/${name}`;

/** One Allow for an AWS principal. */
export function trusting(AWS: unknown, more: object = {}): unknown {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS }, Action: ALL_ACTIONS, ...more }] };
}

/** One identity policy. */
export function allowing(Action: unknown, Resource: unknown = '*', more: object = {}): unknown {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource, ...more }] };
}

const condition = (Condition: object): unknown => trusting(root(HOME), { Condition });

/** Roles by the one thing their trust policies ask for; the same roles can be asked for in every test. */
const trustConditions: Readonly<Record<string, object>> = {
  External: { StringEquals: { 'sts:ExternalId': 'customer-42' } },
  Factor: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
  FreshFactor: { NumericLessThan: { 'aws:MultiFactorAuthAge': '300' } },
  Named: { StringLike: { 'sts:RoleSessionName': '*@corp.example' } },
  Traced: { StringEquals: { 'sts:SourceIdentity': 'alice' } },
  Tagged: { StringEquals: { 'aws:RequestTag/team': ['payments', 'platform'] } },
  FewTags: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } },
  Passing: { 'ForAnyValue:StringEquals': { 'sts:TransitiveTagKeys': 'team' } },
  Near: { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } },
  Far: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
  Soon: { DateLessThan: { 'aws:CurrentTime': '2026-03-02T00:00:00Z' } },
  Over: { DateLessThan: { 'aws:CurrentTime': '2026-03-01T00:00:00Z' } },
  LongTerm: { Null: { 'aws:TokenIssueTime': 'true' } },
  OfBroker: { ArnLike: { 'aws:PrincipalArn': user('brok*') } },
  OfTeam: { StringEqualsIfExists: { 'aws:PrincipalTag/team': 'brokers' } },
};

const tagged: Readonly<Record<string, unknown>> = {
  Payments: condition({ StringEquals: { 'aws:PrincipalTag/team': 'payments' } }),
  Cost: condition({ StringEquals: { 'aws:PrincipalTag/cost': 'c1' } }),
};

function home(): EmulatedAccount {
  return {
    id: HOME,
    name: 'Payments Production',
    rootKey: ROOT,
    buckets: [{ name: 'invoices', region: 'us-east-1' }],
    disabledStsRegions: ['eu-south-1'],
    roles: [
      ...Object.entries(trustConditions).map(([name, one]) => ({ name, trustPolicy: condition(one) })),
      { name: 'Account', maxSessionDuration: 7200, trustPolicy: trusting(root(HOME)) },
      { name: 'ForAlice', path: '/ops/', trustPolicy: trusting([user('alice')]) },
      { name: 'Wild', trustPolicy: trusting('*') },
      { name: 'Bare', trustPolicy: trusting(root(HOME), { Action: 'sts:AssumeRole' }) },
      { name: 'Nobody', trustPolicy: trusting(user('broker2')) },
      {
        name: 'Hub',
        maxSessionDuration: 43_200,
        tags: { team: 'hub' },
        trustPolicy: trusting(root(HOME)),
        policies: [allowing([...ALL_ACTIONS, 'sts:GetFederationToken'])],
      },
      {
        name: 'OfHub',
        maxSessionDuration: 43_200,
        trustPolicy: trusting(roleArn('Hub')),
        policies: [allowing(ALL_ACTIONS)],
      },
      ...['Payments', 'Cost'].map((name) => ({ name: `Of${name}`, trustPolicy: tagged[name] })),
    ],
    users: [
      {
        ...BROKER,
        name: 'broker',
        tags: { team: 'brokers' },
        policies: [
          allowing([...ALL_ACTIONS, 'sts:GetFederationToken', 'sts:GetAccessKeyInfo', 's3:ListBucket', 'iam:*']),
          { Statement: { Effect: 'Deny', Action: 'sts:AssumeRole', Resource: roleArn('Denied*') } },
        ],
      },
      { ...ALICE, name: 'alice', mfaDevices: [{ serialNumber: SERIAL, seed: SEED }] },
      { ...SWITCHED_OFF, name: 'off', isInactive: true },
    ],
  };
}

/** Two accounts: the broker's own, and a partner who trusts it. */
export function signedEstate(): Estate {
  const partner: EmulatedAccount = {
    id: PARTNER,
    name: 'Partner',
    roles: [
      { name: 'Vendor', trustPolicy: trusting(user('broker'), { Condition: trustConditions['External'] }) },
      { name: 'ByName', trustPolicy: trusting(user('alice')) },
      { name: 'OfHub', trustPolicy: trusting(roleArn('Hub')) },
    ],
  };
  return { accounts: [home(), partner] };
}

/** A signed call; the signature is of the same instant as the emulator's clock. */
export async function signedCall(
  aws: AwsEmulator,
  signer: Key,
  members: Readonly<Record<string, string>>,
  now = NOW,
): Promise<StsAnswer> {
  const body = new URLSearchParams({ Version: '2011-06-15', ...members }).toString();
  const headers = signPost({ ...signer, now }, new URL(aws.url).host, body);
  return readAnswer(await fetch(`${aws.url}/`, { method: 'POST', headers, body }));
}

/** The key of an answer with credentials. @throws Error when it has none */
export function keyOf(answer: StsAnswer): Key {
  const read = (name: string): string => {
    const text = elementText(answer.text, name);
    if (text === undefined) throw new Error(`${answer.status} ${answer.code}: ${answer.message}`);
    return text;
  };
  return {
    accessKeyId: read('AccessKeyId'),
    secretAccessKey: read('SecretAccessKey'),
    sessionToken: read('SessionToken'),
  };
}

/** AssumeRole members for a role of the home account. */
export function assume(name: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { Action: 'AssumeRole', RoleArn: roleArn(name), RoleSessionName: 'alice@corp.example', ...more };
}

/** Tags as members of a call. */
export function tagMembers(tags: Readonly<Record<string, string>>, transitive: readonly string[] = []) {
  const members: Record<string, string> = {};
  for (const [index, [name, value]] of Object.entries(tags).entries()) {
    members[`Tags.member.${index + 1}.Key`] = name;
    members[`Tags.member.${index + 1}.Value`] = value;
  }
  for (const [index, name] of transitive.entries()) members[`TransitiveTagKeys.member.${index + 1}`] = name;
  return members;
}
