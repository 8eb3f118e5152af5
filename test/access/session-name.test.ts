import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { claimsInTemplate, nameTemplateProblem, sessionName, templatedName } from '../../src/access/session-name.ts';
import { anyCharacter } from '../support/any-character.ts';
import { person } from './support.ts';

/** STS API, RoleSessionName and SourceIdentity. */
const legal = /^[\w+=,.@-]{2,64}$/;
const hashed = /-[0-9a-f]{16}$/;
const name = (user: string, isPrimary = true, changes: { idp?: string; userSource?: string } = {}) =>
  sessionName(person({ user, ...changes }), isPrimary);

describe('the name of a person at AWS', () => {
  test.each(['alice@corp.example', 'alice', 'al', 'a.b+c=d,e-f_g@h', 'x'.repeat(64), '1-0123456789abcde'])(
    'is their own name where it is unambiguous: %s',
    (user) => {
      expect(name(user)).toBe(user);
    },
  );

  test.each([
    ['capital letters', 'Alice@corp.example', 'alice@corp.example-'],
    ['a character that AWS does not take', 'alice müller', 'alice_m_ller-'],
    ['a domain in the old form', 'CORP\\alice', 'corp_alice-'],
    ['one letter', 'a', 'a-'],
    ['65 letters', 'x'.repeat(65), `${'x'.repeat(47)}-`],
    ['the look of a hash', 'alice-0123456789abcdef', 'alice-0123456789abcdef-'],
    ['nothing that is legal', '王芳', '__-'],
  ])('is made legal and marked where it has %s', (_, user, start) => {
    expect(name(user)).toMatch(legal);
    expect(name(user)).toMatch(hashed);
    expect(name(user).startsWith(start)).toBe(true);
  });

  test('of a second identity provider is always marked: two may know an alice', () => {
    expect(name('alice', false, { idp: 'okta' })).toMatch(/^alice-[0-9a-f]{16}$/);
    expect(name('alice', false, { idp: 'okta' })).not.toBe(name('alice', false, { idp: 'entra' }));
  });

  test('does not change from one sign-in to the next', () => {
    expect(name('Alice')).toBe(name('Alice'));
    expect(name('Alice')).toBe('alice-c0b4a318e669a406');
  });
});

