// Characters of every class that readers, canonicalizers or people could take differently, and the ways to write them.
import { type Chance, pick } from '../support/mutate.ts';

/** Those that a message may hold. */
const allowed: readonly (readonly string[])[] = [
  ['a', 'Z', '0', '-', '_', '.', ':', '\\', '/', '#', '@', '=', '%', '$&', '`'],
  [' ', '  ', '\t', '\n', '\r', '\r\n', '\n\r', ' \t\n'],
  ['<', '>', '&', '"', "'", ']]', ']]>', '--', '<!--', '&amp;', '&#13;', '</a>', '?>'],
  ['\x7f', '\x80', '\x84', '\x86', '\x9b', '\x9f'],
  ['\xa0', '\u1680', '\u2000', '\u2003', '\u200a', '\u202f', '\u205f', '\u3000'],
  ['\u061c', '\u200e', '\u200f', '\u202a', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069'],
  ['\xad', '\u034f', '\u115f', '\u180e', '\u200b', '\u200c', '\u200d', '\u2060', '\u2064', '\u3164', '\ufeff'],
  ['\ufe0f', '\ufe00', '\u{e0100}', '\u{e0041}', '\u{1f3fb}'],
  ['ä', 'a\u0308', 'ß', 'ı', 'İ', 'ﬀ', 'Å', 'Ω', '日本', 'ا', '\u0301', '\u1100\u1161', '가'],
  ['😀', '𝒜', '\u{10000}', '\u{2ffff}', '\u{fffff}', '\u{10ffff}', '👨\u200d👩\u200d👧'],
  ['\ue000', '\uf8ff', '\u{f0000}', '\ufdd0', '\ufdef', '\ufffd', '\u{1fffe}', '\u{1ffff}'],
];

/** Those that XML 1.0 does not know, or that we refuse: by any spelling. */
const refused: readonly (readonly string[])[] = [
  ['\x85', '\u2028', '\u2029'],
  ['\0', '\x01', '\x08', '\x0b', '\x0c', '\x0e', '\x1f'],
  ['\ufffe', '\uffff', '\ud800', '\udc00', '\udfff'],
];

/** Spelt as references only. */
const badReferences = [
  '&#xD83D;&#xDE00;',
  '&#0;',
  '&#x110000;',
  '&#;',
  '&#x;',
  '&nbsp;',
  '&amp',
  '&',
  '&#99999999999;',
];

const named: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
};

/** A short text of one class, as source. */
export function someCharacters(chance: Chance): string {
  const luck = chance();
  if (luck < 0.004) return pick(badReferences, chance);
  const text = pick(pick(luck < 0.02 ? refused : allowed, chance), chance);
  return [...text].map((character) => spell(character, chance)).join('');
}

/** One character as source: as it is where it may be, or as one of its references. */
function spell(character: string, chance: Chance): string {
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  // Raw markup ends most messages: rarely.
  const raw = character in named && chance() < 0.99 ? named[character]! : character;
  const spellings = [
    raw,
    raw,
    raw,
    `&#${code};`,
    `&#x${hex};`,
    `&#x${hex.toUpperCase()};`,
    `&#x000${hex};`,
    `&#0${code};`,
  ];
  return pick(spellings, chance);
}

const reference = /&(?:(lt|gt|amp|quot|apos)|#(\d+)|#x([0-9a-fA-F]+));/g;
const namedValues: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** The same text, some of its characters spelt otherwise. What a reader reads is the same. */
export function respell(source: string, chance: Chance): string {
  if (chance() < 0.3) return source.replaceAll('\n', pick(['\r\n', '\r', '\n'], chance));
  const units = source.match(/&[^;\s]*;|[\s\S]/gu) ?? [];
  return units
    .map((unit) => {
      if (chance() < 0.8 || /^[\t\n\r]/.test(unit)) return unit;
      const character = unit.length > 1 ? unit.replace(reference, characterOf) : unit;
      return [...character].length === 1 && character !== '\r' ? respelt(character, chance) : unit;
    })
    .join('');
}

function characterOf(
  _: string,
  name: string | undefined,
  decimal: string | undefined,
  hex: string | undefined,
): string {
  if (name !== undefined) return namedValues[name]!;
  return String.fromCodePoint(Math.min(0x10ffff, decimal === undefined ? parseInt(hex!, 16) : Number(decimal)));
}

// White space by reference is not the same in an attribute: it stays as it was written.
function respelt(character: string, chance: Chance): string {
  return /[\t\n]/.test(character) ? `&#${character.charCodeAt(0)};` : spell(character, chance);
}
