import { DOMParser } from '@xmldom/xmldom';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExclusiveCanonicalization } from 'xml-crypto';
import { xmlAttribute, xmlInstant, xmlText } from '../src/xml.ts';
import { anyCharacter } from './support/any-character.ts';

describe('xmlText and xmlAttribute', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['', '', ''],
    ['a b', 'a b', 'a b'],
    ['<&>', '&lt;&amp;&gt;', '&lt;&amp;>'],
    ['"\'', '"\'', "&quot;'"],
    ['&amp;', '&amp;amp;', '&amp;amp;'],
    [']]>', ']]&gt;', ']]>'],
    ['ä😀\u{10fffd}', 'ä😀\u{10fffd}', 'ä😀\u{10fffd}'],
  ];
  for (const [value, text, attribute] of rows) {
    test(`write ${JSON.stringify(value)} as canonical XML does`, () => {
      expect(xmlText(value)).toBe(text);
      expect(xmlAttribute(value)).toBe(attribute);
    });
  }

  const control = [...Array.from({ length: 32 }, (_, i) => i), ...Array.from({ length: 33 }, (_, i) => 0x7f + i)];
  for (const code of [...control, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xfffe, 0xffff]) {
    test(`refuse U+${code.toString(16).padStart(4, '0')} at any place`, () => {
      const bad = String.fromCharCode(code);
      for (const value of [bad, `a${bad}`, `${bad}a`, `a${bad}b`]) {
        expect(() => xmlText(value)).toThrow(RangeError);
        expect(() => xmlAttribute(value)).toThrow(RangeError);
      }
    });
  }

  test('refuse half of a pair, and take a whole one', () => {
    expect(() => xmlText('\ud83d')).toThrow(RangeError);
    expect(() => xmlText('\ude00\ud83d')).toThrow(RangeError);
    expect(xmlText('\ud83d\ude00')).toBe('😀');
  });

  test('say nothing of the value that they refuse', () => {
    expect(() => xmlText('S3CRET\0')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('S3CRET') }),
    );
  });

  test('write whatever they take in canonical form, and it reads back', () => {
    const value = fc.oneof(fc.string({ unit: anyCharacter }), fc.string({ unit: 'grapheme' }), fc.string());
    fc.assert(
      fc.property(value, (text) => {
        const xml = write(text);
        if (xml === undefined) return;
        const root = new DOMParser().parseFromString(xml, 'text/xml').documentElement!;
        expect(root.getAttribute('a')).toBe(text);
        expect(root.textContent).toBe(text);
        expect(new ExclusiveCanonicalization().process(root as never, {}).toString()).toBe(xml);
      }),
      { numRuns: 200 },
    );
  });
});

// xmldom reads U+2028 as a line break, which is a rule of XML 1.1 only.
function write(text: string): string | undefined {
  if (text.includes('\u2028')) return undefined;
  try {
    return `<x a="${xmlAttribute(text)}">${xmlText(text)}</x>`;
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return undefined;
  }
}

describe('xmlInstant [Core §1.3.3]', () => {
  test('is UTC in whole seconds, cut and not rounded', () => {
    expect(xmlInstant(new Date('2026-03-02T10:00:00.999+01:00'))).toBe('2026-03-02T09:00:00Z');
    expect(xmlInstant(new Date('2026-03-02T09:00:00Z'))).toBe('2026-03-02T09:00:00Z');
  });

  test('refuses a value that is not a date', () => {
    expect(() => xmlInstant(new Date('no'))).toThrow(RangeError);
  });
});
