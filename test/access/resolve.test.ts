import { describe, expect, test } from 'vitest';
import type { Condition, Identity, Policy, Rule } from '../../src/access/model.ts';
import { resolveRoles } from '../../src/access/resolve.ts';
import {
  all,
  any,
  claim,
  convention,
  group,
  mfa,
  not,
  now,
  pattern,
  person,
  plainSession,
  policy,
  rule,
} from './support.ts';

const dev = group('CORP\\AWS-Payments-Dev');
const nobody = group('CORP\\Nobody');
const arns = (identity: Identity, from: Policy) => resolveRoles(identity, from, now).map((role) => role.roleArn);
const holds = (when: Condition, identity = person()) => arns(identity, policy(rule(when))).length > 0;

test('a role is entered through the SAML provider of its account, whatever that is called there', () => {
  const base = policy(rule(dev));
  const named = { ...base, accounts: base.accounts.map((each) => ({ ...each, provider: 'legacy-broker' })) };
  const [plain] = resolveRoles(person(), base, now);
  const [own] = resolveRoles(person(), named, now);
  expect(plain?.principalArn).toBe(`arn:aws:iam::${plain?.account.id}:saml-provider/${base.provider}`);
  expect(own?.principalArn).toBe(`arn:aws:iam::${own?.account.id}:saml-provider/legacy-broker`);
});

describe('a condition', () => {
  const withClaim = person({ claims: { 'urn:dept': ['Payments', 'Risk'], 'urn:sid': ['S-1-5-21-1-2-3-1001'] } });
  const rows: [name: string, when: Condition, identity: Identity, expected: boolean][] = [
    ['a group that the person has', dev, person(), true],
    ['a group that the person has not', nobody, person(), false],
    ['a group in other letters', group('corp\\aws-payments-dev'), person(), false],
    ['a group without its domain', group('AWS-Payments-Dev'), person(), false],
    ['a group with a blank more', group('CORP\\AWS-Payments-Dev '), person(), false],
    ['a part of a group', group('CORP\\AWS-Payments'), person(), false],
    ['a group, of a person without groups', dev, person({ groups: [] }), false],
    ['a claim', claim('urn:dept', 'Risk'), withClaim, true],
    ['a claim in other letters', claim('urn:dept', 'risk'), withClaim, false],
    ['a value of another claim', claim('urn:sid', 'Risk'), withClaim, false],
    ['a claim that the person has not', claim('urn:other', 'Risk'), withClaim, false],
    ['a claim that only JavaScript knows', claim('constructor', 'Risk'), withClaim, false],
    ['a group where a claim is meant', claim('urn:dept', 'CORP\\AWS-Payments-Dev'), withClaim, false],
    ['any, one of two', any(nobody, dev), person(), true],
    ['any, none of two', any(nobody, nobody), person(), false],
    ['any of nothing', any(), person(), false],
    ['all, both', all(dev, group('CORP\\Domain Users')), person(), true],
    ['all, one of two', all(dev, nobody), person(), false],
    ['all, the other of two', all(nobody, dev), person(), false],
    ['not', not(nobody), person(), true],
    ['not what the person has', not(dev), person(), false],
    ['not not', not(not(dev)), person(), true],
    ['nested', all(any(nobody, dev), not(all(dev, nobody)), claim('urn:dept', 'Payments')), withClaim, true],
    [
      'a group that holds a zero-width character',
      group('CORP\\Ad\u200bmins'),
      person({ groups: ['CORP\\Ad\u200bmins'] }),
      false,
    ],
    ['a pattern, of such a group', pattern('CORP\\\\.*'), person({ groups: ['CORP\\Ad\u202emins'] }), false],
    ['a pattern, of that group without it', pattern('CORP\\\\.*'), person({ groups: ['CORP\\Admins'] }), true],
    ['a pattern', pattern('CORP\\\\AWS-.*'), person(), true],
    ['a pattern that fits a part', pattern('AWS-.*'), person(), false],
    ['a pattern, of a group above 256 characters', pattern('x+'), person({ groups: ['x'.repeat(257)] }), false],
    ['a pattern, of a group of 256 characters', pattern('x+'), person({ groups: ['x'.repeat(256)] }), true],
  ];
  test.each(rows)('%s', (_, when, identity, expected) => {
    expect(holds(when, identity)).toBe(expected);
  });
});

