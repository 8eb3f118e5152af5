// The word list of `npm run check`: what it finds, what it leaves alone, and that the tree keeps to it.
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { findLongLines, findWords, findWordsInTree } from '../../tools/language.ts';

test.each([
  ['a comment', 'src/a.ts', '// For somebody.', '"somebody": name the actor'],
  ['a comment behind code', 'test/a.ts', 'run(); // starts anew', '"anew": again'],
  ['a comment of YAML or Python', 'a.yaml', 'key: 1 # for nobody', '"nobody": name the actor'],
  ['a docstring', 'src/a.ts', '/** Of a\n * record of its own. */', 'src/a.ts:2: "of its own": its own X'],
  ['a text of src', 'src/a.ts', "throw new Error('PATH is no folder');", '"is no": is not a'],
  ['a template of src', 'src/a.ts', `const a = \`\${name} stands twice\`;`, '"stands": is in'],
  ['documentation', 'docs/a.md', 'Text.\n\nThe key stands for a user.', 'docs/a.md:3: "stands"'],
  ['documentation with code', 'a.md', 'Print `x` and what is missing.', '"what is": the noun'],
])('finds words in %s', (_, path, text, problem) => {
  expect(findWords(path, text)).toEqual([expect.stringContaining(problem)]);
});

test.each([
  ['an identifier', 'src/a.ts', 'const ours = nobody(anew);'],
  ['a text of one word', 'src/a.ts', "const user = 'nobody';"],
  ['a text of a test', 'test/a.ts', "expect('rules of nobody here');"],
  ['code inside a template', 'src/a.ts', `const a = \`name \${ours.name} here\`;`],
  ['code in documentation', 'a.md', 'Run `nobody`.\n```\nwhoever\n```\n[link](#what-is-ours)'],
  ['a question', 'a.md', 'What is Rolegate?'],
  ['"there is no" and "is no longer"', 'a.md', 'There is no limit. It is no longer valid.'],
])('leaves alone %s', (_, path, text) => {
  expect(findWords(path, text)).toEqual([]);
});

test('finds long lines of documentation and rows of tables, but not code', () => {
  const long = 'word '.repeat(30);
  const text = [long, `| ${long}|`, '```', long, '```', `[${'x'.repeat(130)}](a.md)`, 'x'.repeat(130)].join('\n');
  expect(findLongLines('a.md', text)).toEqual([
    'a.md:1: longer than 120 characters',
    'a.md:2: longer than 120 characters',
  ]);
  // Measurements side by side.
  expect(findLongLines('docs/performance.md', `| ${long}|`)).toEqual([]);
});

test('the tree keeps to the list', () => {
  expect(findWordsInTree(fileURLToPath(new URL('../..', import.meta.url)))).toEqual([]);
});