describe('for whatever an identity provider sends', () => {
  const users = fc.oneof(
    fc.string({ minLength: 1, maxLength: 256, unit: 'grapheme' }),
    fc.string({ minLength: 1, maxLength: 256, unit: anyCharacter }),
    fc.stringMatching(/^[A-Za-z0-9+=,.@_-]{1,70}$/),
    fc.stringMatching(/^[a-c]{1,3}-[0-9a-f]{16}$/),
  );

  test('the name is legal', () => {
    fc.assert(
      fc.property(users, fc.boolean(), (user, isPrimary) => {
        expect(name(user, isPrimary)).toMatch(legal);
      }),
      { numRuns: 300 },
    );
  });

  test('a name that is their own never looks marked, and one that is not always does', () => {
    fc.assert(
      fc.property(users, (user) => {
        expect(hashed.test(name(user))).toBe(name(user) !== user);
      }),
      { numRuns: 300 },
    );
  });

  // The primary identity provider has one source of names at a time; its own people keep theirs, everybody else is marked.
  const people = fc.record({
    idp: fc.constantFrom('adfs', 'okta', 'entra'),
    userSource: fc.constantFrom('upn', 'nameId'),
    user: fc.oneof(users, fc.constantFrom('alice', 'Alice', 'ALICE', 'alice-0123456789abcdef')),
  });
  const primary = { idp: 'adfs', userSource: 'upn' };

  test('two people never share one, also where IAM does not look at upper and lower case', () => {
    fc.assert(
      fc.property(people, people, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        const [a, b] = [one, other].map((each) => {
          const isPrimary = each.idp === primary.idp;
          return sessionName(person({ ...each, ...(isPrimary ? primary : {}) }), isPrimary).toLowerCase();
        });
        const areOne = one.idp === 'adfs' && other.idp === 'adfs' && one.user === other.user;
        expect(a === b).toBe(areOne);
      }),
      { numRuns: 1000 },
    );
  });

  test('a person whose name is their own cannot choose another one’s marked name', () => {
    fc.assert(
      fc.property(users, (victim) => {
        const marked = name(victim, false, { idp: 'okta' });
        expect(name(marked)).not.toBe(marked);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a name made of a template', () => {
  const alice = person({ user: 'alice@corp.example', claims: { 'urn:number': ['4711', '4712'], 'urn:odd': ['Ä b'] } });
  const name = (template: string, who = alice) => templatedName(template, who, 'Payments Engineers');

  test.each([
    ['{user}', /^alice@corp\.example-[0-9a-f]{16}$/],
    ['{claim:urn:number}', /^4711-[0-9a-f]{16}$/],
    ['{identityProvider}.{rule}', /^adfs\.payments_engineers-[0-9a-f]{16}$/],
    ['{claim:urn:odd}', /^__b-[0-9a-f]{16}$/],
    ['{claim:urn:absent}', /^-[0-9a-f]{16}$/],
    [`${'x'.repeat(60)}{user}`, /^x{47}-[0-9a-f]{16}$/],
  ])('%s is legal and marked', (template, expected) => {
    expect(name(template)).toMatch(expected);
    expect(name(template)).toMatch(legal);
  });

  test('never equals the name of another user, whatever their claims say, nor a plain name', () => {
    const other = person({ user: 'bob', claims: alice.claims });
    expect(name('{claim:urn:number}', other)).not.toBe(name('{claim:urn:number}'));
    const impostor = person({ user: name('{claim:urn:number}') });
    expect(sessionName(impostor, true)).not.toBe(name('{claim:urn:number}'));
  });

  test.each([
    ['{user}', undefined],
    ['x-{claim:http://x.example/a-b}', undefined],
    ['{group}', /a brace/],
    ['{user', /a brace/],
    ['fixed', /not identify the user/],
  ])('%s is checked', (template, problem) => {
    const found = nameTemplateProblem(template);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(problem);
  });

  test('says which claims it reads', () => {
    expect(claimsInTemplate('{user}{claim:urn:a}-{claim:urn:b}')).toEqual(['urn:a', 'urn:b']);
  });
});

test('no template makes a name that is another person’s, by a template or by their own', () => {
  const text = fc.oneof(fc.string({ maxLength: 40 }), fc.constantFrom('alice', 'ALICE', 'bob'));
  const people = fc.record({
    user: text.filter(Boolean),
    claims: fc.record({ 'urn:a': fc.array(text, { maxLength: 2 }) }),
  });
  const templates = fc.constantFrom('{user}', '{claim:urn:a}', 'x-{claim:urn:a}-{user}', '{identityProvider}{rule}');
  fc.assert(
    fc.property(people, people, templates, templates, (one, other, first, second) => {
      fc.pre(one.user !== other.user);
      const made = templatedName(first, person(one), 'rule').toLowerCase();
      expect(made).toMatch(legal);
      expect(made).not.toBe(templatedName(second, person(other), 'rule').toLowerCase());
      expect(made).not.toBe(sessionName(person(other), true).toLowerCase());
    }),
    { numRuns: 300 },
  );
});

test('the name of a federated user has at most 32 characters, and is marked where that cuts it', () => {
  expect(sessionName(person({ user: 'x'.repeat(32) }), true, 32)).toBe('x'.repeat(32));
  expect(sessionName(person({ user: 'x'.repeat(33) }), true, 32)).toMatch(/^x{15}-[0-9a-f]{16}$/);
  expect(templatedName('{user}', person(), 'rule', 32)).toMatch(/^alice@corp\.exam-[0-9a-f]{16}$/);
});
