import { describe, expect, test } from 'vitest';
import { formatProviderArn, formatRoleArn, isRolePath, parseRoleArn, roleNameOf } from '../../src/access/arn.ts';
import { commandLineWord, readRoleArn } from '../../src/wire/role-arn.ts';

describe('a role ARN', () => {
  test.each([
    ['arn:aws:iam::111122223333:role/Developer', { partition: 'aws', accountId: '111122223333', role: 'Developer' }],
    [
      'arn:aws-cn:iam::012345678901:role/team/a+b=c,d.e@f-g_h',
      { partition: 'aws-cn', accountId: '012345678901', role: 'team/a+b=c,d.e@f-g_h' },
    ],
    [
      'arn:aws-us-gov:iam::111122223333:role/a/b/c/d/e/f/g/h/Role',
      { partition: 'aws-us-gov', accountId: '111122223333', role: 'a/b/c/d/e/f/g/h/Role' },
    ],
    [
      `arn:aws-eusc:iam::111122223333:role/${'x'.repeat(510)}/${'y'.repeat(64)}`,
      { partition: 'aws-eusc', accountId: '111122223333', role: `${'x'.repeat(510)}/${'y'.repeat(64)}` },
    ],
  ])('is taken apart and put together: %s', (arn, parts) => {
    expect(parseRoleArn(arn)).toEqual(parts);
    expect(formatRoleArn(parts)).toBe(arn);
  });

  test.each(['a/b/c/d/e/f/g/h/i/Role', 'te:am/Role', 'te~am/Role', 'te!am/Role', `${'x'.repeat(200)}/Role`])(
    'has a path as IAM takes it: %s',
    (role) => {
      const parts = { partition: 'aws', accountId: '111122223333', role };
      expect(parseRoleArn(formatRoleArn(parts))).toEqual(parts);
      expect(readRoleArn(formatRoleArn(parts))).toEqual({ accountId: '111122223333', name: role });
    },
  );

  test.each([
    '',
    'Developer',
    'arn:aws:iam::111122223333:role/',
    'arn:aws:iam::11112222333:role/Developer',
    'arn:aws:iam::111122223333:user/Developer',
    'arn:aws:iam:eu-west-1:111122223333:role/Developer',
    'arn:aws:sts::111122223333:assumed-role/Developer/alice',
    'arn:evil:iam::111122223333:role/Developer',
    'arn:aws:iam::111122223333:role/Dev eloper',
    'arn:aws:iam::111122223333:role/Entwickler-ä',
    'arn:aws:iam::111122223333:role//Developer',
    'arn:aws:iam::111122223333:role/Developer\n',
    ' arn:aws:iam::111122223333:role/Developer',
    `arn:aws:iam::111122223333:role/${'x'.repeat(65)}`,
    `arn:aws:iam::111122223333:role/${'x'.repeat(511)}/Developer`,
    'arn:aws:iam::111122223333:role/te am/Developer',
    'arn:aws:iam::111122223333:role/teäm/Developer',
    'arn:aws:iam::111122223333:role/te\u007fam/Developer',
    'arn:aws:iam::111122223333:role/team/De:veloper',
    'arn:aws:iam::111122223333:role/Developer,arn:aws:iam::111122223333:saml-provider/evil',
    'arn:aws:iam::111122223333:role/Developer,arn:aws:iam::111122223333:saml-provider/evil:x',
    'arn:aws:iam::١١١١٢٢٢٢٣٣٣٣:role/Developer',
  ])('is not: %j', (arn) => {
    expect(parseRoleArn(arn)).toBeUndefined();
  });
});

test.each([
  ['Developer', true],
  ['team/Developer', true],
  ['/Developer', false],
  ['Developer/', false],
  ['', false],
  ['a b', false],
])('whether %j is the path and name of a role: %s', (role, expected) => {
  expect(isRolePath(role)).toBe(expected);
});

test('the name of a role is without its path', () => {
  expect([roleNameOf('Developer'), roleNameOf('a/b/Developer')]).toEqual(['Developer', 'Developer']);
});

test('a SAML provider has an ARN in each account', () => {
  expect(formatProviderArn('aws-cn', '111122223333', 'rolegate')).toBe(
    'arn:aws-cn:iam::111122223333:saml-provider/rolegate',
  );
});

test.each([
  ['role/Developer', 'role/Developer'],
  ['role/te:am~a/X', 'role/te:am~a/X'],
  ['role/te!am/X', '"role/te!am/X"'],
  ["role/o'r;rm&|<>#(a)/X", `"role/o'r;rm&|<>#(a)/X"`],
  ['role/a$(b)/X', undefined],
  ['role/a`b`/X', undefined],
  ['role/a"b/X', undefined],
  ['role/a%b%/X', undefined],
  ['role/a\\b/X', undefined],
])('%s as a word of a command line is %s', (path, word) => {
  const arn = `arn:aws:iam::111122223333:${path}`;
  expect(commandLineWord(arn)).toBe(word?.replace('role/', 'arn:aws:iam::111122223333:role/'));
});
