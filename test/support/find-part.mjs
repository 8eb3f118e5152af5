// Knows which programs the suite drives beside Node (Redis, xmlsec1, a Chromium, an AWS CLI), where they may lie and how
// each is installed. Plain JavaScript without dependencies: `pretest` runs it before anything is compiled.
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where a Redis server lies that was unpacked, not installed: no root needed and no service started on port 6379. */
export const UNPACKED_REDIS = fileURLToPath(new URL('../../node_modules/.cache/rolegate-redis', import.meta.url));

const CHROME_ON_MACOS = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** One row per program: how to find it, and its name at the package managers we can name a command for. */
export const PARTS = {
  redis: {
    override: 'REDIS_SERVER_BIN',
    places: ['redis-server', 'valkey-server', join(UNPACKED_REDIS, 'usr/bin/redis-server')],
    apt: 'redis-server',
    brew: 'redis',
  },
  xmlsec1: { override: 'XMLSEC1_PATH', places: ['xmlsec1'], apt: 'xmlsec1', brew: 'libxmlsec1' },
  chromium: {
    override: 'CHROMIUM_PATH',
    places: ['chromium', '/usr/bin/chromium', 'google-chrome', 'google-chrome-stable', CHROME_ON_MACOS],
    apt: 'chromium',
    brew: '--cask google-chrome',
    // Ubuntu has Chromium and (since 24.04) the AWS CLI as snaps only.
    ubuntu: 'snap install chromium',
  },
  aws: {
    override: 'AWS_CLI_PATH',
    places: ['aws'],
    apt: 'awscli',
    brew: 'awscli',
    ubuntu: 'snap install aws-cli --classic',
  },
};

/** The path of a part, or undefined. An override in the environment wins and is not second-guessed by a search. */
export function findPart(name) {
  const { override, places } = PARTS[name];
  const chosen = process.env[override];
  if (chosen) return isExecutable(chosen) ? chosen : undefined;
  for (const place of places) {
    const found = place.includes('/') ? place : findOnPath(place);
    if (found && isExecutable(found)) return found;
  }
  return undefined;
}

/** The first executable of that name on PATH, or undefined. */
export function findOnPath(program) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

/** The one command a person runs to get the named parts on this system. */
export function installCommand(names) {
  if (process.platform === 'darwin') return names.map((name) => `brew install ${PARTS[name].brew}`).join(' && ');
  const snaps = isUbuntu() ? names.filter((name) => PARTS[name].ubuntu) : [];
  const packages = names.filter((name) => !snaps.includes(name)).map((name) => PARTS[name].apt);
  const commands = snaps.map((name) => `sudo ${PARTS[name].ubuntu}`);
  if (packages.length > 0) commands.unshift(`sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`);
  return commands.join(' && ');
}

/** What a Redis that was unpacked needs beside the usual environment: its libraries lie next to it. */
export function redisEnvironment(path) {
  if (!path.startsWith(UNPACKED_REDIS)) return {};
  const libraries = join(UNPACKED_REDIS, 'usr/lib');
  const folders = existsSync(libraries) ? readdirSync(libraries).map((name) => join(libraries, name)) : [];
  return { LD_LIBRARY_PATH: folders.join(delimiter) };
}

/** Ubuntu, as /etc/os-release says. */
export function isUbuntu() {
  return existsSync('/etc/os-release') && /^ID=ubuntu$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // not there, or not ours to run: either way not a part
  }
}
