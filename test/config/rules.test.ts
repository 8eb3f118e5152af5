import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPatternMatcher } from '../../src/access/group-patterns.ts';
import { resolveRoles } from '../../src/access/resolve.ts';
import { change, createWorkplace, goodProduction, load, now, problemsOf, type Workplace } from './support/workplace.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
});
afterAll(() => workplace.remove());

const withRule = (when: unknown, grant: object = {}) =>
  change(goodProduction(), 'rules', [
    { name: 'rule', when, grant: { accounts: ['payments-dev'], role: 'Developer', ...grant } },
  ]);

/** The rule's condition, compiled. */
async function conditionOf(when: unknown) {
  const { policy } = await load(workplace, withRule(when));
  return policy.rules[0]!.when;
}

/** Whether a group fits the one pattern of a rule. */
async function testOf(groupPattern: string): Promise<(group: string) => boolean> {
  const condition = await conditionOf({ groupPattern });
  if (condition.kind !== 'groupPattern') throw new Error('a pattern was asked for');
  const match = createPatternMatcher([condition.pattern]);
  return (group) => match([group]).size === 1;
}

describe('a groupPattern', () => {
  test.each([
    ['AWS-Dev', ['AWS-Dev'], ['xAWS-Dev', 'AWS-Devx', 'AWS-Dev\n', '\nAWS-Dev', 'aws-dev', 'AWS-Dev AWS-Dev']],
    ['A|B', ['A', 'B'], ['AB', 'xB', 'Ax', 'A\nB']],
    ['(?:CORP\\\\)?AWS', ['AWS', 'CORP\\AWS'], ['OTHER\\AWS', 'CORP\\AWS-Admins']],
    ['^AWS$', ['AWS'], ['AWS2', 'xAWS']],
    ['.*', ['', 'anything'], ['two\nlines']],
    ['Größe-\\p{L}', ['Größe-ß'], ['Grösse-ß', 'Größe-1']],
  ])('is anchored at both ends: %s', async (groupPattern, matching, others) => {
    const fits = await testOf(groupPattern);
    for (const group of matching) expect(fits(group), group).toBe(true);
    for (const group of others) expect(fits(group), group).toBe(false);
  });

  test('never remembers where it stopped', async () => {
    const fits = await testOf('AWS');
    expect([fits('AWS'), fits('AWS'), fits('x'), fits('AWS')]).toEqual([true, true, false, true]);
  });

  test.each([['(?=A)A'], ['(?!B)A'], ['(?<=A)B'], ['(A)\\1'], ['(?<x>A)\\k<x>'], ['A{2000}']])(
    'that no linear engine can run is refused: %s',
    async (groupPattern) => {
      const problems = await problemsOf(workplace, withRule({ groupPattern }));
      expect(problems).toEqual([expect.stringMatching(/^rules\[0\]\.when\.groupPattern: is not supported: .*/)]);
    },
  );

  test.each([['('], ['[a-'], ['(?<account>'], ['*'], ['\\'], ['\\q']])(
    'that is not a regular expression is refused with its path: %s',
    async (groupPattern) => {
      const problems = await problemsOf(workplace, withRule({ groupPattern }));
      expect(problems).toEqual([expect.stringMatching(/^rules\[0\]\.when\.groupPattern: Invalid regular expression/)]);
    },
  );

  test('cannot escape its anchors by closing the group around it', async () => {
    const problems = await problemsOf(workplace, withRule({ groupPattern: 'AWS-A)|(?:AWS-B' }));
    expect(problems).toEqual([expect.stringMatching(/^rules\[0\]\.when\.groupPattern: Invalid regular expression/)]);
  });

  test('is named by its place among other conditions', async () => {
    const problems = await problemsOf(
      workplace,
      withRule({ any: [{ group: 'a' }, { all: [{ groupPattern: '(' }] }, { not: { groupPattern: ')' } }] }),
    );
    expect(problems.map((problem) => problem.split(': ')[0])).toEqual([
      'rules[0].when.any[1].all[0].groupPattern',
      'rules[0].when.any[2].not.groupPattern',
    ]);
  });
});

