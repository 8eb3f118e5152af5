import { describe, expect, test } from 'vitest';
import { concerns, explainRules } from '../../src/access/explain.ts';
import type { Condition, Identity, Rule } from '../../src/access/model.ts';
import { all, any, claim, convention, group, not, now, person, policy, rule } from './support.ts';

const dev = group('CORP\\AWS-Payments-Dev');
const because = (when: Condition, identity: Identity = person(), grant: Partial<Rule['grant']> = {}) =>
  explainRules(identity, policy(rule(when, grant)), now)[0]?.because;

describe('explainRules', () => {
  test('says for each rule, in its order, what it gave', () => {
    const rules = policy(rule(group('CORP\\Nobody'), {}, 'none'), rule(dev, {}, 'some'), rule(dev, {}, 'again'));
    expect(explainRules(person(), rules, now)).toMatchObject([
      { rule: 'none', roles: [], because: { kind: 'group', groups: ['CORP\\Nobody'] } },
      { rule: 'some', roles: [{ roleArn: 'arn:aws:iam::444455556666:role/Developer' }], because: undefined },
      { rule: 'again', roles: [{ roleArn: 'arn:aws:iam::444455556666:role/Developer' }], because: undefined },
    ]);
  });

  test.each([
    ['other letters', 'corp\\aws-payments-dev'],
    ['no domain', 'AWS-Payments-Dev'],
    ['another domain', 'EMEA\\AWS-Payments-Dev'],
  ])('names a group that comes close: %s', (_, has) => {
    expect(because(dev, person({ groups: ['CORP\\Domain Users', has] }))).toEqual({
      kind: 'near_miss',
      misses: [{ wanted: 'CORP\\AWS-Payments-Dev', has }],
    });
  });

  test('a group that is only alike is not close', () => {
    expect(because(dev, person({ groups: ['CORP\\AWS-Payments-Dev2'] }))).toEqual({
      kind: 'group',
      groups: ['CORP\\AWS-Payments-Dev'],
    });
  });

  test('names every group of which one would do', () => {
    expect(because(any(group('one'), all(group('two'), not(group('three')))))).toEqual({
      kind: 'group',
      groups: ['one', 'two'],
    });
  });

  test('a group that is there has no other that comes close', () => {
    const both = person({ groups: ['CORP\\AWS-Payments-Dev', 'AWS-Payments-Dev'] });
    expect(because(all(dev, group('CORP\\Other')), both)).toMatchObject({ kind: 'more', groups: ['CORP\\Other'] });
  });

  test('tells a group that is present from other missing conditions, and names those unless excluded', () => {
    const has = 'CORP\\AWS-Payments-Dev';
    expect(because(all(dev, claim('urn:dept', 'Payments'), group('CORP\\More')))).toEqual({
      kind: 'more',
      has,
      groups: ['CORP\\More'],
      claims: [{ name: 'urn:dept', value: 'Payments' }],
    });
    expect(because(all(dev, not(group('CORP\\Domain Users'))))).toEqual({ kind: 'more', has, groups: [], claims: [] });
  });

  test('speaks of a pattern where the rule has one', () => {
    const grant = { accounts: ['{account}'], role: '{role}' };
    const why = { kind: 'pattern' };
    expect(because(convention, person(), grant)).toEqual(why);
    expect(because(convention, person({ groups: ['AWS-999999999999-Developer'] }), grant)).toEqual(why);
  });

  test('speaks of the claim where the rule needs one, not of a pattern', () => {
    expect(because(claim('urn:dept', 'Payments'))).toEqual({
      kind: 'claim',
      claims: [{ name: 'urn:dept', value: 'Payments' }],
    });
  });

  test('speaks of the identity provider where the rule takes another one’s word', () => {
    const elsewhere = { ...rule(dev), identityProviders: ['partners'] };
    expect(explainRules(person(), policy(elsewhere), now)[0]?.because).toEqual({ kind: 'identity_provider' });
  });

  test('speaks of what must not be where the rule has nothing else', () => {
    expect(because(not(dev))).toEqual({ kind: 'excluded' });
  });
});

describe('concerns', () => {
  const nobody = group('CORP\\Nobody');
  const open = { accounts: ['{account}'], role: '{role}' };
  const explained = (rule: Rule, identity = person()) => explainRules(identity, policy(rule), now)[0]!;
  const rows: [name: string, rule: Rule, wish: { role?: string; account?: string }, fits: boolean][] = [
    ['nothing asked', rule(nobody), {}, true],
    ['part of the role', rule(nobody), { role: 'develop' }, true],
    ['another role', rule(nobody), { role: 'Admin' }, false],
    ['the account by alias', rule(nobody), { account: 'payments' }, true],
    ['the account by id', rule(nobody), { account: '444455556666' }, true],
    ['another account', rule(nobody), { account: '999999999999' }, false],
    ['a rule whose group says which', rule(convention, open), { role: 'Anything', account: 'x' }, true],
    ['a role that it gave', rule(dev), { role: ' Developer ' }, true],
    ['a role that it did not give', rule(dev), { role: 'Admin' }, false],
  ];
  test.each(rows)('%s', (_, given, { role = '', account = '' }, fits) => {
    expect(concerns(explained(given), { role, account })).toBe(fits);
  });
});