describe('a naming convention', () => {
  const rules = policy(rule(convention, { accounts: ['{account}'], role: '{role}' }));
  const of = (...groups: string[]) => arns(person({ groups }), rules);

  test('grants in the account that the group names, if it is listed', () => {
    expect(of('CORP\\AWS-012345678901-DataScientist', 'AWS-444455556666-Developer')).toEqual([
      'arn:aws:iam::444455556666:role/Developer',
      'arn:aws:iam::012345678901:role/DataScientist',
    ]);
  });

  test.each([
    ['an account that is not listed', 'CORP\\AWS-999999999999-Developer'],
    ['an alias where the pattern wants an id', 'CORP\\AWS-payments-dev-Developer'],
    ['another domain', 'EVIL\\AWS-444455556666-Developer'],
    ['something before it', 'xAWS-444455556666-Developer'],
    ['a second line', 'AWS-444455556666-Developer\nAWS-444455556666-Admin'],
    ['a role that IAM does not allow', `AWS-444455556666-${'x'.repeat(65)}`],
  ])('grants nothing for %s', (_, name) => {
    expect(of(name)).toEqual([]);
  });

  test('a captured alias names an account as well', () => {
    const byAlias = rule(pattern('AWS-(?<alias>[a-z-]+)'), { accounts: ['{alias}'] });
    expect(arns(person({ groups: ['AWS-data-dev', 'AWS-absent'] }), policy(byAlias))).toEqual([
      'arn:aws:iam::012345678901:role/Developer',
    ]);
  });

  test('a captured value is not a template: a group cannot name another capture', () => {
    const wide = rule(pattern('(?<account>[^/]+)/(?<role>.+)'), { accounts: ['{account}'], role: '{role}' });
    const groups = ['payments-dev/{account}', '{role}/payments-dev', 'payments-dev/$&', 'payments-dev/a b'];
    expect(arns(person({ groups }), policy(wide))).toEqual([]);
    expect(arns(person({ groups: ['payments-dev/team/Developer'] }), policy(wide))).toEqual([
      'arn:aws:iam::444455556666:role/team/Developer',
    ]);
  });

  test('two groups do not mix their captures', () => {
    expect(of('AWS-444455556666-Developer', 'AWS-012345678901-Admin')).toEqual([
      'arn:aws:iam::444455556666:role/Developer',
      'arn:aws:iam::012345678901:role/Admin',
    ]);
  });

  test('holds only together with the other conditions of its rule', () => {
    const both = rule(all(convention, group('CORP\\Employees')), { accounts: ['{account}'], role: '{role}' });
    const groups = ['AWS-444455556666-Developer'];
    expect(arns(person({ groups }), policy(both))).toEqual([]);
    expect(arns(person({ groups: [...groups, 'CORP\\Employees'] }), policy(both))).toHaveLength(1);
  });

  test('a branch that captures nothing fills no template', () => {
    const either = rule(any(convention, dev), { accounts: ['{account}'], role: '{role}' });
    expect(arns(person(), policy(either))).toEqual([]);
  });
});

describe('an eligible role', () => {
  test('says everything about itself', () => {
    const grant = { accounts: ['payments-prod'], role: 'team/Admin', maxDurationSeconds: 7200, description: 'Careful' };
    expect(resolveRoles(person(), policy(rule(dev, { ...grant, sourceIdentity: false }, 'admins')), now)).toEqual([
      {
        roleArn: 'arn:aws:iam::111122223333:role/team/Admin',
        mode: 'mint',
        principalArn: 'arn:aws:iam::111122223333:saml-provider/rolegate',
        account: expect.objectContaining({ id: '111122223333', environment: 'production' }),
        roleName: 'Admin',
        region: 'eu-central-1',
        maxDurationSeconds: 7200,
        durationLimitedBy: 'rule',
        ruleDurationSeconds: 7200,
        session: plainSession,
        rule: 'admins',
        description: 'Careful',
        sourceIdentity: false,
        stepUp: undefined,
      },
    ]);
  });

  test('is in the region of its account, or of the configuration; its ARNs are of the partition', () => {
    const china = { ...policy(rule(dev)), partition: 'aws-cn', region: 'cn-north-1' };
    expect(resolveRoles(person(), china, now)).toMatchObject([
      {
        region: 'cn-north-1',
        roleArn: 'arn:aws-cn:iam::444455556666:role/Developer',
        principalArn: 'arn:aws-cn:iam::444455556666:saml-provider/rolegate',
      },
    ]);
  });

  test('is listed once, in the order of the accounts and then of the rules', () => {
    const first = rule(dev, { accounts: ['data-dev', 'payments-dev'], role: 'B' }, 'first');
    const second = rule(dev, { accounts: ['payments-dev', 'payments-prod'], role: 'A' }, 'second');
    const again = rule(dev, { accounts: ['444455556666', 'payments-dev'], role: 'B' }, 'again');
    expect(
      resolveRoles(person(), policy(first, second, again), now).map((role) => [
        role.account.alias,
        role.roleName,
        role.rule,
      ]),
    ).toEqual([
      ['payments-prod', 'A', 'second'],
      ['payments-dev', 'B', 'first'],
      ['payments-dev', 'A', 'second'],
      ['data-dev', 'B', 'first'],
    ]);
  });
});

