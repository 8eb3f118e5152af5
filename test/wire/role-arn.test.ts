import { expect, test } from 'vitest';
import { readRoleArn, roleReference } from '../../src/wire/role-arn.ts';

test.each([
  ['arn:aws:iam::111122223333:role/Developer', 'Developer'],
  ['arn:aws-cn:iam::111122223333:role/team/Developer', 'team/Developer'],
  ['arn:aws:sts::111122223333:federated-user/Reader', 'Reader'],
])('%s is one that the API names', (roleArn, name) => {
  expect(readRoleArn(roleArn)).toEqual({ accountId: '111122223333', name });
});

test.each([
  'arn:aws:iam::111122223333:user/alice',
  'arn:aws:sts::111122223333:assumed-role/Developer/alice',
  'arn:aws:sts::111122223333:role/Developer',
  'arn:aws:iam::1:role/Developer',
  'arn:aws:iam::111122223333:role/',
  'arn:aws:iam::111122223333:role/a b',
  'arn:aws:iam::111122223333:role/a\n',
  '',
])('%j is none', (roleArn) => expect(readRoleArn(roleArn)).toBeUndefined());

test.each([
  ['arn:aws:iam::111122223333:role/Developer', undefined, '111122223333/Developer'],
  ['arn:aws:iam::111122223333:role/team/Developer', 'payments-dev', 'payments-dev/team/Developer'],
  ['arn:aws-cn:sts::111122223333:federated-user/alice', undefined, '111122223333/alice'],
  ['not an ARN', 'payments-dev', 'not an ARN'],
])('%s in the account %s is called %s', (arn, account, expected) => {
  expect(roleReference(arn, account)).toBe(expected);
});
