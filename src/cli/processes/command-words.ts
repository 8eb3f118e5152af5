// Command lines that people and files hold as one text: BROWSER, --helper, credential_process.

/** Words between spaces; double quotes keep spaces, and are not part of the word. */
export function splitWords(text: string): string[] {
  return (text.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replace(/^"(.*)"$/, '$1'));
}
