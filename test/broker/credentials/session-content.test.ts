// The content of a session at AWS, and what the broker refuses before it asks AWS.
import { describe, expect, test } from 'vitest';
import { evaluateConditions } from '../../../emulators/aws/policy/policy-conditions.ts';
import type { EligibleRole, Rule, SessionRules } from '../../../src/access/model.ts';
import { resolveRoles } from '../../../src/access/resolve.ts';
import { createFederationToken } from '../../../src/broker/credentials/modes/federation-token.ts';
import { type SessionContent, sessionContent, sessionNames } from '../../../src/broker/credentials/session-content.ts';
import { group, now, person, plainSession, policy, rule } from '../../access/support.ts';

const alice = person({ claims: { 'urn:cost': ['4711'] } });
const roleWith = (session: Partial<SessionRules>, grant: Partial<Rule['grant']> = {}): EligibleRole => {
  const only = rule(group('CORP\\AWS-Payments-Dev'), { ...grant, session: { ...plainSession, ...session } });
  return resolveRoles(alice, policy(only), now)[0]!;
};
const contentOf = (role: EligibleRole, asked?: string) =>
  sessionContent(role, alice, sessionNames(role, alice, 'adfs'), asked);
const document = '{"Version":"2012-10-17","Statement":[]}';

describe('a session', () => {
  test('holds the person’s name and nothing else, unless the rule says more', () => {
    expect(contentOf(roleWith({}))).toEqual({
      roleSessionName: 'alice@corp.example',
      sourceIdentity: 'alice@corp.example',
      tags: [],
      transitiveTagKeys: [],
      policy: undefined,
      policyArns: [],
    });
  });

  test('keeps the plain name as SourceIdentity where the session is called otherwise', () => {
    const content = contentOf(roleWith({ nameTemplate: '{claim:urn:cost}' }));
    expect(content.roleSessionName).toMatch(/^4711-[0-9a-f]{16}$/);
    expect(content.sourceIdentity).toBe('alice@corp.example');
  });

  test('has no SourceIdentity where the rule says so, nor for a federated user', () => {
    expect(contentOf(roleWith({}, { sourceIdentity: false })).sourceIdentity).toBeUndefined();
    expect(contentOf(roleWith({}, { mode: 'federation-token' })).sourceIdentity).toBeUndefined();
  });

  test('hands on transitive keys only of tags that it has', () => {
    const from = { kind: 'claim', name: 'urn:absent' } as const;
    const tags = [
      { key: 'Cost', from: { kind: 'claim', name: 'urn:cost' }, isOptional: false },
      { key: 'Team', from, isOptional: true },
    ] as const;
    const content = contentOf(roleWith({ tags, transitiveTagKeys: ['Cost', 'Team'] }));
    expect(content).toMatchObject({ tags: [{ key: 'Cost', value: '4711' }], transitiveTagKeys: ['Cost'] });
  });

  test('names the account in the ARN of a customer-managed policy', () => {
    const policyArns = ['arn:aws:iam::{accountId}:policy/Boundary', 'arn:aws:iam::aws:policy/ReadOnlyAccess'];
    expect(contentOf(roleWith({ policyArns })).policyArns).toEqual([
      'arn:aws:iam::444455556666:policy/Boundary',
      'arn:aws:iam::aws:policy/ReadOnlyAccess',
    ]);
  });

  test('takes the policy that was asked for only where the rule has none', () => {
    expect(contentOf(roleWith({}), document).policy).toBe(document);
    const fixed = expect.objectContaining({ code: 'session_policy_fixed' });
    expect(() => contentOf(roleWith({ policy: document }), document)).toThrow(fixed);
    expect(() => contentOf(roleWith({ policyArns: ['arn:aws:iam::aws:policy/X'] }), document)).toThrow(fixed);
  });

  test('never accepts one for a federation token, whose limit may be set in aws.federationToken only', () => {
    const role = roleWith({}, { mode: 'federation-token' });
    expect(contentOf(role).policy).toBeUndefined();
    expect(() => contentOf(role, document)).toThrow(expect.objectContaining({ code: 'session_policy_fixed' }));
  });
});