describe('two rules for one role', () => {
  const strict = { require: { authnContext: 'mfa', maxAuthenticationAgeMs: undefined } };
  const best = (...rules: Parameters<typeof policy>) => resolveRoles(person(), policy(...rules), now);

  test('the longer duration wins, in any position', () => {
    const [short, long] = [rule(dev, {}, 'short'), rule(dev, { maxDurationSeconds: 7200 }, 'long')];
    for (const rules of [
      [short, long],
      [long, short],
    ]) {
      expect(best(...rules)).toMatchObject([{ rule: 'long', maxDurationSeconds: 7200 }]);
    }
  });

  test('of two equal ones the first is named', () => {
    expect(best(rule(dev, {}, 'one'), rule(dev, {}, 'two'))).toMatchObject([{ rule: 'one' }]);
  });

  test('the one that asks for nothing more wins over a longer one that asks for a stronger sign-in', () => {
    const [plain, long] = [rule(dev, {}, 'plain'), rule(dev, { ...strict, maxDurationSeconds: 43_200 }, 'strict')];
    for (const rules of [
      [plain, long],
      [long, plain],
    ]) {
      expect(best(...rules)).toMatchObject([{ rule: 'plain', maxDurationSeconds: 3600, stepUp: undefined }]);
    }
  });

  test('a person with the stronger sign-in has the longer duration', () => {
    const rules = policy(rule(dev, {}, 'plain'), rule(dev, { ...strict, maxDurationSeconds: 43_200 }, 'strict'));
    expect(resolveRoles(person({ authnContexts: [mfa] }), rules, now)).toMatchObject([{ rule: 'strict' }]);
  });
});

describe('a requirement', () => {
  const contexts = [mfa, 'https://refeds.org/profile/mfa'];
  const minutes = 60_000;
  const stepUp = (
    requirement: { authnContext?: string; maxAuthenticationAgeMs?: number },
    identity: Partial<Identity>,
    at = now,
  ) => {
    const require = { authnContext: undefined, maxAuthenticationAgeMs: undefined, ...requirement };
    return resolveRoles(person(identity), policy(rule(dev, { require })), at)[0]?.stepUp;
  };

  test('of a context applies to a user who signed in without it', () => {
    expect(stepUp({ authnContext: 'mfa' }, {})).toEqual({ reason: 'authn_context', contexts });
    for (const context of contexts) {
      expect(stepUp({ authnContext: 'mfa' }, { authnContexts: ['urn:other', context] })).toBeUndefined();
    }
    expect(stepUp({ authnContext: 'mfa' }, { authnContexts: [mfa.toUpperCase()] })).toBeDefined();
  });

  test('of a context that the IdP has no name for is never met', () => {
    expect(stepUp({ authnContext: 'smartcard' }, { authnContexts: [mfa] })).toEqual({
      reason: 'authn_context',
      contexts: [],
    });
    expect(stepUp({ authnContext: 'mfa' }, { idp: 'other', authnContexts: [mfa] })).toEqual({
      reason: 'authn_context',
      contexts: [],
    });
  });

  test('of a fresh sign-in applies to a user who signed in longer ago', () => {
    const fresh = { maxAuthenticationAgeMs: 15 * minutes };
    expect(stepUp(fresh, { authnInstant: now.getTime() - 15 * minutes })).toBeUndefined();
    expect(stepUp(fresh, { authnInstant: now.getTime() - 15 * minutes - 1 })).toEqual({
      reason: 'authentication_age',
      contexts: [],
    });
  });

  test('of a fresh sign-in is never met when the time of the sign-in is unknown', () => {
    const guessed = { authnInstant: now.getTime(), isAuthnInstantGuessed: true } as const;
    expect(stepUp({}, guessed)).toBeUndefined();
    expect(stepUp({ maxAuthenticationAgeMs: 15 * minutes }, guessed)).toMatchObject({ reason: 'authentication_age' });
  });

  test('of both names the context first, and asks for it again when only freshness is missing', () => {
    const both = { authnContext: 'mfa', maxAuthenticationAgeMs: 15 * minutes };
    const old = now.getTime() - 60 * minutes;
    expect(stepUp(both, { authnInstant: old })).toEqual({ reason: 'authn_context', contexts });
    expect(stepUp(both, { authnInstant: old, authnContexts: [mfa] })).toEqual({
      reason: 'authentication_age',
      contexts,
    });
    expect(stepUp(both, { authnContexts: [mfa] })).toBeUndefined();
  });
});

