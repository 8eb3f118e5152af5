// What search finds, and what it finds first. The same module runs in the browser.
import { describe, expect, test } from 'vitest';

interface Found {
  readonly total: number;
  readonly best: readonly string[][];
}
type CreateIndex = (entries: readonly string[][], fieldsOf: (entry: string[]) => string[]) => unknown;
type Search = (index: unknown, query: string, limit: number) => Found;

const module: string = new URL('../../../src/role-search/search.js', import.meta.url).href;
type RangesIn = (text: string, query: string) => [start: number, end: number][];
const { createIndex, search, rangesIn } = (await import(module)) as {
  createIndex: CreateIndex;
  search: Search;
  rangesIn: RangesIn;
};

// Account, role, alias, id, environment, label: the order of the page.
const roles = [
  ['Payments Development', 'Developer', 'payments-dev', '444455556666', 'development', 'payments'],
  ['Payments Production', 'Admin', 'payments-prod', '111122223333', 'production', 'pci'],
  ['Payments Production', 'ReadOnly', 'payments-prod', '111122223333', 'production', 'pci'],
  ['Platform Production', 'Operator', 'platform-prod', '222233334444', 'production', 'platform'],
  ['Reproduction Lab', 'Admin', 'lab', '555566667777', '', ''],
  ['결제 운영', 'Admin', 'pay-kr', '888899990000', 'production', ''],
];
const index = createIndex(roles, (entry) => entry);
const find = (query: string, limit = 10) =>
  search(index, query, limit).best.map(([account, role]) => `${account}/${role}`);

describe('search', () => {
  test.each([
    ['a name', 'lab', 'Reproduction Lab/Admin'],
    ['an alias', 'platform-prod', 'Platform Production/Operator'],
    ['an id', '222233334444', 'Platform Production/Operator'],
    ['a part of an id', '2222', 'Platform Production/Operator'],
    ['a role', 'readonly', 'Payments Production/ReadOnly'],
    ['a label', 'pci', 'Payments Production/Admin'],
    ['several words in any order', 'admin payments', 'Payments Production/Admin'],
    ['letters in their order', 'pprod adm', 'Payments Production/Admin'],
    ['first letters', 'dvlp', 'Payments Development/Developer'],
    ['capital letters', 'OPERATOR', 'Platform Production/Operator'],
    ['Korean', '결제', '결제 운영/Admin'],
    ['Korean, decomposed', '결제'.normalize('NFD'), '결제 운영/Admin'],
  ])('finds by %s', (_, query, expected) => {
    expect(find(query)).toContain(expected);
  });

  test.each(['xyz', '9876', 'payments nobody', 'zz top'])('finds nothing for %s', (query) => {
    expect(search(index, query, 10)).toEqual({ total: 0, best: [] });
  });

  test('puts starts of names before starts of words, and those before the inside of words', () => {
    expect(find('prod').at(-1)).toBe('Reproduction Lab/Admin');
    expect(find('re')[0]).toBe('Reproduction Lab/Admin');
    expect(find('read')[0]).toBe('Payments Production/ReadOnly');
  });

  test('keeps the order of the page where several fit equally well, and counts what it does not return', () => {
    expect(find('payments production')).toEqual(['Payments Production/Admin', 'Payments Production/ReadOnly']);
    expect(search(index, 'payments', 1)).toMatchObject({ total: 3, best: [roles[0]] });
  });

  test('takes no longer for hostile words than for plain ones', () => {
    const long = createIndex([[`${'a-'.repeat(2000)}`]], (entry) => entry);
    expect(search(long, `${'a'.repeat(300)}b`, 10).total).toBe(0);
  });
});

describe('one typing error', () => {
  test.each([
    ['two letters in the wrong order', 'paymetns', 'Payments Development/Developer'],
    ['a letter missing', 'oprator', 'Platform Production/Operator'],
    ['a letter too many', 'plattform', 'Platform Production/Operator'],
    ['a wrong letter', 'platfurm', 'Platform Production/Operator'],
    ['a wrong first letter', 'olatform', 'Platform Production/Operator'],
    ['a wrong last letter', 'operatot', 'Platform Production/Operator'],
    ['in a word that is not finished', 'pyame', 'Payments Development/Developer'],
    ['in a later word of a name', 'dveelopment', 'Payments Development/Developer'],
    ['across a hyphen', 'platform-prdo', 'Platform Production/Operator'],
    ['in one word of several', 'payments amdin', 'Payments Production/Admin'],
  ])('is forgiven: %s', (_, query, expected) => {
    expect(find(query)[0]).toBe(expected);
  });

  test.each([
    ['two errors', 'pamyetns'],
    ['a short word', 'lbb'],
    ['an account id', '222233334445'],
    ['an error before which nothing fits', 'xzatform'],
  ])('but not %s', (_, query) => {
    expect(search(index, query, 10).total).toBe(0);
  });

  test('is none where a name has the word as it was typed', () => {
    const names = createIndex([['Teams'], ['Terms'], ['Beams']], (entry) => entry);
    expect(search(names, 'teams', 10).best).toEqual([['Teams']]);
    expect(search(names, 'tearms', 10).best).toEqual([['Teams'], ['Terms']]);
  });
});

describe('marked text', () => {
  const marked = (text: string, query: string) => rangesIn(text, query).map(([start, end]) => text.slice(start, end));
  test.each([
    ['the word', 'Payments Production', 'prod', ['Prod']],
    ['each word', 'Payments Production', 'prod pay', ['Pay', 'Prod']],
    ['the start of a word before the inside of one', 'Reproduction production', 'prod', ['prod']],
    ['the inside where there is nothing better', 'Reproduction', 'prod', ['prod']],
    ['single letters', 'payments-prod', 'pprd', ['p', 'pr', 'd']],
    ['what was mistyped', 'Payments Production', 'paymetns', ['Payments']],
    ['nothing where nothing fits', 'Payments', 'zzz', []],
    ['nothing where it cannot be told', 'ﬁnance', 'fin', []],
    ['Korean', '결제 운영', '운영', ['운영']],
  ])('%s', (_, text, query, expected) => {
    expect(marked(text, query)).toEqual(expected);
  });
});
