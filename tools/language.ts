// Finds words that CONTRIBUTING.md rules out in comments, in texts of src and in the documentation, and long lines of
// documentation. `npm run check` runs it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const rules: readonly (readonly [RegExp, string])[] = [
  [/\b(?:some|no)body\b|\bwhoever\b/i, 'name the actor: the caller, the user, the operator, the attacker, the browser'],
  [/\banew\b/i, 'again'],
  [/\bof (?:its|their|your|one's) own\b/i, 'its own X, a separate X'],
  [/\bours\b/i, "name the owner: the broker's, our X"],
  [/(?<!\b(?:there|here|which|it) )\bis no (?!longer\b|more\b|other\b)/i, 'is not a'],
  [/\bstands\b|\bstand (?:in|on|for|there|beside)\b/i, 'is in, is set in, means, is replaced with'],
  [/\bwhat is\b(?![^.:;|]*\?)/i, 'the noun: the missing X, the signed X (only a question may have "what is")'],
];

/** The lines of Markdown without code and the targets of links. */
function proseOf(text: string): string[] {
  let isCode = false;
  return text.split('\n').map((line) => {
    const isFence = /^\s*(?:```|~~~)/.test(line);
    if (isFence) isCode = !isCode;
    return isCode || isFence ? '' : line.replace(/`[^`]*`/g, '').replace(/\]\([^)]*\)/g, ']');
  });
}

/** The comments of each line, and with `hasTexts` its string literals that contain a space. */
function wordsOf(text: string, hasTexts: boolean): string[] {
  let isBlock = false;
  return text.split('\n').map((line) => {
    const isComment = isBlock || /^\s*\/\*/.test(line);
    isBlock = isComment && !line.includes('*/');
    if (isComment) return line;
    const comment = /(?:^|\s)(?:\/\/|#).*$/.exec(line)?.[0] ?? '';
    const code = hasTexts ? line.slice(0, line.length - comment.length) : '';
    const texts = code.match(/(['"`])(?:(?!\1)[^\\]|\\.)*\s(?:(?!\1)[^\\]|\\.)*\1/g) ?? [];
    return [...texts.map((each) => each.replace(/\$\{[^}]*\}/g, '')), comment].join(' ');
  });
}

/** One line for each problem: file, line, the word, and what to write. */
export function findWords(path: string, text: string): string[] {
  const lines = path.endsWith('.md') ? proseOf(text) : wordsOf(text, path.startsWith('src/'));
  return lines.flatMap((line, index) =>
    rules.flatMap(([pattern, advice]) => {
      const word = pattern.exec(line)?.[0].trim();
      return word === undefined ? [] : [`${path}:${index + 1}: "${word}": ${advice}`];
    }),
  );
}

const longestLine = 120;
/** Their tables are measurements side by side, written by a program. */
const withWideTables = ['docs/performance.md'];

/**
 * Lines of documentation that could be shorter: not in code, and with a place to break. A row of a table has none, so a
 * wide table becomes a list.
 */
export function findLongLines(path: string, text: string): string[] {
  const lines = text.split('\n');
  return proseOf(text).flatMap((prose, index) => {
    const line = lines[index]!;
    const isInTable = /^\s*\|/.test(prose);
    const canBreak = isInTable ? !withWideTables.includes(path) : /\s\S/.test(prose.trim());
    const isFree = !canBreak || /^\s*(?:!?\[[^\]]*\]\S*$|<)/.test(line);
    return isFree || line.length <= longestLine ? [] : [`${path}:${index + 1}: longer than ${longestLine} characters`];
  });
}

/** The problems of all tracked files but the list itself. */
export function findWordsInTree(root: string): string[] {
  const types = ['ts', 'mjs', 'js', 'cjs', 'md', 'yaml', 'yml', 'py', 'css', 'sh'].map((type) => `*.${type}`);
  const patterns = [...types, ':!tools/language.ts', ':!test/tools/language.test.ts'];
  const files = execFileSync('git', ['ls-files', '--', ...patterns], { cwd: root, encoding: 'utf8' });
  return [...new Set(files.split('\n').filter(Boolean))].flatMap((path) => {
    const text = readFileSync(`${root}/${path}`, 'utf8');
    return [...findWords(path, text), ...(path.endsWith('.md') ? findLongLines(path, text) : [])];
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const problems = findWordsInTree(process.cwd());
  for (const each of problems) console.error(each);
  if (problems.length > 0) process.exitCode = 1;
}
