// The trust policy evaluator, one row per rule of the policy language it knows.
import { describe, expect, test } from 'vitest';
import { judgeTrust, type TrustVerdict, trustPolicyAllows } from '../../../aws/policy/trust-policy.ts';

const PROVIDER = 'arn:aws:iam::111122223333:saml-provider/rolegate';
const ACTION = 'sts:AssumeRoleWithSAML';
const CONTEXT = new Map<string, readonly string[]>([
  ['saml:aud', ['https://signin.aws.amazon.com/saml']],
  ['saml:sub', ['alice']],
  ['saml:sub_type', ['persistent']],
  ['sts:rolesessionname', ['alice@corp.example']],
  ['sts:sourceidentity', ['alice']],
  ['aws:requesttag/team', ['Payments']],
  ['aws:tagkeys', ['team', 'cost']],
  ['aws:sourceip', ['203.0.113.10']],
  ['aws:currenttime', ['2026-03-01T12:00:00Z']],
  ['aws:multifactorauthage', ['299']],
  ['aws:multifactorauthpresent', ['true']],
  ['aws:principalarn', ['arn:aws:iam::111122223333:role/ops/Hub']],
]);

const allow = (more: object = {}): object => ({
  Effect: 'Allow',
  Principal: { Federated: PROVIDER },
  Action: ACTION,
  ...more,
});
const deny = (more: object = {}): object => ({ ...allow(more), Effect: 'Deny' });
const variable = (name: string, rest: string): string => `$\{${name}}${rest}`;
const when = (Condition: object): object => allow({ Condition });

type Row = readonly [string, object | readonly object[], boolean];
const statements: readonly Row[] = [
  ['a statement that stands alone', allow(), true],
  ['a list of statements, one of which matches', [allow({ Action: 'sts:TagSession' }), allow()], true],
  ['an explicit Deny beside an Allow', [allow(), deny()], false],
  ['a Deny of another action', [allow(), deny({ Action: 'sts:TagSession' })], true],
  ['a Deny for everybody', [allow(), deny({ Principal: '*' })], false],
  [
    'a Deny for everybody but the provider',
    [allow(), { Effect: 'Deny', NotPrincipal: { Federated: PROVIDER }, Action: '*' }],
    true,
  ],
  [
    'a Deny for everybody but another',
    [allow(), { Effect: 'Deny', NotPrincipal: { Federated: 'x' }, Action: '*' }],
    false,
  ],
  ['another provider', allow({ Principal: { Federated: `${PROVIDER}2` } }), false],
  ['providers in a list', allow({ Principal: { Federated: ['x', PROVIDER] } }), true],
  ['an AWS principal', allow({ Principal: { AWS: PROVIDER } }), false],
  ['a wildcard principal', allow({ Principal: '*' }), false],
  ['a wildcard action', allow({ Action: 'sts:AssumeRole*' }), true],
  ['an action in another case', allow({ Action: 'STS:assumerolewithsaml' }), true],
  ['a wildcard that does not fit', allow({ Action: 'sts:AssumeRole' }), false],
  [
    'NotAction that leaves the action out',
    { Effect: 'Allow', Principal: { Federated: PROVIDER }, NotAction: 'sts:Tag*' },
    true,
  ],
  [
    'NotAction that names the action',
    { Effect: 'Allow', Principal: { Federated: PROVIDER }, NotAction: 'sts:*' },
    false,
  ],
  ['an Effect in another case', { ...allow(), Effect: 'allow' }, false],
  ['a Resource, which no trust policy has', allow({ Resource: '*' }), false],
  ['no statement', [], false],
];

