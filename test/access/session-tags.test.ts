import { describe, expect, test } from 'vitest';
import type { TagRule, TagSource } from '../../src/access/model.ts';
import { isTagKey, isTagValue, sessionTags } from '../../src/access/session-tags.ts';
import { person } from './support.ts';

const alice = person({
  claims: {
    'urn:cost': ['4711'],
    'urn:teams': ['a', 'b'],
    'urn:odd': ['a;b'],
    'urn:long': ['x'.repeat(257)],
    'urn:none': [],
  },
});
const tag = (key: string, from: TagSource, isOptional = false): TagRule => ({ key, from, isOptional });
const claim = (name: string): TagSource => ({ kind: 'claim', name });

test('tags come from claims, from what the person is, and from the rule itself', () => {
  const rules = [
    tag('Cost', claim('urn:cost')),
    tag('Who', { kind: 'identity', field: 'user' }),
    tag('Idp', { kind: 'identity', field: 'idp' }),
    tag('Team', { kind: 'value', value: 'payments' }),
  ];
  expect(sessionTags(rules, alice)).toEqual({
    kind: 'tags',
    tags: [
      { key: 'Cost', value: '4711' },
      { key: 'Who', value: 'alice@corp.example' },
      { key: 'Idp', value: 'adfs' },
      { key: 'Team', value: 'payments' },
    ],
  });
});

describe('a tag that cannot be what the rule says', () => {
  test.each([
    ['a claim that did not come', 'urn:absent', /CostCenter: the claim urn:absent has 0 values/],
    ['a claim without a value', 'urn:none', /has 0 values/],
    ['a claim with two values', 'urn:teams', /has 2 values and not one/],
    ['a value with a character that AWS refuses', 'urn:odd', /is not a valid tag value$/],
    ['a value that is too long', 'urn:long', /urn:long, with 257 characters and not at most 256, is not a valid/],
    ['the character itself', 'urn:odd', /urn:odd, with U\+003B \(;\), is not a valid tag value$/],
    ['a name that every object has', 'constructor', /has 0 values/],
  ])('refuses the session: %s', (_, name, problem) => {
    const found = sessionTags([tag('CostCenter', claim(name))], alice);
    expect(found).toEqual({ kind: 'problem', problem: expect.stringMatching(problem) });
    expect(JSON.stringify(found)).not.toContain('a;b');
  });

  test('is left out only where it is optional and there are no values', () => {
    expect(sessionTags([tag('Cost', claim('urn:absent'), true)], alice)).toEqual({ kind: 'tags', tags: [] });
    expect(sessionTags([tag('Cost', claim('urn:teams'), true)], alice)).toMatchObject({ kind: 'problem' });
  });
});

test.each([
  ['Team', true],
  ['Kostenstelle Süd', true],
  ['팀', true],
  ['a/b=c+d-e@f_g.h:i', true],
  ['x'.repeat(128), true],
  ['x'.repeat(129), false],
  ['', false],
  ['aws:Team', false],
  ['AWS:Team', false],
  ['awsTeam', true],
  ['a;b', false],
  ['a\nb', false],
])('a tag key: %s', (key, isLegal) => expect(isTagKey(key)).toBe(isLegal));

test.each([
  ['', true],
  ['aws:x', true],
  ['x'.repeat(256), true],
  ['x'.repeat(257), false],
  ['a,b', false],
  ['a\tb', false],
])('a tag value: %s', (value, isLegal) => expect(isTagValue(value)).toBe(isLegal));
