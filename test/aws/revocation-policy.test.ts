// The deny policy of a role: whom it denies, until when, what it keeps of those before, and what happens without room.
import { expect, test } from 'vitest';
import { evaluateConditions } from '../../emulators/aws/policy/policy-conditions.ts';
import { type DeniedSessions, type RevocationPolicy, revocationPolicy } from '../../src/aws/revocation-policy.ts';

const now = new Date('2026-11-30T12:00:00Z');
const at = (time: string) => new Date(`2026-11-30T${time}Z`);
const denied = (changes: Partial<DeniedSessions> = {}): DeniedSessions => ({
  owners: [{ by: 'SourceIdentity', name: 'alice@corp.example' }],
  issuedBefore: at('12:00:10'),
  until: at('18:30:00'),
  ...changes,
});
const byName = (name: string) => ({ by: 'UserId', name }) as const;

/** Whether AWS denies a session. */
function denies(policy: RevocationPolicy | undefined, session: Readonly<Record<string, string>>): boolean {
  const { Statement } = (policy?.document ?? { Statement: [] }) as { Statement: { Condition: unknown }[] };
  const context = new Map(Object.entries(session).map(([key, value]) => [`aws:${key}`, [value]]));
  return Statement.some(({ Condition }) => evaluateConditions(Condition, context) === 'met');
}
const of = (name: string, issued = '12:00:00') => ({
  tokenissuetime: `2026-11-30T${issued}Z`,
  sourceidentity: name,
  userid: `AROAEXAMPLE:${name}`,
});

test('denies the earlier sessions of one person, and neither later ones nor those of others', () => {
  for (const owner of [denied().owners[0]!, byName('alice@corp.example')]) {
    const policy = revocationPolicy(undefined, denied({ owners: [owner] }), now);
    expect(denies(policy, of('alice@corp.example'))).toBe(true);
    expect(denies(policy, of('alice@corp.example', '12:00:10'))).toBe(false);
    for (const other of ['bob@corp.example', 'malalice@corp.example', 'alice@corp.example2']) {
      expect(denies(policy, of(other)), other).toBe(false);
    }
  }
});

test('notes when it may be removed, in what IAM accepts as Id and Sid', () => {
  const policy = revocationPolicy(undefined, denied(), now)!;
  expect(policy.until).toEqual(at('18:30:00'));
  expect(policy.document).toEqual({
    Version: '2012-10-17',
    Id: 'rolegate-revocations-until-2026-11-30T18:30:00Z',
    Statement: [
      {
        Sid: 'SourceIdentityBefore20261130T120010ZUntil20261130T183000Z',
        Effect: 'Deny',
        Action: '*',
        Resource: '*',
        Condition: {
          DateLessThan: { 'aws:TokenIssueTime': '2026-11-30T12:00:10Z' },
          StringEquals: { 'aws:SourceIdentity': ['alice@corp.example'] },
        },
      },
    ],
  });
});

test('keeps the people of before until their credentials have expired', () => {
  const first = revocationPolicy(undefined, denied(), now)!;
  const bob = denied({ owners: [byName('bob')], issuedBefore: at('13:00:00'), until: at('20:00:00') });
  const both = revocationPolicy(JSON.parse(JSON.stringify(first.document)), bob, at('12:50:00'))!;
  expect([denies(both, of('alice@corp.example')), denies(both, of('bob', '12:59:59'))]).toEqual([true, true]);
  expect(both.until).toEqual(at('20:00:00'));
  const later = revocationPolicy(both.document, undefined, at('18:30:00'))!;
  expect([denies(later, of('alice@corp.example')), denies(later, of('bob'))]).toEqual([false, true]);
  expect(revocationPolicy(later.document, undefined, at('20:00:00'))).toBeUndefined();
});

test('puts people with the same times into one statement, each once', () => {
  const first = revocationPolicy(undefined, denied(), now)!;
  const carol = { by: 'SourceIdentity', name: 'carol' } as const;
  const again = revocationPolicy(first.document, denied({ owners: [...denied().owners, carol] }), now)!;
  const { Statement } = again.document as { Statement: { Condition: { StringEquals: object } }[] };
  expect(Statement.map(({ Condition }) => Condition.StringEquals)).toEqual([
    { 'aws:SourceIdentity': ['alice@corp.example', 'carol'] },
  ]);
});

test('denies everyone from before where the names do not fit into 10,240 characters', () => {
  const owners = Array.from({ length: 400 }, (_, index) => byName(`person-${index}@corp.example`));
  const fitting = revocationPolicy(undefined, denied({ owners: owners.slice(0, 300) }), now)!;
  expect(JSON.stringify(fitting.document).length).toBeLessThanOrEqual(10_240);
  expect(fitting.deniesEveryone).toBe(false);
  const all = revocationPolicy(fitting.document, denied({ owners, until: at('19:00:00') }), now)!;
  expect([all.deniesEveryone, all.until]).toEqual([true, at('19:00:00')]);
  expect([denies(all, of('somebody else')), denies(all, of('somebody else', '12:00:10'))]).toEqual([true, false]);
  const after = revocationPolicy(all.document, denied(), now)!;
  expect([after.deniesEveryone, denies(after, of('somebody else'))]).toEqual([true, true]);
});

test('touches no policy with a statement of other origin', () => {
  const { document } = revocationPolicy(undefined, denied(), now)!;
  const { Statement } = document as { Statement: object[] };
  const edited = { ...document, Statement: [...Statement, { Effect: 'Allow', Action: '*', Resource: '*' }] };
  expect(() => revocationPolicy(edited, denied(), now)).toThrow('rolegate-server did not write');
});
