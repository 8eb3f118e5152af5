// What in ~/.aws/config and ~/.aws/credentials keeps the AWS CLI from reading the whole file. Python's configparser, which
// it uses, stops at the first of these, and then no profile works.

/** One line each, with the number of the line. */
export function parseProblems(text: string): string[] {
  if (/^\u00ef\u00bb\u00bf/.test(text)) {
    return ['begins with a byte order mark (UTF-8 with BOM), which the AWS CLI cannot read: save it without'];
  }
  const problems: string[] = [];
  const sections = new Map<string, number>();
  let settings: Map<string, number> | undefined;
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    const number = index + 1;
    const name = /^\[(.+)\]/.exec(line)?.[1];
    const report = (what: string) => problems.push(`line ${number}: ${what}, so the AWS CLI cannot read the file`);
    if (line.trim() === '' || /^\s*[#;]/.test(line) || /^\s/.test(line)) continue;
    if (name !== undefined) {
      if (sections.has(name)) report(`[${name}] is there twice (line ${sections.get(name)})`);
      sections.set(name, number);
      settings = new Map();
      continue;
    }
    const key = /^([^=:]+?)\s*[=:]/.exec(line)?.[1]?.toLowerCase();
    if (settings === undefined) report('a setting before the first section');
    else if (key === undefined) report('not a setting (name = value)');
    else if (settings.has(key)) report(`${key} is there twice in its section (line ${settings.get(key)})`);
    if (key !== undefined) settings?.set(key, number);
  }
  return problems;
}

/** With or without its mark: two bytes for each letter, one of them zero. */
export function isUtf16(text: string): boolean {
  return /^(?:\u00ff\u00fe|\u00fe\u00ff|(?:[^\0]\0){2}|(?:\0[^\0]){2})/.test(text);
}
