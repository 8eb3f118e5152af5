import { afterAll, beforeAll, expect, test } from 'vitest';
import { change, createWorkplace, goodProduction, problemsOf, type Workplace } from './support/workplace.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
});
afterAll(() => workplace.remove());

const office = {
  name: 'office',
  when: { group: 'CORP\\Office' },
  grant: { accounts: ['payments-prod'], role: 'ops/Reader', require: { network: ['10.0.0.0/8'] } },
};
const withTests = (...tests: object[]) => {
  const rules = [...(goodProduction()['rules'] as object[]), office];
  return change(change(goodProduction(), 'rules', rules), 'tests', tests);
};
const groups = ['CORP\\Engineers'];

test('tests that hold say nothing', async () => {
  const good = withTests(
    { groups, expect: ['payments-dev/Developer', '012345678901/Developer'], not: ['payments-prod/Developer'] },
    { groups: ['corp\\engineers'], not: ['payments-dev/Developer'] },
    { groups: ['CORP\\Office'], expect: ['payments-prod/ops/Reader'] },
    { groups: ['CORP\\Office'], address: '10.1.2.3', expect: ['payments-prod/ops/Reader'] },
    { groups: ['CORP\\Office'], address: '192.0.2.1', not: ['payments-prod/ops/Reader'] },
  );
  expect(await problemsOf(workplace, good)).toEqual([]);
});

test('what does not hold refuses the configuration, with what is the case', async () => {
  const bad = withTests(
    { groups: ['CORP\\Nobody'], expect: ['payments-dev/Developer'] },
    { name: 'engineers stay out', groups, not: ['payments-dev/Developer'] },
  );
  expect(await problemsOf(workplace, bad)).toEqual([
    'tests[0].expect[0]: a user with CORP\\Nobody does not get payments-dev/Developer; gets no role',
    'tests[1].not[0]: engineers stay out gets payments-dev/Developer, from the rule "engineers"',
  ]);
});

test('a test that could not fail is refused', async () => {
  const wrong = withTests(
    { groups, not: ['payments-deu/Developer'] },
    { identityProvider: 'okta', not: ['payments-dev/x'] },
  );
  expect(await problemsOf(workplace, wrong)).toEqual([
    'tests[0].not[0]: no account has the id or alias payments-deu',
    'tests[1].identityProvider: no identity provider has the id okta',
  ]);
  expect(await problemsOf(workplace, withTests({ groups }))).toEqual(['tests[0]: expects nothing: give expect or not']);
});

test('people on the deny-list have no role, in whatever case they are written there', async () => {
  const denied = (deny: object, person: object) =>
    problemsOf(workplace, change(withTests({ ...person, not: ['payments-dev/Developer'] }), 'deny', deny));
  expect(await denied({ groups: ['corp\\CONTRACTORS'] }, { groups: [...groups, 'CORP\\Contractors'] })).toEqual([]);
  expect(await denied({ users: ['Alice@corp.example'] }, { user: 'alice@CORP.example', groups })).toEqual([]);
  expect(await denied({ users: ['alice'] }, { user: 'alice@corp.example', groups })).toHaveLength(1);
});
