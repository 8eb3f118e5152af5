// One table for the four places that find roles by words: portal, command line, API and links.
import { describe, expect, test } from 'vitest';
import { filterRoles, findRole } from '../src/access/find-role.ts';
import type { EligibleRole } from '../src/access/model.ts';
import { rolesWithWords, searchRoles } from '../src/cli/roles/role-match.ts';
import { createIndex, roleNames, search } from '../src/role-search/search.js';
import type { RoleEntry } from '../src/wire/api.ts';

const rows: [account: string, alias: string, id: string, environment: string, role: string, labels: string[]][] = [
  ['Payments Development', 'payments-dev', '444455556666', 'development', 'Developer', ['payments']],
  ['Payments Production', 'payments-prod', '111122223333', 'production', 'Admin', ['pci']],
  ['Payments Production', 'payments-prod', '111122223333', 'production', 'ReadOnly', ['pci']],
  ['Platform Production', 'platform-prod', '222233334444', 'production', 'Operator', []],
  ['Reproduction Lab', 'lab', '555566667777', '', 'team/Builder', []],
  ['결제 운영', 'pay-kr', '888899990000', 'production', 'Admin', []],
];
const arn = (id: string, role: string) => `arn:aws:iam::${id}:role/${role}`;
const short = (role: string) => role.slice(role.lastIndexOf('/') + 1);

/** As the portal's rows say it. */
const cards = rows.map(([account, alias, id, environment, name, labels]) => ({
  account,
  name,
  alias,
  id,
  environment,
  labels,
}));
const entries = rows.map(
  ([accountName, accountAlias, accountId, environment, role, accountLabels]) =>
    ({
      accountName,
      accountAlias,
      accountId,
      environment,
      accountLabels,
      roleArn: arn(accountId, role),
      roleName: short(role),
    }) as unknown as RoleEntry,
);
const eligible = rows.map(
  ([name, alias, id, environment, role, labels]) =>
    ({
      account: { name, alias, id, environment, labels },
      roleArn: arn(id, role),
      roleName: short(role),
    }) as unknown as EligibleRole,
);

const inPortal = (query: string) =>
  search(createIndex(cards, roleNames), query, 100).best.map(({ id, name }) => arn(id, name));
const inPicker = (query: string) => searchRoles(entries, query).map(({ roleArn }) => roleArn);
const inCommand = (query: string) => rolesWithWords(entries, query).map(({ roleArn }) => roleArn);
const inApi = (query: string) => filterRoles({ q: query }, eligible).map(({ roleArn }) => roleArn);
const all = rows.map(([, , id, , role]) => arn(id, role));

/** Numbers of the rows that contain every word, and of the rows that rank first where more match. */
const table: [query: string, words: number[], best: number[]][] = [
  ['', [0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5]],
  ['   ', [0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5]],
  ['lab', [4], [4]],
  ['platform-prod', [3], [3]],
  ['222233334444', [3], [3]],
  ['2222', [1, 2, 3], [3, 1, 2]],
  ['READONLY', [2], [2]],
  ['pci', [1, 2], [1, 2]],
  ['admin payments', [1], [1]],
  ['payments-dev/Developer', [0], [0]],
  ['dev/devel', [0], [0]],
  ['lab/team/builder', [4], [4]],
  ['lab/Builder', [4], [4]],
  ['arn:aws:iam::555566667777:role/team/Builder', [4], [4]],
  ['111122223333/ReadOnly', [2], [2]],
  ['prod', [1, 2, 3, 4, 5], [1, 2, 3, 5, 4]],
  ['결제', [5], [5]],
  ['결제'.normalize('NFD'), [5], [5]],
  ['ＡＤＭＩＮ', [1, 5], [1, 5]],
  ['opertaor', [], [3]],
  ['pprod adm', [], [1]],
  ['prodadm', [], [1]],
  ['9876', [], []],
  ['payments nobody', [], []],
];

describe.each(table)('"%s"', (query, words, best) => {
  const named = (numbers: readonly number[]) => numbers.map((number) => all[number]);

  test('is found in the same order by portal and picker', () => {
    expect(inPortal(query).slice(0, best.length)).toEqual(named(best));
    expect(inPicker(query)).toEqual(inPortal(query));
  });

  test('has the same roles with all words on the command line and in the API', () => {
    expect(inCommand(query)).toEqual(named(words));
    expect(inApi(query)).toEqual(inCommand(query));
    // And what has them is never found behind what comes close.
    expect(new Set(inPortal(query).slice(0, words.length))).toEqual(new Set(named(words)));
  });

  test('leads a link and the only match to the same role', () => {
    if (words.length !== 1) return;
    expect(searchRoles(entries, query).map(({ roleArn }) => roleArn)).toEqual(named(words));
    const found = findRole(query, eligible);
    const roles = found.kind === 'one' ? [found.role] : found.kind === 'choice' ? found.roles : [];
    expect(roles.map(({ roleArn }) => roleArn)).toEqual(named(words));
  });
});
