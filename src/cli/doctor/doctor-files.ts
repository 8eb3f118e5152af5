// What lies on this machine, for `rolegate doctor`: who may read it, and whether profiles do what they say.
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { brokerFolder, cacheDirectory, configDirectory, stateDirectory } from '../machine/paths.ts';
import { splitWords } from '../processes/command-words.ts';
import { findBlock, readSections } from '../profiles/aws-config.ts';
import { awsFiles, readBytes, readConfig, refuseUtf16 } from '../profiles/aws-config-file.ts';
import { parseProblems } from '../profiles/parse-problems.ts';
import { readProfiles, restoreBlock } from '../profiles/profile-block.ts';
import { shadowedProfiles, shadowingVariables } from '../profiles/shadowing.ts';
import { type Check, failed, ok, warning } from './doctor-check.ts';

/** @param broker undefined where none is known yet */
export function checkFiles(context: CliContext, broker: string | undefined): Check[] {
  const found = shadowingVariables(context.env);
  return [
    checkFolders(context, broker),
    checkModes(context, broker),
    found.length === 0
      ? ok('environment', 'no variable overrides a profile')
      : warning('environment', found.map(({ what }) => what).join('; '), found.map(({ advice }) => advice).join('; ')),
    ...checkNamedProfile(context),
    ...(broker === undefined ? [] : checkProfiles(context, broker)),
  ];
}

/** By writing: a mode does not say it of every file system. */
function checkFolders(context: CliContext, broker: string | undefined): Check {
  const state = stateDirectory(context);
  const ofBroker =
    broker === undefined ? [] : [state, cacheDirectory(context)].map((root) => join(root, brokerFolder(broker)));
  const folders = [configDirectory(context), state, join(state, 'run'), cacheDirectory(context), ...ofBroker];
  const problems = folders.flatMap((folder) => {
    const probe = join(folder, `.doctor.${process.pid}`);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(probe, '', { mode: 0o600, flag: 'wx' });
      rmSync(probe);
      return [];
    } catch (error) {
      return [{ folder, why: (error as NodeJS.ErrnoException).code }];
    }
  });
  if (problems.length === 0) return ok('folders', 'settings, state and cache can be written');
  const [names, one] = [problems.map(({ folder, why }) => `${folder} (${why})`), problems[0]!];
  const advice = `make them yours, for example with \`chmod u+rwx '${one.folder}'\``;
  return failed('folders', `cannot write ${names.join(', ')}`, advice);
}

function checkModes(context: CliContext, broker: string | undefined): Check {
  if (context.platform === 'win32') return ok('file modes', "the system's own rules");
  const secret = [stateDirectory(context), cacheDirectory(context)].flatMap((root) => {
    const folder = broker === undefined ? root : join(root, brokerFolder(broker));
    return !existsSync(folder)
      ? []
      : [folder, ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))];
  });
  const aws = awsFiles(context);
  const open = [...secret, aws.credentials, aws.config].filter((file) => {
    const found = statSync(file, { throwIfNoEntry: false });
    // A folder that AWS_CONFIG_FILE names may be the whole machine's, and /dev/null is.
    if (found === undefined || (!secret.includes(file) && !found.isFile())) return false;
    return (found.mode & 0o077) !== 0;
  });
  const [ours, others] = [open.filter((file) => secret.includes(file)), open.filter((file) => !secret.includes(file))];
  if (ours.length > 0)
    return failed('file modes', `others may read ${ours.join(', ')}`, `chmod -R go= ${ours.join(' ')}`);
  if (others.length > 0)
    return warning('file modes', `others may read ${others.join(', ')}`, `chmod go= ${others.join(' ')}`);
  return ok('file modes', 'readable by you only');
}

/** Every SDK fails where AWS_PROFILE names a profile that is not there. */
function checkNamedProfile(context: CliContext): Check[] {
  const name = context.env['AWS_PROFILE'] || context.env['AWS_DEFAULT_PROFILE'];
  const files = awsFiles(context);
  if (!name || name === 'default') return [];
  try {
    const inConfig = readSections(readBytes(files.config)).some(({ header }) => header === `profile ${name}`);
    const inCredentials = readSections(readBytes(files.credentials)).some(({ header }) => header === name);
    if (inConfig || inCredentials) return [];
    return [
      warning('AWS_PROFILE', `no file has the profile ${name}, so every \`aws\` call fails`, 'unset AWS_PROFILE'),
    ];
  } catch {
    return []; // the check of profiles says why a file cannot be read
  }
}

function checkProfiles(context: CliContext, broker: string): Check[] {
  const files = awsFiles(context);
  try {
    const raw = readConfig(files.config);
    const { before, block, after } = findBlock(restoreBlock(raw, broker), broker);
    const profiles = readProfiles(block);
    const names = new Set(profiles.map(({ name }) => name));
    const texts = { config: `${before}\n${after}`, credentials: readBytes(files.credentials) };
    refuseUtf16(files.credentials, texts.credentials);
    const problems = [
      ...parseProblems(raw).map((problem) => `${files.config}: ${problem}`),
      ...parseProblems(texts.credentials).map((problem) => `${files.credentials}: ${problem}`),
    ];
    const shadows = shadowedProfiles(names, files, texts);
    const commands = profiles.map(({ settings }) => settings.get('credential_process') ?? '');
    return [
      profiles.length === 0 ? ok('profiles', `none in ${files.config}`) : checkCommands(commands),
      ...problems.slice(0, 5).map((problem) => warning('aws files', problem, 'correct that line')),
      ...shadows.map(({ what, advice }) => failed('shadowing', what, advice)),
    ];
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return [failed('profiles', error.message, `look at ${files.config}`)];
  }
}

/** Runtimes and scripts move with updates: the paths in the profiles do not. */
function checkCommands(commands: readonly string[]): Check {
  const paths = new Set(commands.flatMap((command) => splitWords(command.split(' credential-process ')[0]!)));
  const missing = [...paths].filter((path) => /^(\/|[A-Za-z]:\\)/.test(path) && !existsSync(path));
  if (missing.length === 0) return ok('profiles', `${commands.length}, with a command that is there`);
  return failed(
    'profiles',
    `they run a file that no longer exists: ${missing.join(', ')}`,
    'run `rolegate profiles sync`',
  );
}
