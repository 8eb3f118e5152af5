// Members of an organization as entries of `accounts`: aliases, collisions, filters.
import { expect, test } from 'vitest';
import { deriveAccounts } from '../../../src/config/accounts/derive-accounts.ts';

const member = (digit: number, name: string) => ({ id: String(digit).repeat(12), name });
const aliases = (names: readonly string[], own: readonly unknown[] = []) =>
  deriveAccounts(
    names.map((name, index) => member(index + 1, name)),
    { exclude: [] },
    own,
  ).map(({ alias }) => alias);

test.each([
  ['Payments Prod', 'payments-prod'],
  ['  Données (test) ', 'donnees-test'],
  ['a--b__c', 'a-b-c'],
  ['결제', 'account-111111111111'],
  ['222233334444', 'account-111111111111'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a reference in the file looks like
  ['${SESSION_SECRET}', 'session-secret'],
  ['x'.repeat(80), 'x'.repeat(63)],
])('an account called %s has the alias %s', (name, expected) => {
  expect(aliases([name])).toEqual([expected]);
});

test('accounts with one name get their ids into their aliases, all of them', () => {
  expect(aliases(['Payments', 'payments', 'Data'])).toEqual(['payments-111111111111', 'payments-222222222222', 'data']);
});

test('an account in force keeps its alias when it or another one is renamed; the newcomer gets its id', () => {
  const entries = deriveAccounts(
    [
      { ...member(1, 'Payments'), alias: 'payments' },
      member(2, 'Payments'),
      { ...member(3, 'Billing'), alias: 'data' },
      member(4, 'Data'),
      { ...member(5, 'Shared'), alias: 'shared-555555555555' },
    ],
    { exclude: [] },
    [],
  );
  expect(entries.map(({ alias, name }) => [alias, name])).toEqual([
    ['payments', 'Payments'],
    ['payments-222222222222', 'Payments'],
    ['data', 'Billing'],
    ['data-444444444444', 'Data'],
    ['shared-555555555555', 'Shared'],
  ]);
});

test('an alias that the file gives to another account is taken from the one in force', () => {
  const own = [{ id: '999999999999', alias: 'payments' }];
  const [entry] = deriveAccounts([{ ...member(1, 'Payments'), alias: 'payments' }], { exclude: [] }, own);
  expect(entry?.alias).toBe('payments-111111111111');
});

test('a name that looks like the alias of another account with its id does not get that alias', () => {
  expect(aliases(['Data', 'Data', 'Data 222222222222'])).toEqual([
    'data-111111111111',
    'data-222222222222',
    'data-222222222222-333333333333',
  ]);
});

test('an entry of the file wins by its id, and keeps its alias', () => {
  const own = [
    { id: '222222222222', alias: 'mine' },
    { id: '999999999999', alias: 'payments' },
  ];
  expect(deriveAccounts([member(1, 'Payments'), member(2, 'Other')], { exclude: [] }, own)).toEqual([
    { id: '111111111111', alias: 'payments-111111111111', name: 'Payments' },
  ]);
});

test('filters take names, with a star for any part and without regard to case, and ids', () => {
  const members = [member(1, 'Payments Prod'), member(2, 'Payments (old)'), member(3, 'Sandbox.1'), member(4, 'Data')];
  const chosen = (include: string[] | undefined, exclude: string[]) =>
    deriveAccounts(members, { include, exclude }, []).map(({ id }) => id[0]);
  expect(chosen(undefined, [])).toEqual(['1', '2', '3', '4']);
  expect(chosen(['payments*'], ['*(old)'])).toEqual(['1']);
  expect(chosen(['444444444444', 'Sandbox.1'], [])).toEqual(['3', '4']);
  expect(chosen(['Sandbox?1', 'P'], [])).toEqual([]);
});
