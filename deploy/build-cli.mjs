// The command in one file that Node runs by itself: what people download, and what `npm i -g` links. It begins with the
// answer from the cache, a few kilobytes; the rest follows as comments, which the engine skips and does not parse, and
// which are read again when something else is asked for.
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The file's name, in dist/ and for those who download it. */
export const CLI_FILE = 'rolegate.cjs';

const MARK = '\n//# The rest of the command:\n';

/** Bundles src/cli.ts below `root` into `outDir`. @throws Error when something cannot be bundled */
export async function buildCli(root, outDir) {
  const bundle = await bundler(root);
  const start = await bundle('src/cli.ts', { ...OLD_NODE, plugins: [loadedFrom(COMMENTS_LOADER)] });
  const rest = await bundle('src/cli/main.ts', { minify: true });
  const file = join(outDir, CLI_FILE);
  // Other characters would make all of it take two bytes each, and U+2028 would end its comment early.
  const comments = escapeNonAscii(`${rest.code}${licenses(root, rest.sources)}`).replace(/^/gm, '//');
  writeFileSync(file, `${start.code}${MARK}${comments}\n`);
  chmodSync(file, 0o755);
}

/** The same in two files for an executable (start.cjs, rest.cjs), and the licences. @returns the sources of both */
export async function bundleForExecutable(root, outDir) {
  const bundle = await bundler(root, { ROLEGATE_IS_EXECUTABLE: 'true' });
  const start = await bundle('src/cli.ts', { plugins: [loadedFrom(ASSET_LOADER)] });
  const rest = await bundle('src/cli/main.ts', { minify: true });
  writeFileSync(join(outDir, 'start.cjs'), start.code);
  writeFileSync(join(outDir, 'rest.cjs'), rest.code);
  writeFileSync(join(outDir, 'LICENSES'), licenses(root, rest.sources));
  return { sources: rest.sources };
}

async function bundler(root, more = {}) {
  const { build } = await import('esbuild');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  // Some packages ask where they are.
  const define = { 'import.meta.url': 'importMetaUrl', ROLEGATE_VERSION: JSON.stringify(version), ...more };
  return async (entry, options) => {
    const result = await build({ ...OPTIONS, define, absWorkingDir: root, entryPoints: [entry], ...options });
    return { code: result.outputFiles[0].text, sources: Object.keys(result.metafile.inputs) };
  };
}

const OPTIONS = {
  bundle: true,
  write: false,
  platform: 'node',
  // CommonJS starts sooner than ES modules, and a script from anywhere needs no package.json beside it.
  format: 'cjs',
  target: 'node20.19',
  banner: { js: "var importMetaUrl = require('url').pathToFileURL(__filename).href;" },
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

/** The first lines must run on any Node, to say that it is too old. */
const OLD_NODE = {
  target: 'node12',
  banner: {
    js: `(function (version) {
  var parts = version.split('.').map(Number);
  if (parts[0] > 20 || (parts[0] === 20 && parts[1] >= 19)) return;
  console.error('rolegate: needs Node 20.19 or newer, and this is ' + version + ': install Node 24');
  process.exit(1);
})(process.versions.node);
${OPTIONS.banner.js}`,
  },
};

/** In place of cli/main.ts in the first bundle: what loads the second one when it is needed. */
const loadedFrom = (contents) => ({
  name: 'loaded-later',
  setup: (esbuild) => {
    esbuild.onLoad({ filter: /[\\/]cli[\\/]main\.ts$/ }, () => ({ contents, loader: 'js' }));
  },
});

const COMMENTS_LOADER = `
const text = require('node:fs').readFileSync(__filename, 'utf8');
const mark = ${JSON.stringify(MARK)};
const rest = new module.constructor(__filename, module);
rest._compile(text.slice(text.lastIndexOf(mark) + mark.length).replace(/^\\/\\//gm, ''), __filename);
export const { runCommand } = rest.exports;
`;

const ASSET_LOADER = `
const rest = new module.constructor(__filename, module);
rest._compile(require('node:sea').getAsset('rest', 'utf8'), __filename);
export const { runCommand } = rest.exports;
`;

/** Of all the packages inside, as they ask for it; comments in the text that is loaded, too. */
function licenses(root, sources) {
  const folders = sources.map((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  const packagesByText = new Map();
  for (const folder of [...new Set(folders.filter(Boolean))].sort()) {
    const [name] = readdirSync(join(root, folder)).filter((entry) => /^licen[cs]e/i.test(entry));
    const text = name === undefined ? '' : readFileSync(join(root, folder, name), 'utf8').trim();
    const { license, version } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const line = `${folder.replace(/^.*node_modules\//, '')} ${version}: ${license}`;
    packagesByText.set(text, [...(packagesByText.get(text) ?? []), line]);
  }
  const texts = [...packagesByText].map(([text, packages]) => `\n${packages.join('\n')}\n\n${text}\n`);
  return texts
    .join('')
    .replace(/^/gm, '// ')
    .replace(/[ \r]+$/gm, '');
}

function escapeNonAscii(code) {
  return code.replace(/[^\t\n -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
