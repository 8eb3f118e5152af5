// Links and commands that name a role in the ways people do.
import { expect, test } from 'vitest';
import { formatRoleArn } from '../../src/access/arn.ts';
import { findRole } from '../../src/access/find-role.ts';
import type { Account, EligibleRole } from '../../src/access/model.ts';
import { plainSession } from './support.ts';

function eligible(id: string, alias: string, name: string, role: string): EligibleRole {
  const nothing = { environment: undefined, region: undefined, owner: undefined, labels: [], mode: undefined };
  const account: Account = { id, alias, name, ...nothing };
  return {
    roleArn: formatRoleArn({ partition: 'aws', accountId: id, role }),
    mode: 'mint',
    principalArn: '',
    account,
    roleName: role.slice(role.lastIndexOf('/') + 1),
    region: 'eu-west-1',
    maxDurationSeconds: 3600,
    durationLimitedBy: 'rule',
    ruleDurationSeconds: 3600,
    session: plainSession,
    rule: 'rule',
    description: undefined,
    sourceIdentity: true,
    stepUp: undefined,
  };
}

const developer = eligible('444455556666', 'payments-dev', 'Payments Development', 'Developer');
const operator = eligible('444455556666', 'payments-dev', 'Payments Development', 'team/Operator');
const reader = eligible('111122223333', 'payments-prod', 'Payments Production', 'ReadOnly');
const roles = [developer, operator, reader];

const one: { name: string; wish: string; role: EligibleRole }[] = [
  { name: 'an ARN', wish: developer.roleArn, role: developer },
  { name: 'account id and role', wish: '444455556666/Developer', role: developer },
  { name: 'alias and role with its path', wish: 'payments-dev/team/Operator', role: operator },
  { name: 'an account with one role', wish: 'payments-prod', role: reader },
  { name: 'a unique part of a name', wish: 'production', role: reader },
  { name: 'several words in any order and case', wish: 'operator PAYMENTS', role: operator },
];

for (const { name, wish, role } of one) {
  test(`${name} means one role`, () => expect(findRole(wish, roles)).toEqual({ kind: 'one', role }));
}

test('an account with several roles leaves the choice', () => {
  expect(findRole('payments-dev', roles)).toEqual({ kind: 'choice', roles: [developer, operator], isOther: false });
});

test('words that fit several leave the choice', () => {
  expect(findRole('payments', roles)).toMatchObject({ kind: 'choice', roles });
});

test("a role that the reader does not have leads to the reader's own in the same account", () => {
  const other = { kind: 'choice', roles: [reader], isOther: true };
  expect(findRole('payments-prod/Admin', roles)).toEqual(other);
  expect(findRole('arn:aws:iam::111122223333:role/Admin', roles)).toEqual(other);
});

test('a role name in the wrong case is another role, and never silently taken', () => {
  expect(findRole('payments-dev/developer', roles)).toMatchObject({ kind: 'choice', isOther: true });
});

for (const wish of ['', '  ', '/', 'unknown/Developer', 'arn:aws:iam::999999999999:role/Developer', 'zzz']) {
  test(`${JSON.stringify(wish)} means nothing`, () => expect(findRole(wish, roles)).toEqual({ kind: 'none' }));
}
