import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { change, createWorkplace, goodProduction, load, problemsOf, type Workplace } from './support/workplace.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
});
beforeEach(() => {
  rmSync(workplace.path('teams'), { recursive: true, force: true });
  mkdirSync(workplace.path('teams'), { mode: 0o755 });
});
afterAll(() => workplace.remove());

const account = (id: string, alias: string) => ({ id, alias });
const rule = (name: string, accounts: string[]) => ({
  name,
  when: { group: name },
  grant: { accounts, role: 'Reader' },
});
const team = (name: string, value: unknown) => writeFileSync(workplace.path(`teams/${name}`), stringify(value));
const including = (...include: string[]) => change(goodProduction(), 'include', include);

test('files of teams add accounts and rules, in the order of their names', async () => {
  team('b.yaml', { rules: [rule('b', ['a-dev'])] });
  team('a.yaml', { accounts: [account('222233334444', 'a-dev')], rules: [rule('a', ['a-dev', 'payments-dev'])] });
  const { policy, source } = await load(workplace, including('teams/*.yaml'));
  expect(policy.rules.map(({ name }) => name)).toEqual(['engineers', 'a', 'b']);
  expect(policy.accounts.map(({ alias }) => alias)).toContain('a-dev');
  expect(source.files).toEqual([workplace.path('teams/a.yaml'), workplace.path('teams/b.yaml')]);
  expect(source.folders).toContain(workplace.path('teams'));
});

test('a problem names the file and the path in it', async () => {
  team('a.yaml', { accounts: [account('1', 'a-dev')], rules: [rule('x', ['payments-dev']), rule('a', ['absent'])] });
  const problems = await problemsOf(workplace, including('teams/a.yaml'));
  expect(problems.map((each) => each.split(': ').slice(0, 2).join(': '))).toEqual(['teams/a.yaml: accounts[0].id']);
  team('a.yaml', { rules: [rule('x', ['payments-dev']), rule('a', ['absent'])] });
  expect(await problemsOf(workplace, including('teams/a.yaml'))).toEqual([
    'teams/a.yaml: rules[1].grant.accounts[0]: no account has the id or alias absent',
  ]);
});

test('the same account in two files is refused', async () => {
  team('a.yaml', { accounts: [account('222233334444', 'payments-dev')] });
  expect(await problemsOf(workplace, including('teams/a.yaml'))).toEqual([
    'teams/a.yaml: accounts[0].alias: payments-dev is used twice',
  ]);
});

test('a team has no other sections, and every file is read', async () => {
  team('a.yaml', { portal: { administrators: ['me'] }, rules: {} });
  writeFileSync(workplace.path('teams/b.yaml'), 'rules: [');
  const problems = await problemsOf(workplace, including('teams/*.yaml', 'teams/absent.yaml'));
  expect(problems).toEqual([
    expect.stringMatching(/^teams\/a\.yaml: portal: unknown key/),
    'teams/a.yaml: rules: is not a list',
    expect.stringMatching(/^teams\/b\.yaml: Flow sequence/),
    'teams/absent.yaml: cannot be read (ENOENT)',
  ]);
});

describe('stays in the folder of the configuration', () => {
  test.each(['/etc/passwd', '../x.yaml', 'teams/../../x.yaml', './x.yaml', ''])('%j', async (pattern) => {
    const problems = await problemsOf(workplace, including(pattern));
    expect(problems[0]).toMatch(/^include\[0\]: /);
  });

  test('whatever a symbolic link leads to', async () => {
    symlinkSync('/etc', join(workplace.directory, 'teams', 'out'));
    const problems = await problemsOf(workplace, including('teams/out/hostname'));
    expect(problems).toEqual(['include[0]: teams/out/hostname leads out of the folder of the configuration']);
  });
});

test('a pattern takes no hidden entry, as the folders of a Kubernetes volume are, and must fit something', async () => {
  mkdirSync(workplace.path('teams/..2026'));
  team('.hidden.yaml', { rules: [rule('hidden', ['payments-dev'])] });
  expect(await problemsOf(workplace, including('teams/*'))).toEqual(['include[0]: no file matches teams/*']);
});