describe('a session that works from some addresses only', () => {
  const sourceIp = ['203.0.113.0/24', '2001:db8::/32'];
  const deny = {
    ...{ Effect: 'Deny', Action: '*', Resource: '*' },
    Condition: {
      NotIpAddress: { 'aws:SourceIp': sourceIp },
      BoolIfExists: { 'aws:ViaAWSService': 'false' },
    },
  };
  const allow = { Effect: 'Allow', Action: '*', Resource: '*' };
  const read = { Effect: 'Allow', Action: 's3:Get*', Resource: '*' };
  const own = (Statement: unknown) => JSON.stringify({ Version: '2012-10-17', Statement });
  const statements = (session: Partial<SessionRules>, asked?: string) =>
    JSON.parse(contentOf(roleWith({ sourceIp, ...session }), asked).policy ?? '').Statement;

  test('has all else that its policies give, and no more', () => {
    expect(statements({})).toEqual([allow, deny]);
    expect(statements({ policy: own([read]) })).toEqual([read, deny]);
    expect(statements({}, own(read))).toEqual([read, deny]);
    // Several session policies add up: one that allows everything would undo the ARN's limit.
    expect(statements({ policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] })).toEqual([deny]);
  });

  test.each([
    ['is not JSON', 'x'],
    ['is too long with it', own([{ ...read, Action: 's3:Get'.padEnd(1900, 'x') }])],
  ])('is refused with a policy that %s', (_, asked) => {
    expect(() => statements({}, asked)).toThrow(expect.objectContaining({ code: 'sts_session_policy' }));
  });

  test('is judged so by AWS', () => {
    const outcome = (address: string | undefined, viaService?: string) =>
      evaluateConditions(
        deny.Condition,
        new Map([
          ...(address ? [['aws:sourceip', [address]] as const] : []),
          ...(viaService ? [['aws:viaawsservice', [viaService]] as const] : []),
        ]),
      );
    expect([outcome('203.0.113.9'), outcome('2001:db8::1'), outcome('198.51.100.1', 'true')]).toEqual(
      Array(3).fill('unmet'),
    );
    expect([outcome('198.51.100.1', 'false'), outcome('198.51.100.1'), outcome(undefined)]).toEqual(
      Array(3).fill('met'),
    );
  });
});

describe('a federation token', () => {
  const asked = () => expect.fail('asked');
  const unsigned = { assumeRoleWithSaml: asked, assumeRoleWithWebIdentity: asked };
  const sts = { ...unsigned, assumeRole: asked, getFederationToken: asked, callerAccount: asked };
  const keys = { '444455556666': { accessKeyId: 'AKIAEXAMPLEFEDERATE0', secretAccessKey: 'secret' } };
  const role = roleWith({}, { mode: 'federation-token' });
  const session = { identity: alice, nameId: undefined, sessionIndex: undefined, assertionId: '_a' };
  const prepare = (
    content: SessionContent,
    settings: Partial<Parameters<typeof createFederationToken>[0]['settings']>,
  ) =>
    createFederationToken({ sts, settings: { keys, policy: undefined, policyArns: [], ...settings } })({
      session: { ...session, expiresAt: now.getTime(), steppedUpFor: undefined },
      role,
      content,
      purpose: 'credentials',
      now,
    });

  test('is not asked for without a policy, or without keys for the account', () => {
    const content = contentOf(role);
    expect(() => prepare(content, {})).toThrow(expect.objectContaining({ code: 'sts_session_policy' }));
    expect(() => prepare(content, { keys: {}, policy: document })).toThrow(
      expect.objectContaining({ code: 'sts_refused' }),
    );
    expect(prepare(content, { policy: document })).toMatchObject({ facts: {}, takesConsoleDuration: false });
  });
});
