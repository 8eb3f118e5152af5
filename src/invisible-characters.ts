// Characters that a person does not see or that change how others are shown: in a name they make two names look like one.

// Controls (C0, DEL, C1), line and paragraph separators; Default_Ignorable_Code_Point holds the bidirectional marks,
// overrides and isolates, zero-width characters, variation selectors and tags (Unicode §5.21).
const invisible = /[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const everyInvisible = new RegExp(invisible.source, 'gu');

export function holdsInvisible(text: string): boolean {
  return invisible.test(text);
}

/** What a person sees of a text: without invisible characters, and with single spaces. */
export function showsAlike(text: string): string {
  return text.replace(/\s+/g, ' ').replace(everyInvisible, '').trim();
}

/** With each invisible character as `\u{200b}`: how a name is shown that holds some. */
export function showInvisible(text: string): string {
  return text.replace(everyInvisible, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
