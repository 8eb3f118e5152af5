// The command in one file that Node runs by itself: what people download, and what `npm i -g` links. It begins with the
// answer from the cache, a few kilobytes; the rest follows as comments, compressed, which the engine skips:
// each command reads the part that it needs.
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { PUBLIC_KEY_FILE, readPublicKeys } from './release-signature.mjs';

/** The file's name, in dist/ and for those who download it. */
export const CLI_FILE = 'rolegate.cjs';

/** In front of each part, with its name: see src/cli/part.ts. */
const MARK = '//# part ';

/**
 * Bundles src/cli.ts below `root` into `outDir`.
 * @param releaseKeys file with the public keys of releases that `rolegate update` takes
 * @throws Error when something cannot be bundled
 */
export async function buildCli(root, outDir, releaseKeys = join(root, PUBLIC_KEY_FILE)) {
  const bundle = await bundler(root, keysIn(releaseKeys));
  const start = await bundle('src/cli.ts', { ...OLD_NODE, plugins: [loadedFrom(COMMENTS_LOADER)] });
  const { parts, sources } = await bundleParts(bundle);
  // Node.js reads all of the file for every answer from the cache: compressed, the long parts cost less.
  const lines = Object.entries(parts).map(
    ([name, code]) => `${MARK}${name}\n/*${brotliCompressSync(code).toString('base64')}*/`,
  );
  const file = join(outDir, CLI_FILE);
  // Other characters would make all of it take two bytes each.
  writeFileSync(file, `${start.code}\n${lines.join('\n')}\n${escapeNonAscii(licenses(root, sources))}\n`);
  chmodSync(file, 0o755);
}

/** The same in files for an executable (start.cjs, one for each part), and the licences. @returns names of parts, sources */
export async function bundleForExecutable(root, outDir, releaseKeys) {
  const bundle = await bundler(root, { ...keysIn(releaseKeys), ROLEGATE_IS_EXECUTABLE: 'true' });
  const start = await bundle('src/cli.ts', { plugins: [loadedFrom(ASSET_LOADER)] });
  const { parts, sources } = await bundleParts(bundle);
  writeFileSync(join(outDir, 'start.cjs'), start.code);
  for (const [name, code] of Object.entries(parts)) writeFileSync(join(outDir, `${name}.cjs`), code);
  writeFileSync(join(outDir, 'LICENSES'), licenses(root, sources));
  return { sources, parts: Object.keys(parts) };
}

/** Each is the whole command without what its commands never load. */
async function bundleParts(bundle) {
  const part = (...plugins) => bundle('src/cli/main.ts', { minify: true, plugins: [withoutChildProcess, ...plugins] });
  const whole = await part();
  const light = await part(withoutDynamicImports());
  const credentials = await part(withoutDynamicImports(/\/credential-process\.ts$|^open$/));
  return { parts: { light: light.code, credentials: credentials.code, whole: whole.code }, sources: whole.sources };
}

const keysIn = (file) => ({ ROLEGATE_RELEASE_KEYS: JSON.stringify(readPublicKeys(file)) });

async function bundler(root, more) {
  const { build } = await import('esbuild');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  // Some packages ask where they are.
  const define = { 'import.meta.url': 'importMetaUrl', ROLEGATE_VERSION: JSON.stringify(version), ...more };
  return async (entry, options) => {
    const result = await build({ ...OPTIONS, define, absWorkingDir: root, entryPoints: [entry], ...options });
    // One byte for each character: `latin1` is read fastest.
    return { code: escapeNonAscii(result.outputFiles[0].text), sources: Object.keys(result.metafile.inputs) };
  };
}

const OPTIONS = {
  bundle: true,
  write: false,
  platform: 'node',
  // ES modules of packages first: what nothing uses of them stays out.
  mainFields: ['module', 'main'],
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
  // Node 12 reads them; written otherwise, each would be built at the start.
  supported: { 'regexp-unicode-property-escapes': true },
  minify: true,
  banner: {
    js: `(function (version) {
  var parts = version.split('.').map(Number);
  if (parts[0] > 20 || (parts[0] === 20 && parts[1] >= 19)) return;
  console.error('rolegate: needs Node 20.19 or newer, and this is ' + version + ': install Node 24');
  process.exit(1);
})(process.versions.node);`,
  },
};

/** In place of cli/main.ts in the first bundle: what loads the second one when it is needed. */
const loadedFrom = (contents) => ({
  name: 'loaded-later',
  setup: (esbuild) => {
    const filter = /[\\/]cli[\\/]main\.ts$/;
    esbuild.onLoad({ filter }, ({ path }) => ({ contents, loader: 'js', resolveDir: dirname(path) }));
  },
});

/** @param kept those that are still followed */
const withoutDynamicImports = (kept) => ({
  name: 'without-dynamic-imports',
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /.*/ }, ({ kind, path }) =>
      kind === 'dynamic-import' && !path.startsWith('node:') && !kept?.test(path)
        ? { path, external: true }
        : undefined,
    );
  },
});

/** commander starts programs for commands in separate files, of which there are none here: the module is not loaded. */
const withoutChildProcess = {
  name: 'without-child-process',
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /^(node:)?child_process$/ }, ({ importer }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path: 'none', namespace: 'none' } : undefined,
    );
    esbuild.onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'module.exports = {}', loader: 'js' }));
  },
};

const COMMENTS_LOADER = `
import { partFor } from './part.ts';
const name = partFor(process.argv.slice(2));
const text = require('node:fs').readFileSync(__filename, 'latin1');
const mark = '\\n' + ${JSON.stringify(MARK)} + name + '\\n/*';
const start = text.lastIndexOf(mark) + mark.length;
const code = text.slice(start, text.indexOf('*/', start));
const rest = new module.constructor(__filename, module);
rest._compile(require('node:zlib').brotliDecompressSync(Buffer.from(code, 'base64')).toString('latin1'), __filename);
export const { runCommand } = rest.exports;
`;

const ASSET_LOADER = `
import { partFor } from './part.ts';
const rest = new module.constructor(__filename, module);
rest._compile(require('node:sea').getAsset(partFor(process.argv.slice(2)), 'utf8'), __filename);
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
