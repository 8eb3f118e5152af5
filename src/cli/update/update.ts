// `rolegate update`: a signed, newer release for this platform takes the place of the running file, or nothing changes.
import { execFile } from 'node:child_process';
import type { Release, ReleaseFile } from '../../wire/release.ts';
import { type CliContext, print, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { withLock } from '../machine/lock.ts';
import { brokerOf } from '../machine/settings.ts';
import { isNewerVersion, ownVersion, releaseKeys } from '../machine/version.ts';
import { findInstallation, type Installation } from './installation.ts';
import { fetchFile, fetchRelease } from './release.ts';
import { replaceFile, requireOwnHome, requireWritableFolder } from './replace-file.ts';
import { readSeen, writeSeen } from './seen-release.ts';
import { unpackFile } from './tar.ts';

export interface UpdateOptions {
  readonly broker?: string;
  readonly check?: boolean;
  readonly json?: boolean;
}

/** What the build put in. */
export interface Build {
  readonly version: string;
  readonly keys: readonly string[];
}

const lockTimeoutMs = 5_000;

/** @throws CliError failed, usage, network, busy */
export async function update(
  context: CliContext,
  options: UpdateOptions,
  build: Build = { version: ownVersion(), keys: releaseKeys() },
): Promise<void> {
  const broker = brokerOf(context, options.broker);
  if (build.keys.length === 0) {
    const how = 'install a new version as you installed this one';
    throw new CliError('failed', `this rolegate was built without a release key and cannot verify updates: ${how}`);
  }
  requireOwnHome(context, context.argv0.at(-1)!, broker);
  await withLock(context, 'update', lockTimeoutMs, async () => {
    const installation = await findInstallation(context);
    const release = await fetchRelease(context, broker, build.keys);
    requireNoDowngrade(context, broker, build.version, release.version);
    const isNewer = isNewerVersion(release.version, build.version);
    const { manager } = installation;
    if (isNewer && options.check !== true) {
      if (manager) {
        const why = `rolegate ${release.version} is available, and ${manager.name} installed this one`;
        throw new CliError('failed', `${why}: run \`${manager.command}\``);
      }
      await install(context, broker, installation, release);
    }
    report(context, options, { release, installation, from: build.version, isNewer });
  });
}

/** Against old releases with their valid signatures. @throws CliError failed */
function requireNoDowngrade(context: CliContext, broker: string, own: string, offered: string): void {
  const { newest = own } = readSeen(context);
  const known = isNewerVersion(newest, own) ? newest : own;
  if (isNewerVersion(known, offered)) {
    const what = known === own ? `this is ${own}` : `${known} was offered before`;
    throw new CliError('failed', `${new URL(broker).host} offers rolegate ${offered}, and ${what}: not installed`);
  }
  writeSeen(context, { newest: offered });
}

async function install(context: CliContext, broker: string, installation: Installation, release: Release) {
  const { kind, file } = installation;
  requireWritableFolder(context, file, broker);
  const found = fileFor(context, kind, release);
  const downloaded = await fetchFile(context, broker, found);
  const name = context.platform === 'win32' ? 'rolegate.exe' : 'rolegate';
  const content = kind === 'script' ? downloaded : unpackFile(downloaded, name);
  await replaceFile(context, { file, content, broker }, async (temporary) => {
    // macOS starts no arm64 program without a signature; one of the machine's own does.
    if (context.platform === 'darwin' && kind === 'executable') {
      await run(context, ['/usr/bin/codesign', '--force', '--sign', '-', temporary]);
    }
    const runtime = kind === 'script' ? context.argv0.slice(0, -1) : [];
    const said = await run(context, [...runtime, temporary, '--version']);
    if (said.trim() === release.version) return;
    throw new CliError(
      'failed',
      `${found.name} says that it is ${said.trim()}, not ${release.version}: nothing was changed`,
    );
  });
}

/** @throws CliError failed */
function fileFor({ platform }: CliContext, kind: Installation['kind'], { version, files }: Release): ReleaseFile {
  const wanted = kind === 'script' ? 'any' : `${platform}-${process.arch}`;
  const format = kind === 'script' ? 'script' : 'tar.gz';
  const found = files.find((file) => file.platform === wanted && file.format === format);
  if (found) return found;
  const what = kind === 'script' ? 'script for Node' : `executable for ${wanted}`;
  throw new CliError('failed', `rolegate ${version} has no ${what}: nothing was changed`);
}

const startTimeoutMs = 60_000;

/** What it prints. @throws CliError failed */
function run({ env }: CliContext, [program = '', ...words]: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, words, { env: { ...env }, timeout: startTimeoutMs }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const why = stderr.trim().split('\n')[0] || error.message;
      return reject(new CliError('failed', `the new version does not start here (${why}): nothing was changed`));
    });
  });
}

interface Result {
  readonly release: Release;
  readonly installation: Installation;
  readonly from: string;
  readonly isNewer: boolean;
}

function report(context: CliContext, { check, json }: UpdateOptions, result: Result): void {
  const { from, isNewer, release, installation } = result;
  const { version, released } = release;
  const { file, manager } = installation;
  const updated = isNewer && check !== true;
  const command = manager?.command ?? null;
  if (json) {
    print(context, JSON.stringify({ current: from, available: version, released, updated, file, command }, null, 2));
    return;
  }
  const newer = `rolegate ${version} (of ${released}) is available, and this is ${from}`;
  if (!isNewer) say(context, `rolegate ${from} is the newest release (of ${released}).`);
  else if (updated) say(context, `Updated rolegate ${from} to ${version}: ${file}`);
  else say(context, `${newer}: run \`${command ?? 'rolegate update'}\`.`);
}
