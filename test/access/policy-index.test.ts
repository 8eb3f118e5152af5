// The index finds every rule that holds, and a cached decision ends with what it depends on.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type IdentityFacts, matchCondition } from '../../src/access/match.ts';
import type { Condition } from '../../src/access/model.ts';
import { indexOf } from '../../src/access/policy-index.ts';
import { resolveRoles } from '../../src/access/resolve.ts';
import { parseNetwork } from '../../src/networks.ts';
import { all, any, claim, group, not, now, pattern, person, policy, rule } from './support.ts';

const names = ['a', 'b', 'c', 'd'];
const leaf = fc.oneof(
  fc.constantFrom(...names).map(group),
  fc.tuple(fc.constantFrom('dept', 'site'), fc.constantFrom(...names)).map(([name, value]) => claim(name, value)),
  fc.constantFrom('a|b', '[cd]', 'x.*').map(pattern),
);
const condition: fc.Arbitrary<Condition> = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 3 }, leaf, tie('list'), tie('not')),
  list: fc
    .tuple(fc.boolean(), fc.array(tie('any') as fc.Arbitrary<Condition>, { minLength: 1, maxLength: 3 }))
    .map(([isAny, parts]) => (isAny ? any(...parts) : all(...parts))),
  not: (tie('any') as fc.Arbitrary<Condition>).map(not),
})).any as fc.Arbitrary<Condition>;

test('no rule that holds is missing from the candidates, and their order is that of the policy', () => {
  const identities = fc.record({
    groups: fc.subarray([...names, 'xyz']),
    dept: fc.subarray(names),
    site: fc.option(fc.subarray(names), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(condition, { maxLength: 6 }), identities, (conditions, { groups, dept, site }) => {
      const rules = conditions.map((when, index) => rule(when, { role: `R${index}` }));
      const index = indexOf(policy(...rules));
      const facts = index.factsOf(person({ groups, claims: { dept, ...(site ? { site } : {}) } }));
      const candidates = index.candidates(facts);
      const holding = rules.filter(({ when }) => matchCondition(when, facts).length > 0);
      expect(candidates.filter(({ when }) => matchCondition(when, facts).length > 0)).toEqual(holding);
      expect(candidates).toEqual(rules.filter((each) => candidates.includes(each)));
    }),
    { numRuns: 400 },
  );
});

test('names that every object has are not claims', () => {
  const facts: IdentityFacts = { groups: new Set(), claims: {}, patterns: new Map() };
  expect(indexOf(policy(rule(claim('constructor', 'x')))).candidates(facts)).toEqual([]);
});

describe('a cached decision', () => {
  const old = { maxAuthenticationAgeMs: 600_000, authnContext: undefined };
  const at = (seconds: number) => new Date(now.getTime() + seconds * 1000);

  test('is the same object for the same sign-in, and not shared with others', () => {
    const rules = policy(rule(group('a')));
    const [alice, bob] = [person({ groups: ['a'] }), person({ groups: [], user: 'bob' })];
    const first = resolveRoles(alice, rules, now, { session: 'alice' });
    expect(first).toHaveLength(1);
    expect(resolveRoles(alice, rules, at(60), { session: 'alice' })).toBe(first);
    expect(resolveRoles(bob, rules, now, { session: 'bob' })).toEqual([]);
    expect(resolveRoles(alice, policy(), now, { session: 'alice' })).toEqual([]);
    expect(resolveRoles(bob, rules, now)).toEqual([]);
  });

  test('ends when the sign-in becomes too old for a role', () => {
    const rules = policy(rule(group('a'), { require: old }));
    const identity = person({ groups: ['a'] });
    const stepUpAt = (seconds: number) =>
      resolveRoles(identity, rules, at(seconds), { session: 'one' })[0]!.stepUp?.reason;
    expect([stepUpAt(0), stepUpAt(600), stepUpAt(600.001), stepUpAt(5000)]).toEqual([
      undefined,
      undefined,
      'authentication_age',
      'authentication_age',
    ]);
    expect(stepUpAt(0)).toBeUndefined();
  });

  test('makes room for others before memory grows', () => {
    const rules = policy(...Array.from({ length: 100 }, (_, index) => rule(group('a'), { role: `R${index}` })));
    const identity = person({ groups: ['a'] });
    const first = resolveRoles(identity, rules, now, { session: 'first' });
    for (let index = 0; index < 150; index++) resolveRoles(identity, rules, now, { session: `s${index}` });
    expect(resolveRoles(identity, rules, now, { session: 'first' })).toBe(first);
    for (let index = 0; index < 250; index++) resolveRoles(identity, rules, now, { session: `t${index}` });
    expect(resolveRoles(identity, rules, now, { session: 'first' })).not.toBe(first);
  });
});

test('a decision of one address is not that of another, and without an address no network holds', () => {
  const networks = [parseNetwork('10.0.0.0/8')!];
  const require = { authnContext: undefined, maxAuthenticationAgeMs: undefined, networks };
  const rules = policy(rule(group('a'), { require }));
  const identity = person({ groups: ['a'] });
  const countAt = (address?: string) => resolveRoles(identity, rules, now, { session: 'one', address }).length;
  expect([countAt('10.1.2.3'), countAt('11.1.2.3'), countAt('10.9.9.9'), countAt(), countAt('10.1.2.3:443')]).toEqual([
    1, 0, 1, 0, 0,
  ]);
});
