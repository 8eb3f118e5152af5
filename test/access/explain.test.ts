import { describe, expect, test } from 'vitest';
import { explainRules } from '../../src/access/explain.ts';
import type { Condition, Identity, Rule } from '../../src/access/model.ts';
import { all, any, claim, convention, group, not, now, person, policy, rule } from './support.ts';

const dev = group('CORP\\AWS-Payments-Dev');
const because = (when: Condition, identity: Identity = person(), grant: Partial<Rule['grant']> = {}) =>
  explainRules(identity, policy(rule(when, grant)), now)[0]?.because;

describe('explainRules', () => {
  test('says for each rule, in its order, what it gave', () => {
    const rules = policy(rule(group('CORP\\Nobody'), {}, 'none'), rule(dev, {}, 'some'), rule(dev, {}, 'again'));
    expect(explainRules(person(), rules, now)).toMatchObject([
      { rule: 'none', roles: [], because: 'needs the group "CORP\\Nobody"' },
      { rule: 'some', roles: [{ roleArn: 'arn:aws:iam::444455556666:role/Developer' }], because: undefined },
      { rule: 'again', roles: [{ roleArn: 'arn:aws:iam::444455556666:role/Developer' }], because: undefined },
    ]);
  });

  test.each([
    ['other letters', 'corp\\aws-payments-dev'],
    ['no domain', 'AWS-Payments-Dev'],
    ['another domain', 'EMEA\\AWS-Payments-Dev'],
  ])('names a group that comes close: %s', (_, has) => {
    expect(because(dev, person({ groups: ['CORP\\Domain Users', has] }))).toBe(
      `needs the group "CORP\\AWS-Payments-Dev"; the person has "${has}", which is not the same`,
    );
  });

  test('a group that is only alike is not close', () => {
    expect(because(dev, person({ groups: ['CORP\\AWS-Payments-Dev2'] }))).toBe(
      'needs the group "CORP\\AWS-Payments-Dev"',
    );
  });

  test('names every group of which one would do', () => {
    expect(because(any(group('one'), all(group('two'), not(group('three')))))).toBe('needs the group "one" or "two"');
  });

  test('tells a group that is there from another condition that is not met', () => {
    expect(because(all(dev, claim('urn:dept', 'Payments')))).toBe(
      'the group is there, but another condition of the rule is not met or no listed account fits',
    );
    expect(because(all(dev, not(group('CORP\\Domain Users'))))).toContain('another condition');
  });

  test('speaks of a pattern where the rule has one', () => {
    const grant = { accounts: ['{account}'], role: '{role}' };
    const why = 'no group fits its pattern together with a listed account';
    expect(because(convention, person(), grant)).toBe(why);
    expect(because(convention, person({ groups: ['AWS-999999999999-Developer'] }), grant)).toBe(why);
  });

  test('speaks of the claim where the rule needs one, not of a pattern', () => {
    expect(because(claim('urn:dept', 'Payments'))).toBe('needs the claim urn:dept with the value "Payments"');
  });

  test('speaks of what must not be where the rule has nothing else', () => {
    expect(because(not(dev))).toBe('something is there that the rule excludes');
  });
});
