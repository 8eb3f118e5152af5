// `npm run build`: compiles src/ into dist/, with the command in one file. The result appears whole or not at all, and two builds at once are safe.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildCli } from './build-cli.mjs';
import { withLock } from './lock.mjs';
import { isBuilt, listFiles, STAMP_FILE, sourceStamp } from './stamp.mjs';

/** The checkout this file belongs to. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const require = createRequire(import.meta.url);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await build(ROOT);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}

/** Builds dist/ below `root`. @throws Error after the compiler has printed its errors; dist/ stays as before. */
export function build(root) {
  return withLock(join(root, '.build-lock'), () => buildAlone(root));
}

/** Builds unless dist/ is current. A process that waited for another build finds dist/ current and uses it. */
export function buildIfNeeded(root) {
  return withLock(join(root, '.build-lock'), async () => {
    if (!isBuilt(root)) await buildAlone(root);
  });
}

/** False after `npm ci --omit=dev`: then dist/ has to be there already. */
export function hasCompiler() {
  return compilerPath() !== undefined;
}

async function buildAlone(root) {
  removeLeftovers(root);
  const work = join(root, `.build-${process.pid}`);
  // Taken before compiling: a source that changes meanwhile makes the result stale, not wrongly current.
  const stamp = sourceStamp(root);
  try {
    await compile(root, work);
    copyAssets(root, work);
    chmodSync(join(work, 'server.js'), 0o755);
    await buildCli(root, work);
    writeFileSync(join(work, STAMP_FILE), stamp);
    publish(work, join(root, 'dist'), join(root, `.build-${process.pid}-old`));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function compile(root, outDir) {
  const tsc = compilerPath();
  if (tsc === undefined) throw new Error('building needs the development dependencies: run npm ci first');
  const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', outDir];
  // Standard output belongs to the calling process: `npm start` promises a single line there.
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0) throw new Error('the build failed: dist/ is as it was before');
}

/** Style sheets, scripts for the browser, icons, JSON: everything the compiler does not carry over. */
function copyAssets(root, outDir) {
  for (const path of listFiles(root, 'src').filter((name) => !/\.[cm]?ts$/.test(name))) {
    const target = join(outDir, path.slice('src/'.length));
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(root, path), target);
  }
}

function publish(work, dist, old) {
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(work, dist);
  rmSync(old, { recursive: true, force: true });
}

/** What killed builds left behind; we hold the lock, so none of it is in use. */
function removeLeftovers(root) {
  for (const name of readdirSync(root).filter((entry) => /^\.build-\d+(-old)?$/.test(entry))) {
    rmSync(join(root, name), { recursive: true, force: true });
  }
}

function compilerPath() {
  try {
    return join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  } catch {
    return undefined; // not installed; the callers say what to do about it
  }
}
