// The block in ~/.aws/config: the text around it stays the same, byte for byte.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findBlock, readSections, replaceBlock } from '../../../src/cli/profiles/aws-config.ts';

const broker = 'https://aws.corp.example';
const other = 'https://aws.corp.example:8443';
const lines = ['[profile one]', 'region = eu-west-1'];

/** Any bytes, often with what such files consist of. */
const foreign = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\n',
        '\r\n',
        '\r',
        '\n\n',
        '[default]',
        '# note',
        '; note',
        'region = x',
        '  nested = 1',
        '\t',
        '\u00ef\u00bb\u00bf',
      ),
      fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 12 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));
const someLines = fc.array(fc.constantFrom('[profile a]', '[profile b]', 'region = x', '', 'k = v'), {
  minLength: 1,
  maxLength: 6,
});

describe('the text around the block', () => {
  test('is the same after the block came, changed and went', () => {
    fc.assert(
      fc.property(foreign, someLines, someLines, (text, first, second) => {
        const once = replaceBlock(text, broker, first);
        const twice = replaceBlock(once, broker, second);
        expect(once.startsWith(text)).toBe(true);
        expect(twice.startsWith(text)).toBe(true);
        expect(replaceBlock(twice, broker, second)).toBe(twice);
        expect(replaceBlock(twice, broker, [])).toBe(text);
      }),
    );
  });

  test('is the same with the blocks of two brokers, whichever goes first', () => {
    fc.assert(
      fc.property(foreign, someLines, someLines, fc.boolean(), (text, one, two, isFirst) => {
        const both = replaceBlock(replaceBlock(text, broker, one), other, two);
        const [first, second] = isFirst ? [broker, other] : [other, broker];
        const changed = replaceBlock(both, first, [...one, 'more = 1']);
        expect(findBlock(changed, second).block).toBe(findBlock(both, second).block);
        expect(replaceBlock(replaceBlock(changed, first, []), second, [])).toBe(text);
      }),
    );
  });

  test('is the same when people wrote behind the block, and no two lines of theirs become one', () => {
    fc.assert(
      fc.property(foreign, foreign, someLines, (text, added, some) => {
        const edited = replaceBlock(text, broker, some) + added;
        const changed = replaceBlock(edited, broker, [...some, 'more = 1']);
        expect(changed.startsWith(text)).toBe(true);
        expect(changed.endsWith(added)).toBe(true);
        const without = replaceBlock(changed, broker, []);
        const gap = without.slice(text.length, without.length - added.length);
        expect(without).toBe(text + gap + added);
        expect(gap).toMatch(/^(\r?\n)?$/);
        if (text !== '' && !/[\r\n]$/.test(text) && added !== '') expect(gap + added).toMatch(/^\r?\n/);
      }),
    );
  });

  test('has an empty line before a new block, unless its last line has no end', () => {
    const block = (text: string) => replaceBlock(text, broker, lines).slice(text.length).split('# BEGIN')[0];
    expect(block('[default]\n')).toBe('\n');
    expect(block('[default]')).toBe('\n');
    expect(block('[default]\r\n')).toBe('\r\n');
    expect(block('')).toBe('');
  });

  test('decides how the lines of the block end', () => {
    const block = findBlock(replaceBlock('[default]\r\n', broker, lines), broker).block;
    expect(block.split('\r\n')).toHaveLength(5);
    expect(block.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });
});

describe('markers', () => {
  const block = replaceBlock('', broker, lines);
  const [begin, end] = [`${block.split('\n')[0]}\n`, `# END rolegate ${broker}\n`];

  test('of a broker whose name begins like another one’s are its own', () => {
    const both = replaceBlock(block, other, ['[profile two]']);
    expect(findBlock(both, broker).block).toBe(block);
    expect(findBlock(both, other).block).toContain('[profile two]');
    expect(findBlock(both, 'https://awsXcorp.example').block).toBe('');
  });

  test('are found when an editor took the last line end away', () => {
    expect(replaceBlock(block.trimEnd(), broker, lines)).toBe(block);
  });

  test.each([
    ['a beginning without an end', `${begin}x = 1\n`],
    ['an end without a beginning', end],
    ['an end before its beginning', end + begin],
    ['two blocks', block + block],
    ['a block inside another', `${begin}${replaceBlock('', other, lines)}${end}`],
  ])('that are %s: nothing is edited', (_, text) => {
    expect(() => replaceBlock(text, broker, lines)).toThrow(expect.objectContaining({ exit: 'failed' }));
  });
});

test.each<[string, string, Record<string, Record<string, string>>]>([
  ['plain', '[a]\nx = 1\n[profile b]\ny=2', { a: { x: '1' }, 'profile b': { y: '2' } }],
  ['of Windows', '[a]\r\nx = 1\r\n', { a: { x: '1' } }],
  ['with a byte order mark', '\u00ef\u00bb\u00bf[a]\nx = 1', { a: { x: '1' } }],
  ['quoted, with spaces and a comment', `[ profile   "a b" ] # note\nx = 1`, { 'profile a b': { x: '1' } }],
  ['indented, in capitals, with a colon', ' [a]\n  AWS_Access_Key_Id : 1', { a: { aws_access_key_id: '1' } }],
  ['with an equals sign in a value', '[a]\nx = y=z', { a: { x: 'y=z' } }],
  ['commented out', '# [a]\n[b]\n# x = 1\n;y = 1', { b: {} }],
  ['with lines before any section', 'x = 1\n[a]', { a: {} }],
])('reads sections that are %s', (_, text, expected) => {
  const found = readSections(text).map(({ header, settings }) => [header, Object.fromEntries(settings)]);
  expect(Object.fromEntries(found)).toEqual(expected);
});
