import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explain } from '../../src/admin/explain.ts';
import type { Config } from '../../src/config/config.ts';
import { createWorkplace, goodProduction, load, now, type Workplace } from '../config/support/workplace.ts';

let workplace: Workplace;
let config: Config;
beforeAll(async () => {
  workplace = await createWorkplace();
  config = await load(workplace, {
    ...goodProduction(),
    identityProviders: [
      ...(goodProduction()['identityProviders'] as object[]),
      {
        id: 'partners',
        label: 'Partners',
        metadata: { url: 'https://partners.example/metadata' },
        attributes: { user: { nameId: true } },
      },
    ],
    rules: [
      {
        name: 'engineers',
        when: { group: 'CORP\\Engineers' },
        grant: { accounts: ['payments-dev', 'payments-prod'], role: 'Developer', maxDuration: '2h' },
      },
      {
        name: 'administrators',
        when: { group: 'CORP\\Admins' },
        grant: { accounts: ['payments-prod'], role: 'Admin', require: { authnContext: 'mfa' } },
      },
    ],
  });
});
afterAll(() => workplace.remove());

const lines = (user: string, groups: string[], idp?: string) => explain(config, { user, groups, idp }, now).split('\n');

describe('explain', () => {
  test('says which roles a user would have, for how long, and after which sign-in', () => {
    expect(lines('alice@corp.example', ['CORP\\Engineers', 'CORP\\Admins'])).toEqual([
      'session name at AWS: alice@corp.example',
      'yes  engineers: arn:aws:iam::111122223333:role/Developer for at most 7200 s',
      'yes  engineers: arn:aws:iam::012345678901:role/Developer for at most 7200 s',
      'yes  administrators: arn:aws:iam::111122223333:role/Admin for at most 3600 s, after a stronger sign-in',
    ]);
  });

  test('says why not, and names a group that comes close', () => {
    expect(lines('bob', ['corp\\engineers'])).toEqual([
      'session name at AWS: bob',
      'no   engineers: requires the group "CORP\\Engineers"; the user is in "corp\\engineers", which is not the same',
      'no   administrators: needs the group "CORP\\Admins"',
    ]);
  });

  test('takes the identity provider into account, whose people are marked when it is not the first', () => {
    expect(lines('alice', [], 'adfs')[0]).toBe('session name at AWS: alice');
    expect(lines('alice', [], 'partners')[0]).toMatch(/^session name at AWS: alice-[0-9a-f]{16}$/);
  });

  test('refuses an identity provider that is not configured', () => {
    expect(() => lines('alice', [], 'nobody')).toThrow('nobody: 1 problem\n  is not the id of an identity provider');
  });
});