const conditions: readonly Row[] = [
  ['StringEquals', when({ StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } }), true],
  ['StringEquals, one of several', when({ StringEquals: { 'saml:sub': ['bob', 'alice'] } }), true],
  ['StringEquals in another case', when({ StringEquals: { 'saml:sub': 'Alice' } }), false],
  ['StringEquals takes no wildcard', when({ StringEquals: { 'saml:sub': 'ali*' } }), false],
  ['StringEquals of a missing key', when({ StringEquals: { 'saml:iss': 'x' } }), false],
  ['StringEqualsIfExists of a missing key', when({ StringEqualsIfExists: { 'saml:iss': 'x' } }), true],
  ['StringEqualsIfExists of a key that is there', when({ StringEqualsIfExists: { 'saml:sub': 'bob' } }), false],
  ['StringNotEquals', when({ StringNotEquals: { 'saml:sub': ['bob', 'carol'] } }), true],
  ['StringNotEquals with the value', when({ StringNotEquals: { 'saml:sub': ['bob', 'alice'] } }), false],
  ['StringNotEquals of a missing key', when({ StringNotEquals: { 'saml:iss': 'x' } }), true],
  ['StringEqualsIgnoreCase', when({ StringEqualsIgnoreCase: { 'saml:sub': 'ALICE' } }), true],
  ['StringLike', when({ StringLike: { 'sts:RoleSessionName': '*@corp.example' } }), true],
  ['StringLike keeps a dot a dot', when({ StringLike: { 'sts:RoleSessionName': '*@corp?example*x' } }), false],
  [
    'StringLike with a policy variable',
    when({ StringLike: { 'sts:RoleSessionName': variable('saml:sub', '@*') } }),
    true,
  ],
  ['a policy variable without a value', when({ StringLike: { 'saml:sub': variable('saml:iss', '*') } }), false],
  ['StringNotLike', when({ StringNotLike: { 'sts:RoleSessionName': '*@corp.example' } }), false],
  ['a tag', when({ StringEquals: { 'aws:RequestTag/Team': 'Payments' } }), true],
  [
    'ForAllValues within the list',
    when({ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team', 'cost', 'x'] } }),
    true,
  ],
  ['ForAllValues beyond the list', when({ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } }), false],
  ['ForAllValues of a missing key', when({ 'ForAllValues:StringEquals': { 'sts:TransitiveTagKeys': ['x'] } }), true],
  ['ForAnyValue', when({ 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['x', 'cost'] } }), true],
  ['ForAnyValue of none', when({ 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['x'] } }), false],
  ['ForAnyValue of a missing key', when({ 'ForAnyValue:StringEquals': { 'sts:TransitiveTagKeys': ['x'] } }), false],
  ['IpAddress in a network', when({ IpAddress: { 'aws:SourceIp': ['198.51.100.0/24', '203.0.113.0/28'] } }), true],
  ['IpAddress outside', when({ IpAddress: { 'aws:SourceIp': '203.0.113.16/28' } }), false],
  ['IpAddress of the other family', when({ IpAddress: { 'aws:SourceIp': '::/0' } }), false],
  ['NotIpAddress', when({ NotIpAddress: { 'aws:SourceIp': '203.0.113.10' } }), false],
  ['Null of a missing key', when({ Null: { 'saml:iss': 'true' } }), true],
  ['Null of a key that is there', when({ Null: { 'saml:sub': true } }), false],
  ['Bool', when({ Bool: { 'saml:sub': 'true' } }), false],
  ['Bool that is met', when({ Bool: { 'aws:MultiFactorAuthPresent': true } }), true],
  ['BoolIfExists of a missing key', when({ BoolIfExists: { 'aws:SecureTransport': 'true' } }), true],
  ['NumericLessThan', when({ NumericLessThan: { 'aws:MultiFactorAuthAge': '300' } }), true],
  ['NumericLessThan at the limit', when({ NumericLessThan: { 'aws:MultiFactorAuthAge': 299 } }), false],
  ['NumericLessThanEquals at the limit', when({ NumericLessThanEquals: { 'aws:MultiFactorAuthAge': 299 } }), true],
  ['NumericGreaterThan of no number', when({ NumericGreaterThan: { 'saml:sub': '0' } }), false],
  ['NumericEquals', when({ NumericEquals: { 'aws:MultiFactorAuthAge': '299.0' } }), true],
  ['NumericNotEquals', when({ NumericNotEquals: { 'aws:MultiFactorAuthAge': '299' } }), false],
  ['DateLessThan', when({ DateLessThan: { 'aws:CurrentTime': '2026-03-01T12:00:01Z' } }), true],
  ['DateLessThan at the limit', when({ DateLessThan: { 'aws:CurrentTime': '2026-03-01T12:00:00Z' } }), false],
  ['DateGreaterThan in seconds since 1970', when({ DateGreaterThan: { 'aws:CurrentTime': '1772366399' } }), true],
  ['ArnLike', when({ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/ops/*' } }), true],
  [
    'ArnLike whose wildcard would reach over a colon',
    when({ ArnLike: { 'aws:PrincipalArn': 'arn:*:role/ops/*' } }),
    false,
  ],
  ['ArnNotEquals', when({ ArnNotEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/ops/Hub' } }), false],
  ['an operator that does not exist', when({ StringIs: { 'saml:sub': 'alice' } }), false],
  ['an operator inherited from Object', when({ toString: { 'saml:sub': 'alice' } }), false],
  [
    'a Deny with an operator that does not exist',
    [allow(), deny({ Condition: { StringIs: { 'saml:sub': 'x' } } })],
    false,
  ],
  ['a Deny whose condition is not met', [allow(), deny({ Condition: { StringEquals: { 'saml:sub': 'bob' } } })], true],
  ['two operators, one unmet', when({ StringEquals: { 'saml:sub': 'alice' }, Null: { 'saml:sub': 'true' } }), false],
  ['two keys, one unmet', when({ StringEquals: { 'saml:sub': 'alice', 'saml:sub_type': 'transient' } }), false],
];

describe('a trust policy', () => {
  for (const [name, Statement, isAllowed] of [...statements, ...conditions]) {
    test(`${isAllowed ? 'allows' : 'does not allow'} by ${name}`, () => {
      const question = { federatedPrincipal: PROVIDER, action: ACTION, context: CONTEXT };
      expect(trustPolicyAllows({ Version: '2012-10-17', Statement }, question)).toBe(isAllowed);
    });
  }

  test('matches IPv6 networks', () => {
    const policy = { Statement: when({ IpAddress: { 'aws:SourceIp': '2001:db8::/32' } }) };
    const ask = (address: string): boolean =>
      trustPolicyAllows(policy, {
        federatedPrincipal: PROVIDER,
        action: ACTION,
        context: new Map([['aws:sourceip', [address]]]),
      });
    expect([ask('2001:db8::1'), ask('2001:db9::1'), ask('signin.amazonaws.com')]).toEqual([true, false, false]);
  });

  test('that is not a valid policy allows nothing', () => {
    const question = { federatedPrincipal: PROVIDER, action: ACTION, context: CONTEXT };
    for (const policy of [undefined, null, 'x', [], {}, { Statement: 'x' }, { Statement: [allow(), 1] }]) {
      expect(trustPolicyAllows(policy, question)).toBe(false);
    }
  });
});

describe('a trust policy and a signed caller', () => {
  const session = 'arn:aws:sts::111122223333:assumed-role/Hub/alice';
  const role = 'arn:aws:iam::111122223333:role/Hub';
  const account = '111122223333';
  const root = `arn:aws:iam::${account}:root`;
  const aws = (AWS: unknown, more: object = {}): object => ({ ...allow({ Principal: { AWS } }), ...more });
  const rows: readonly (readonly [string, object | readonly object[], TrustVerdict])[] = [
    ['its session', aws(session), 'by-name'],
    ['its role, in a list', aws(['x', role]), 'by-name'],
    ['another session of the role', aws(`${session}2`), 'silent'],
    ['the root of its account', aws(root), 'by-account'],
    ['the id of its account', aws(account), 'by-account'],
    ['everybody', aws('*'), 'by-account'],
    ['everybody, in short', allow({ Principal: '*' }), 'by-account'],
    ['another account', aws(root.replace(account, '444455556666')), 'silent'],
    ['account and role', [aws(root), aws(role)], 'by-name'],
    ['a wildcard inside an ARN', aws('arn:aws:iam::111122223333:role/*'), 'silent'],
    ['a SAML provider of that name', allow({ Principal: { Federated: role } }), 'silent'],
    ['the role, for another action', aws(role, { Action: 'sts:TagSession' }), 'silent'],
    ['the role, under a condition it does not meet', aws(role, { Condition: { Bool: { 'saml:sub': 'x' } } }), 'silent'],
    ['the role, with a Deny for the session', [aws(role), { ...aws(session), Effect: 'Deny' }], 'denied'],
    ['the role, with a Deny for the account', [aws(role), { ...aws(root), Effect: 'Deny' }], 'denied'],
    [
      'the role, with a Deny for all but the account',
      [aws(role), { Effect: 'Deny', NotPrincipal: { AWS: root }, Action: '*' }],
      'by-name',
    ],
  ];
  for (const [name, Statement, verdict] of rows) {
    test(`that names ${name}: ${verdict}`, () => {
      const question = { callerNames: [session, role], action: ACTION, context: CONTEXT };
      expect(judgeTrust({ Version: '2012-10-17', Statement }, question)).toBe(verdict);
    });
  }
});
