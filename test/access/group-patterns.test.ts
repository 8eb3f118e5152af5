// Patterns against JavaScript's own engine as the oracle, and the time that they take.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { capturedNames, createPatternMatcher } from '../../src/access/group-patterns.ts';

const matchesOf = (pattern: string, groups: readonly string[]) => createPatternMatcher([pattern])(groups).get(pattern);

describe('a pattern', () => {
  test('captures by name, once for each group that fits', () => {
    const pattern = 'AWS-(?<account>[a-z-]+?)-(?<role>\\w+)(?<rest>-x)?';
    expect(matchesOf(pattern, ['AWS-payments-dev-Admin', 'other', 'AWS-data-Reader-x'])).toEqual([
      { account: 'payments-dev', role: 'Admin' },
      { account: 'data', role: 'Reader', rest: '-x' },
    ]);
    expect(capturedNames(pattern)).toEqual(['account', 'role', 'rest']);
  });

  test('without captures says it once, however many groups fit', () => {
    expect(matchesOf('AWS-.*', ['AWS-a', 'AWS-b', 'AWS-c'])).toEqual([{}]);
    expect(matchesOf('AWS-.*', ['a'])).toBeUndefined();
  });

  test('is not tried against a name that AD cannot have', () => {
    expect(matchesOf('a*', ['a'.repeat(256)])).toEqual([{}]);
    expect(matchesOf('a*', ['a'.repeat(257)])).toBeUndefined();
  });

  test.each([
    'AWS-(?<account>\\d{12})-(?<role>[\\w+=,.@-]{1,64})',
    '(?:CORP\\\\)?AWS-(?<a>[a-z]+)-(?<b>.*)',
    '(?<a>a|ab)(?<b>c|bcd)(?<c>d*)',
    '(?<a>[a-c]*?)(?<b>b*)(?<c>.?)',
    '\\u0041(?<x>\\p{L}+)|b(?<y>\\/?)',
    'a|b|',
  ])('decides and captures as JavaScript does: %s', (pattern) => {
    const oracle = new RegExp(`^(?:${pattern})$`, 'u');
    const match = createPatternMatcher([pattern]);
    const part = fc.constantFrom(
      'A',
      'AWS-',
      'CORP\\',
      'a',
      'b',
      'c',
      'd',
      '1',
      '123456789012',
      '-',
      'ß',
      '/',
      '\n',
      '.',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const group = parts.join('');
        const found = oracle.exec(group);
        const captures = Object.entries(found?.groups ?? {}).filter(([, value]) => value !== undefined);
        expect(match([group]).get(pattern)).toEqual(found ? [Object.fromEntries(captures)] : undefined);
      }),
      { numRuns: 800 },
    );
  });

  test('means what it means in JavaScript, or is refused', () => {
    const tokens = fc.constantFrom(
      ...[
        'a',
        'b',
        '\\w',
        '\\W',
        '\\d',
        '\\s',
        '\\S',
        '.',
        '\\b',
        '\\B',
        '^',
        '$',
        '(a)',
        '(?:b|a)',
        '(?<n>a|b)',
        '[a-c]',
      ],
      ...[
        '[^a]',
        '[^\\w]',
        '[\\s-]',
        '[\\b]',
        '[^]',
        '[]',
        '\\cA',
        '\\0',
        '\\v',
        '\\x41',
        '\\u{41}',
        '\\k<n>',
        '\\1',
        '\\p{L}',
      ],
      ...[
        '\\p{Letter}',
        '\\pL',
        '\\/',
        '[\\-a]',
        '(?i)',
        '(?=a)',
        '(?P<q>a)',
        '\\A',
        '\\z',
        '\\Q',
        '\\a',
        '\\C',
        '*',
        '+?',
        '{2}',
        '|',
      ],
      ...['[[:alpha:]]', '[\\d-z]', '\\.', '\\\\', '[\\s\\S]', '[.]', '[\\]]', '😀', '1'],
    );
    const characters = fc.constantFrom(...'abkx1_-<n>]. \n\r\t\v\b\0\u0001\u2028\u00a0\u0085é/\\', '😀', '\ud83d', 'A');
    const joined = (part: fc.Arbitrary<string>) => fc.array(part, { maxLength: 4 }).map((parts) => parts.join(''));
    let taken = 0;
    fc.assert(
      fc.property(joined(tokens), fc.array(joined(characters), { minLength: 5, maxLength: 5 }), (pattern, groups) => {
        try {
          capturedNames(pattern);
        } catch {
          return;
        }
        taken++;
        const oracle = new RegExp(`^(?:${pattern})$`, 'u');
        const match = createPatternMatcher([pattern]);
        for (const group of groups)
          expect(match([group]).size, `${pattern} on ${group}`).toBe(oracle.test(group) ? 1 : 0);
      }),
      { numRuns: 800 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  test.each(['(a+)+b', '(a|a)*b', '(?:\\w|\\d)+-x', '(?<x>(a*)*)b', '(.*)*x'])('does not backtrack: %s', (pattern) => {
    expect(capturedNames(pattern)).toBeDefined();
    const match = createPatternMatcher([pattern]);
    const groups = Array.from({ length: 50 }, (_, index) => 'a'.repeat(200 + index));
    const start = process.cpuUsage();
    expect(match(groups).size).toBe(0);
    const { user, system } = process.cpuUsage(start);
    // Exponential backtracking would take longer than the universe has existed.
    expect((user + system) / 1000).toBeLessThan(2000);
  });
});
