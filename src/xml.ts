// Writing XML: the one place where a value becomes markup. Reading it is saml/xml/xml-reader.ts.

// XML 1.0 §2.2 Char, less TAB, LF and CR: no value that we write needs them, and canonical XML escapes them differently
// in text and in attributes. Lone surrogates have no UTF-8 form.
const illegal = /[\p{Cc}\p{Cs}\ufffe\uffff]/u;

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text content in the form of Canonical XML. @throws RangeError if XML cannot contain the value */
export function xmlText(value: string): string {
  assertLegal(value);
  return value.replace(/[&<>]/g, (c) => escapes[c]!);
}

/** The content of a double-quoted attribute in the form of Canonical XML. @throws RangeError as xmlText */
export function xmlAttribute(value: string): string {
  assertLegal(value);
  return value.replace(/[&<"]/g, (c) => escapes[c]!);
}

/** xs:dateTime in UTC with seconds (Core §1.3.3). */
export function xmlInstant(at: Date): string {
  return at.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

function assertLegal(value: string): void {
  if (illegal.test(value)) throw new RangeError('a value holds a character that XML cannot carry');
}
