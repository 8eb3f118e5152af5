// What `audit search` finds.
import { expect, test } from 'vitest';
import { type AuditQuery, createSearch } from '../../src/audit/search.ts';

const record = (facts: object) =>
  JSON.stringify({ audit: 1, time: '2026-03-02T09:00:00.000Z', event: 'x', ...facts, chain: 'c', previous: 'c' });
const role = 'arn:aws:iam::111122223333:role/teams/Admin';
const lines = {
  signIn: record({ event: 'sign_in', user: 'Alice@corp.example', assertionId: '_1' }),
  issued: record({
    user: 'bob@corp.example',
    roleArn: role,
    accessKeyId: 'ASIA1',
    assertionId: '_m',
    signInAssertionId: '_1',
  }),
  posted: record({ user: 'carol@corp.example', otherRoleArns: [role], time: '2026-03-03T09:00:00.000Z' }),
  explained: record({ user: 'dave@corp.example', about: 'alice@corp.example' }),
  log: '{"level":30,"time":"2026-03-02T09:00:00.000Z","user":"alice@corp.example"}',
  broken: '{"audit":7,"time":"2026-03-02T09:00',
};

const rows: [query: AuditQuery, found: (keyof typeof lines)[]][] = [
  [{}, ['signIn', 'issued', 'posted', 'explained']],
  [{ user: 'alice@corp.example' }, ['signIn', 'explained']],
  [{ user: 'alice' }, []],
  [{ role }, ['issued', 'posted']],
  [{ role: 'Admin' }, ['issued', 'posted']],
  [{ role: '111122223333/Admin' }, ['issued', 'posted']],
  [{ role: '111122223333/teams/Admin' }, ['issued', 'posted']],
  [{ role: '444455556666/Admin' }, []],
  [{ role: 'admin' }, []],
  [{ accessKeyId: 'ASIA1' }, ['issued']],
  [{ assertionId: '_1' }, ['signIn', 'issued']],
  [{ assertionId: '_m' }, ['issued']],
  [{ from: new Date('2026-03-03') }, ['posted']],
  [{ to: new Date('2026-03-03') }, ['signIn', 'issued', 'explained']],
  [{ from: new Date('2026-03-02T09:00:00Z'), to: new Date('2026-03-02T09:00:00Z') }, []],
  [{ role: 'Admin', user: 'BOB@corp.example', to: new Date('2026-03-03') }, ['issued']],
];
test.each(rows)('%j', (query, found) => {
  const find = createSearch(query);
  expect(Object.entries(lines).flatMap(([name, line]) => (find(line) ? [name] : []))).toEqual(found);
});
