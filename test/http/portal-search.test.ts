// What search finds, and what it finds first. The same module runs in the browser.
import { describe, expect, test } from 'vitest';

interface Found {
  readonly total: number;
  readonly best: readonly string[][];
}
type CreateIndex = (entries: readonly string[][], fieldsOf: (entry: string[]) => string[]) => unknown;
type Search = (index: unknown, query: string, limit: number) => Found;

const module: string = new URL('../../src/http/assets/search.js', import.meta.url).href;
const { createIndex, search } = (await import(module)) as { createIndex: CreateIndex; search: Search };

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