test('resolving changes nothing that it was given', () => {
  const [identity, rules] = [Object.freeze(person()), policy(rule(dev))];
  const before = structuredClone(rules);
  resolveRoles(identity, rules, now);
  expect(rules).toEqual(before);
});

test('a rule takes the word of the identity providers that it names, and of no other', () => {
  const named = { ...rule({ kind: 'group', value: 'CORP\\AWS-Payments-Dev' }), identityProviders: ['adfs'] };
  const rolesOf = (idp: string) => resolveRoles(person({ idp }), policy(named), now);
  expect(rolesOf('adfs')).toHaveLength(1);
  expect(rolesOf('partner')).toEqual([]);
});

describe('the federation mode', () => {
  const modeOf = (grant: Partial<Rule['grant']>, changes: Partial<Policy> = {}) =>
    resolveRoles(person(), { ...policy(rule(dev, grant)), ...changes }, now)[0];
  const byAccount = policy().accounts.map((account) => ({ ...account, mode: 'assume-role' as const }));

  test('is the rule’s, else its account’s, else the configuration’s', () => {
    expect(modeOf({})).toMatchObject({ mode: 'mint' });
    expect(modeOf({}, { mode: 'assume-role' })).toMatchObject({ mode: 'assume-role' });
    expect(modeOf({}, { accounts: byAccount })).toMatchObject({ mode: 'assume-role' });
    expect(modeOf({ mode: 'federation-token' }, { accounts: byAccount })).toMatchObject({ mode: 'federation-token' });
  });

  test('of federation tokens names a federated user in place of a role', () => {
    const roleArn = 'arn:aws:sts::444455556666:federated-user/Developer';
    expect(modeOf({ mode: 'federation-token' })).toMatchObject({ roleArn, roleName: 'Developer' });
    expect(modeOf({ mode: 'federation-token', role: 'team/Developer' })).toBeUndefined();
    expect(modeOf({ mode: 'federation-token', role: 'x'.repeat(33) })).toBeUndefined();
  });

  test.each([
    ['the rule', {}, 7200, 'rule'],
    ['the role, where its maximum is configured', { roleMaxDurationSeconds: 3600 }, 3600, 'role'],
    ['the rule, where the role allows more', { roleMaxDurationSeconds: 43_200 }, 7200, 'rule'],
    ['role chaining', { mode: 'assume-role' }, 3600, 'chaining'],
    ['the rule, where it is as short as chaining', { mode: 'assume-role', maxDurationSeconds: 3600 }, 3600, 'rule'],
  ] as const)(
    'and %s decide the longest session',
    (_, grant: Partial<Rule['grant']>, maxDurationSeconds, durationLimitedBy) => {
      const role = modeOf({ maxDurationSeconds: 7200, ...grant });
      expect(role).toMatchObject({ maxDurationSeconds, durationLimitedBy });
      expect(role?.ruleDurationSeconds).toBe(grant.maxDurationSeconds ?? 7200);
    },
  );

  test('assume-role with keys of a user is not chained', () => {
    const direct = modeOf({ maxDurationSeconds: 7200, mode: 'assume-role' }, { chainsRoles: false });
    expect(direct).toMatchObject({ maxDurationSeconds: 7200, durationLimitedBy: 'rule' });
  });
});