describe('names that a pattern captures', () => {
  const pattern = 'AWS-(?<account>\\d{12})-(?<role>[\\w+=,.@-]{1,64})';

  test('fill accounts and role', async () => {
    const config = await load(
      workplace,
      withRule({ groupPattern: pattern }, { accounts: ['{account}'], role: '{role}' }),
    );
    const identity = {
      ...{ idp: 'adfs', user: 'alice', userSource: 'upn', displayName: 'Alice', claims: {}, authnContexts: [] },
      groups: ['AWS-012345678901-Developer', 'AWS-999999999999-Developer'],
      authnInstant: now.getTime(),
    };
    expect(resolveRoles(identity, config.policy, now).map((role) => role.roleArn)).toEqual([
      'arn:aws:iam::012345678901:role/Developer',
    ]);
  });

  test.each([
    ['in the role', { role: '{rolle}' }, 'rules[0].grant.role: no groupPattern of this rule captures {rolle}'],
    [
      'in an account',
      { accounts: ['{acount}'] },
      'rules[0].grant.accounts[0]: no groupPattern of this rule captures {acount}',
    ],
    [
      'in the middle of a text',
      { role: 'Team-{team}' },
      'rules[0].grant.role: no groupPattern of this rule captures {team}',
    ],
  ])('must be captured where they are used: %s', async (_, grant, expected) => {
    expect(await problemsOf(workplace, withRule({ groupPattern: pattern }, grant))).toEqual([expected]);
  });

  test.each([
    ['{role', 'rules[0].grant.role'],
    ['role}', 'rules[0].grant.role'],
    ['{the role}', 'rules[0].grant.role'],
    ['{}', 'rules[0].grant.role'],
  ])('stand between two braces, or it is a mistake: %s', async (role, path) => {
    const problems = await problemsOf(workplace, withRule({ groupPattern: pattern }, { role }));
    expect(problems).toEqual([expect.stringContaining(`${path}: `)]);
  });

  test('do not come from a pattern that must not match', async () => {
    const problems = await problemsOf(
      workplace,
      withRule({ all: [{ group: 'a' }, { not: { groupPattern: pattern } }] }, { role: '{role}' }),
    );
    expect(problems).toEqual(['rules[0].grant.role: no groupPattern of this rule captures {role}']);
  });

  test('come from one pattern of a rule only', async () => {
    const both = [{ groupPattern: pattern }, { groupPattern: 'Team-(?<team>\\w+)' }];
    const problems = await problemsOf(workplace, withRule({ all: both }, { role: '{role}' }));
    expect(problems).toEqual(['rules[0].when: only one groupPattern of a rule may capture names']);
    const plain = [{ groupPattern: pattern }, { groupPattern: 'Team-\\w+' }];
    expect(await problemsOf(workplace, withRule({ all: plain }, { role: '{role}' }))).toEqual([]);
  });
});

describe('a grant', () => {
  test.each([
    ['id', '999999999999'],
    ['alias', 'payments-test'],
    ['name, where id or alias is meant', 'Payments Development'],
    ['alias in other letters', 'Payments-Dev'],
  ])('for an account that is not listed is refused, by %s', async (_, account) => {
    const problems = await problemsOf(workplace, withRule({ group: 'a' }, { accounts: ['payments-prod', account] }));
    expect(problems).toEqual([`rules[0].grant.accounts[1]: no account has the id or alias ${account}`]);
  });

  test.each(['Developer', 'team/Developer', 'a+b=c,d.e@f-g_h', 'x'.repeat(64)])(
    'takes the name of a role: %s',
    async (role) => {
      expect(await problemsOf(workplace, withRule({ group: 'a' }, { role }))).toEqual([]);
    },
  );

  test.each([
    '/Developer',
    'Developer/',
    'my role',
    'Entwickler-ä',
    'x'.repeat(65),
    'arn:aws:iam::111122223333:role/x',
  ])('refuses what IAM would not call a role: %s', async (role) => {
    const problems = await problemsOf(workplace, withRule({ group: 'a' }, { role }));
    expect(problems).toEqual([`rules[0].grant.role: ${role} is not the name of an IAM role`]);
  });

  test('asks for a context that every identity provider knows', async () => {
    const raw = withRule({ group: 'a' }, { require: { authnContext: 'smartcard' } });
    expect(await problemsOf(workplace, raw)).toEqual([
      'rules[0].grant.require.authnContext: identity provider adfs has no authnContexts.smartcard',
    ]);
    const contexts = { smartcard: ['urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI'] };
    expect(await problemsOf(workplace, change(raw, 'identityProviders[0].authnContexts', contexts))).toEqual([]);
  });

  test.each(['toString', 'constructor', '__proto__'])(
    'asks for no context that only JavaScript knows: %s',
    async (name) => {
      const raw = withRule({ group: 'a' }, { require: { authnContext: name } });
      expect(await problemsOf(workplace, raw)).toEqual([
        `rules[0].grant.require.authnContext: identity provider adfs has no authnContexts.${name}`,
      ]);
    },
  );

  test.each(['10.0.0.0/33', '0.0.0.0/0', '10.1', 'office', '10.0.0.1:443'])('refuses a network: %s', async (text) => {
    const problems = await problemsOf(workplace, withRule({ group: 'a' }, { require: { network: [text] } }));
    expect(problems).toEqual([
      expect.stringMatching(/^rules\[0\]\.grant\.require\.network\[0\]: is not an IP address/),
    ]);
  });

  test('knows multi-factor sign-in of AD FS and REFEDS by itself, and can be told otherwise', async () => {
    const raw = withRule({ group: 'a' }, { require: { authnContext: 'mfa' } });
    expect((await load(workplace, raw)).policy.authnContexts['adfs']?.['mfa']).toEqual([
      'http://schemas.microsoft.com/claims/multipleauthn',
      'https://refeds.org/profile/mfa',
    ]);
    const own = change(raw, 'identityProviders[0].authnContexts', { mfa: ['urn:own:mfa'] });
    expect((await load(workplace, own)).policy.authnContexts['adfs']?.['mfa']).toEqual(['urn:own:mfa']);
  });
});

