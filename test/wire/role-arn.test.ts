import { expect, test } from 'vitest';
import { readRoleArn } from '../../src/wire/role-arn.ts';

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
