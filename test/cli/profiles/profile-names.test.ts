// Names of profiles: readable, safe for every SDK, and one for one role whatever the order.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nameProfiles } from '../../../src/cli/profiles/profile-names.ts';
import type { RoleEntry } from '../../../src/wire/api.ts';
import { roleEntry } from '../support/roles-broker.ts';

const nameOf = (role: RoleEntry, template: string) =>
  nameProfiles([role], template, 'aws.example.com').get(role.roleArn);

test.each<[string, RoleEntry, string]>([
  ['{alias}-{role}', roleEntry('payments-dev/Developer'), 'payments-dev-Developer'],
  ['{accountId}.{role}', roleEntry('payments-dev/Developer'), '444455556666.Developer'],
  ['corp@{environment}/{role}', roleEntry('payments-dev/Developer'), 'corp@development-Developer'],
  ['{environment}-{role}', roleEntry('sandbox/Builder', { environment: null }), 'Builder'],
  ['{name}', roleEntry('sandbox/Builder', { accountName: 'Sand Box [1] "x" # y' }), 'Sand-Box-1-x-y'],
  ['{name} {role}', roleEntry('sandbox/Builder', { accountName: '결제 개발' }), 'Builder'],
  ['{role}', roleEntry('sandbox/team/Builder+=,.@_x'), 'Builder+-.@_x'],
])('%s', (template, role, expected) => {
  expect(nameOf(role, template)).toBe(expected);
});

test('a template that leaves nothing is refused', () => {
  const role = roleEntry('sandbox/Builder', { accountName: '결제' });
  expect(() => nameOf(role, '{name}')).toThrow(expect.objectContaining({ exit: 'usage' }));
});

describe('roles that would have one name', () => {
  test('get the id of their account behind it, all of them', () => {
    const roles = [roleEntry('payments-dev/Developer'), roleEntry('sandbox/Developer'), roleEntry('sandbox/Builder')];
    expect([...nameProfiles(roles, '{role}', 'aws.example.com').values()]).toEqual([
      'Developer-444455556666',
      'Developer-777788889999',
      'Builder',
    ]);
  });

  test('of one account get a piece of their ARN’s hash', () => {
    const names = [
      ...nameProfiles(
        [roleEntry('sandbox/a/Builder'), roleEntry('sandbox/b/Builder')],
        '{role}',
        'aws.example.com',
      ).values(),
    ];
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^Builder-777788889999-[0-9a-f]{8}$/);
  });

  test('get the same names in any order, each its own', () => {
    const role = fc
      .tuple(
        fc.constantFrom('a', 'b', 'a b', 'a-b'),
        fc.constantFrom('111111111111', '222222222222'),
        fc.constantFrom('', 'x/', 'y/'),
        fc.constantFrom('R', 'R-111111111111', 'S', 'S='),
      )
      .map(([alias, accountId, path, name]) => roleEntry(`${alias}/${path}${name}`, { accountId }));
    const roles = fc.uniqueArray(role, { selector: ({ roleArn }) => roleArn, maxLength: 12 });
    fc.assert(
      fc.property(roles, fc.constantFrom('{alias}-{role}', '{role}', '{accountId}'), (some, template) => {
        const names = nameProfiles(some, template, 'aws.example.com');
        expect(new Set(names.values()).size).toBe(some.length);
        for (const name of names.values()) expect(name).toMatch(/^[\w.@+-]{1,160}$/);
        const turned = nameProfiles([...some].reverse(), template, 'aws.example.com');
        expect(new Map([...turned].sort())).toEqual(new Map([...names].sort()));
      }),
    );
  });
});
