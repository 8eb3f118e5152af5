// Prints the figures of the source's structure: folders, functions, types, exports and feature commits. It measures and never fails.
// `npm run house` measures this checkout, `npm run house -- FOLDER` another one.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync, Visitor } from 'oxc-parser';

process.on('uncaughtException', (error) => console.log(`not measured: ${error.message}`));
const root = resolve(process.argv[2] ?? '.');
const git = (...args) =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 })
    .split('\n')
    .filter(Boolean);

const filesBelow = (...folders) =>
  git('ls-files', '--cached', '--others', '--exclude-standard', '--', ...folders).filter((path) =>
    existsSync(join(root, path)),
  );

function parseSource() {
  return filesBelow('src')
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
    .map((file) => ({ ...file, ...parseSync(file.path, file.text) }));
}

const quantile = (values, share) => values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
const percent = (part, whole) => `${whole ? Math.round((100 * part) / whole) : 0} %`;
const sum = (values) => values.reduce((total, value) => total + value, 0);

/** How many files each folder holds directly, the fullest first. */
function filesPerFolder() {
  const counts = new Map();
  for (const path of filesBelow('src', 'emulators', 'test')) {
    counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}

/** The lengths, in lines, of functions with a body of statements: declarations, methods, function expressions and arrows. */
function functionLengths({ program, text }) {
  const lengths = [];
  const add = ({ start, end, body }) => {
    if (body?.type === 'BlockStatement') lengths.push(text.slice(start, end).split('\n').length);
  };
  new Visitor({ FunctionDeclaration: add, FunctionExpression: add, ArrowFunctionExpression: add }).visit(program);
  return lengths;
}

/** For each function at the top of a file that the file does not export: in how many other places the file names it. */
function usesOfPrivateFunctions({ program, module }) {
  const exported = new Set(module.staticExports.flatMap(({ entries }) => entries.map((entry) => entry.localName.name)));
  const names = program.body.flatMap((node) => {
    if (node.type === 'FunctionDeclaration') return [node.id.name];
    if (node.type !== 'VariableDeclaration') return [];
    return node.declarations.filter(({ init }) => init?.type === 'ArrowFunctionExpression').map(({ id }) => id.name);
  });
  const uses = new Map(names.filter((name) => !exported.has(name)).map((name) => [name, -1]));
  const count = ({ name }) => {
    if (uses.has(name)) uses.set(name, uses.get(name) + 1);
  };
  new Visitor({ Identifier: count }).visit(program);
  return [...uses.values()];
}

/** Names of interfaces and types that a file declares, and the generic types that it uses. */
function typesOf({ program }) {
  const declared = [];
  const used = [];
  const declare = ({ id }) => declared.push(id.name);
  new Visitor({
    TSInterfaceDeclaration: declare,
    TSTypeAliasDeclaration: declare,
    TSTypeReference: ({ typeName }) => used.push(typeName.name),
    TSInterfaceHeritage: ({ expression }) => used.push(expression.name),
  }).visit(program);
  return { declared, used };
}

/** What knip finds in src with the configuration of this checkout: exports that no other file imports. */
function unusedExports() {
  const knip = fileURLToPath(new URL('../node_modules/knip/bin/knip.js', import.meta.url));
  const config = fileURLToPath(new URL('../knip.json', import.meta.url));
  const args = [
    knip,
    '--directory',
    root,
    '--config',
    config,
    '--reporter',
    'json',
    '--no-exit-code',
    '--no-config-hints',
  ];
  const { issues } = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 28 }));
  const ofSource = issues.filter(({ file }) => file.startsWith('src/'));
  return sum(ofSource.map(({ exports = [], types = [] }) => exports.length + types.length));
}

/** Where files are today that a commit since then has moved. */
function movedPaths() {
  const today = new Map();
  for (const line of git('log', '--format=', '--name-status', '--diff-filter=R', '-M40%', '--', 'src')) {
    const [, from, to] = line.split('\t');
    if (!today.has(from)) today.set(from, today.get(to) ?? to);
  }
  return today;
}

/** How many folders of src each of the last feature commits touches. A feature's own assets and messages count as one folder with it. */
function foldersPerFeature(count, pathOf) {
  const lines = git('log', `-${count}`, '--grep=^feat[(:!]', '--format=format:commit', '--name-only', '--', 'src');
  const commits = [];
  for (const line of lines) {
    if (line === 'commit') commits.push(new Set());
    else commits.at(-1).add(dirname(pathOf(line)).split('/').slice(0, 3).join('/'));
  }
  return commits.map((folders) => folders.size);
}

const spread = (values) =>
  `median ${quantile(values, 0.5)}, p90 ${quantile(values, 0.9)}, most ${Math.max(...values)}, of ${values.length}`;

function features(pathOf) {
  const counts = foldersPerFeature(30, pathOf);
  const many = counts.filter((each) => each > 3);
  return `${percent(many.length, counts.length)} of ${counts.length} over three folders; median ${quantile(counts, 0.5)}`;
}

const source = parseSource();
const folders = filesPerFolder();
const lengths = source.flatMap(functionLengths);
const uses = source.flatMap(usesOfPrivateFunctions);
const types = source.map(typesOf);
const declared = (pattern) => types.flatMap((each) => each.declared).filter((name) => pattern.test(name)).length;
const used = (name) => types.flatMap((each) => each.used).filter((each) => each === name).length;
const moved = movedPaths();

const figures = {
  'lines of src': () => sum(source.map(({ text }) => text.split('\n').length - 1)),
  'lines per file of src': () => spread(source.map(({ text }) => text.split('\n').length - 1)),
  'widest folders (src, emulators, test)': () =>
    folders
      .slice(0, 4)
      .map((each) => each.join(' '))
      .join(', '),
  'folders over 25 files': () => folders.filter(([, count]) => count > 25).length,
  'files per folder of src': () => spread(folders.filter(([name]) => name.startsWith('src')).map(([, count]) => count)),
  'lines per function': () => spread(lengths),
  'functions over 60 lines': () => lengths.filter((each) => each > 60).length,
  'private functions used once': () =>
    `${percent(uses.filter((each) => each === 1).length, uses.length)} of ${uses.length}`,
  '*Deps types, Pick<>, Omit<>': () => [declared(/Deps$/), used('Pick'), used('Omit')].join(', '),
  '*Wish types': () => declared(/Wish$/),
  'unused exports of src': unusedExports,
  'last 30 feat commits': () => features((path) => path),
  'the same, files where they are today': () => features((path) => moved.get(path) ?? path),
};

for (const [name, figure] of Object.entries(figures)) {
  let value;
  try {
    value = figure();
  } catch (error) {
    value = `not measured: ${String(error).split('\n', 1)}`;
  }
  console.log(`${name.padEnd(38)}${value}`);
}
