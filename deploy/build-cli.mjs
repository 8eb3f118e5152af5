// The command in one file that Node runs by itself: what people download, and what `npm i -g` links. It begins with the
// answer from the cache, a few kilobytes; the rest follows as comments, which the engine skips and does not parse, and
// which are read again when something else is asked for.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The file's name, in dist/ and for those who download it. */
export const CLI_FILE = 'rolegate.cjs';

const MARK = '\n//# The rest of the command:\n';

/** Bundles src/cli.ts below `root` into `outDir`. @throws Error when something cannot be bundled */
export async function buildCli(root, outDir) {
  const { build } = await import('esbuild');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  // Some packages ask where they are.
  const define = { 'import.meta.url': 'importMetaUrl', ROLEGATE_VERSION: JSON.stringify(version) };
  const bundle = async (entry, options) => {
    const result = await build({ ...OPTIONS, define, entryPoints: [join(root, entry)], ...options });
    return result.outputFiles[0].text;
  };
  const start = await bundle('src/cli.ts', { plugins: [loadedFromComments] });
  // Other characters would make all of it take two bytes each, and U+2028 would end its comment early.
  const rest = escapeNonAscii(await bundle('src/cli/main.ts', { minify: true }));
  const file = join(outDir, CLI_FILE);
  writeFileSync(file, `${start}${MARK}${rest.replace(/^/gm, '//')}\n`);
  chmodSync(file, 0o755);
}

const OPTIONS = {
  bundle: true,
  write: false,
  platform: 'node',
  // CommonJS starts sooner than ES modules, and a script from anywhere needs no package.json beside it.
  format: 'cjs',
  target: 'node20.19',
  banner: { js: "var importMetaUrl = require('url').pathToFileURL(__filename).href;" },
  legalComments: 'eof',
  logLevel: 'warning',
};

/** In place of cli/main.ts in the first bundle. */
const loadedFromComments = {
  name: 'loaded-from-comments',
  setup: (esbuild) => {
    esbuild.onLoad({ filter: /[\\/]cli[\\/]main\.ts$/ }, () => ({ contents: LOADER, loader: 'js' }));
  },
};

const LOADER = `
const text = require('node:fs').readFileSync(__filename, 'utf8');
const mark = ${JSON.stringify(MARK)};
const rest = new module.constructor(__filename, module);
rest._compile(text.slice(text.lastIndexOf(mark) + mark.length).replace(/^\\/\\//gm, ''), __filename);
export const { runCommand } = rest.exports;
`;

function escapeNonAscii(code) {
  return code.replace(/[^\t\n -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