test('two rules may not share a name: the audit record would not say which one gave the role', async () => {
  const rule = { name: 'rule', when: { group: 'a' }, grant: { accounts: ['payments-dev'], role: 'Developer' } };
  expect(await problemsOf(workplace, change(goodProduction(), 'rules', [rule, rule]))).toEqual([
    'rules[1].name: rule is used twice',
  ]);
});

test('a session keeps the claims that some rule reads, and no others', async () => {
  const claim = (name: string) => ({ claim: name, value: 'x' });
  const when = { any: [claim('urn:a'), { all: [claim('urn:b'), { not: claim('urn:c') }] }, claim('urn:a')] };
  expect((await load(workplace, withRule(when))).claimNames).toEqual(['urn:a', 'urn:b', 'urn:c']);
  expect((await load(workplace, goodProduction())).claimNames).toEqual([]);
});

describe('a deny-only SID', () => {
  const ws2008 = 'http://schemas.microsoft.com/ws/2008/06/identity/claims';
  const value = 'S-1-5-21-1-2-3-512';

  test.each([['denyonlysid'], ['denyonlyprimarysid'], ['denyonlyprimarygroupsid'], ['DenyOnlySid']])(
    'never grants: a rule on %s is refused, at any depth',
    async (name) => {
      const claim = { claim: `${ws2008}/${name}`, value };
      expect(await problemsOf(workplace, withRule(claim))).toEqual([
        'rules[0].when.claim: deny-only SIDs never grant anything',
      ]);
      const problems = await problemsOf(workplace, withRule({ all: [{ group: 'a' }, { not: { any: [claim] } }] }));
      expect(problems).toEqual(['rules[0].when.all[1].not.any[0].claim: deny-only SIDs never grant anything']);
    },
  );

  test('is not a group: as the source of groups its claim is refused', async () => {
    const groups = (name: string) =>
      change(goodProduction(), 'identityProviders.0.attributes.groups', `${ws2008}/${name}`);
    expect(await problemsOf(workplace, groups('denyonlysid'))).toEqual([
      'identityProviders[0].attributes.groups: deny-only SIDs never grant anything',
    ]);
    await expect(load(workplace, groups('groupsid'))).resolves.toBeDefined();
  });

  test('has a twin that grants: groupsid', async () => {
    const claim = { claim: `${ws2008}/groupsid`, value };
    expect(await conditionOf(claim)).toEqual({ kind: 'claim', name: claim.claim, value });
  });
});

test('a rule names identity providers that there are', async () => {
  const rules = [{ name: 'r', when: { group: 'a' }, grant: { accounts: ['payments-prod'], role: 'Developer' } }];
  const naming = (id: string) => ({
    ...goodProduction(),
    rules: rules.map((raw) => ({ ...raw, identityProviders: [id] })),
  });
  const problem = 'rules[0].identityProviders: no identity provider has the id partner';
  expect(await problemsOf(workplace, naming('partner'))).toEqual([problem]);
  expect(await problemsOf(workplace, naming('adfs'))).toEqual([]);
});
