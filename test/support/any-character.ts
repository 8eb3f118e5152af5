// Characters for properties. fast-check's own unit `binary` lists all of Unicode first, which takes it two seconds.
import fc from 'fast-check';

const between = (min: number, max: number) => fc.integer({ min, max }).map((code) => String.fromCodePoint(code));

/** Any code point but surrogates, which are not characters alone: often one of ASCII, Latin or the BMP. */
export const anyCharacter = fc.oneof(
  between(0, 0x7f),
  between(0x80, 0x7ff),
  between(0x800, 0xd7ff),
  between(0xe000, 0xffff),
  between(0x1_0000, 0x10_ffff),
);
