// `rolegate export`: credentials as lines for a shell to evaluate, which also unset what would be taken in their place.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Credentials } from '../../wire/api.ts';
import { type CliContext, isTerminal, type Machine, print, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { credentialProcessJson } from './credential-cache.ts';
import {
  credentialNames,
  credentialVariables,
  promptNames,
  promptVariables,
  shadowingVariables,
  type Variables,
} from './credential-variables.ts';
import { obtainCredentials } from './credentials.ts';
import { type RoleOptions, readRoleRequest, type SessionOptions } from './session-options.ts';
import { type Shell, shells } from './shells.ts';

export interface ExportOptions extends SessionOptions, RoleOptions {
  readonly shell?: string;
  readonly json?: true;
  readonly unset?: true;
  readonly prompt?: true;
}

/** @throws CliError */
export async function exportCredentials(
  context: CliContext,
  role: string | undefined,
  options: ExportOptions,
): Promise<void> {
  const named = options.json ? 'json' : options.shell;
  const shell = named === undefined ? detectShell(context, parentProgram(context)) : readShell(named);
  if (options.unset) return print(context, unsetText(shell));
  const isShown = isTerminal(context.stdout);
  try {
    const request = await readRoleRequest(context, role, options);
    const credentials = await obtainCredentials(context, request);
    const prompt = options.prompt ? promptVariables(context, request.broker, credentials) : {};
    const text = exportText(shell, credentials, request.region, prompt);
    if (isShown) say(context, `rolegate: ${howToUse[shell](role ?? 'ROLE')}`);
    print(context, text);
  } catch (error) {
    // A shell that evaluates this goes on after a failure: it must not go on as the role of an earlier export.
    const text = failureText(shell);
    if (text !== '' && !isShown) print(context, text);
    throw error;
  }
}

/** @throws CliError usage */
export function readShell(name: string): Shell {
  const shell = shells.find((each) => each === name);
  if (shell === undefined) throw new CliError('usage', `--shell must be one of ${shells.join(', ')}`);
  return shell;
}

/** Unsets the variables of an export, the region too. @throws CliError usage, if it is not a shell */
function unsetText(shell: Shell): string {
  const { unsetLine }: Partial<Lines> = shell === 'json' ? {} : lines[shell];
  if (unsetLine === undefined) throw new CliError('usage', `--unset needs a shell, which ${shell} is not`);
  const names = [...shadowingVariables, ...credentialNames, ...promptNames, 'AWS_REGION', 'AWS_DEFAULT_REGION'];
  return names.map(unsetLine).join('\n');
}

/** Removes every credential, and makes `eval` fail where it can; nothing for the formats that go into files. */
export function failureText(shell: Shell): string {
  const { unsetLine, failLine }: Partial<Lines> = shell === 'json' ? {} : lines[shell];
  const unset =
    unsetLine === undefined ? [] : [...shadowingVariables, ...credentialNames, ...promptNames].map(unsetLine);
  return [...unset, ...(failLine === undefined ? [] : [failLine])].join('\n');
}

/**
 * The parent process, where it is a shell. Otherwise a guess: SHELL is the person's login shell, not the current one, and
 * PSModulePath is set by PowerShell only.
 */
export function detectShell({ env, platform }: Machine, parent?: string): Shell {
  const running = /^-?(bash|zsh|fish|pwsh)$/.exec(parent ?? '')?.[1] as Shell | undefined;
  if (running !== undefined) return running;
  const named = /(bash|zsh|fish|pwsh)(?:\.exe)?$/.exec(env['SHELL'] ?? '')?.[1] as Shell | undefined;
  const modulePaths = (env['PSModulePath'] ?? '').split(platform === 'win32' ? ';' : ':').filter(Boolean);
  if (platform !== 'win32') return modulePaths.length > 0 ? 'pwsh' : (named ?? 'bash');
  // On Windows every process has those of the machine.
  return named ?? (modulePaths.length > 2 ? 'pwsh' : 'cmd');
}

/** Name of the program that started this one; undefined where the system does not say. */
function parentProgram({ platform }: Machine): string | undefined {
  try {
    if (platform === 'linux') return readFileSync(`/proc/${process.ppid}/comm`, 'utf8').trim();
    if (platform !== 'darwin') return undefined;
    return basename(execFileSync('/bin/ps', ['-p', String(process.ppid), '-o', 'comm='], { encoding: 'utf8' }).trim());
  } catch {
    return undefined;
  }
}

/** @throws CliError failed, for values that a shell could read as more than text */
export function exportText(
  shell: Shell,
  credentials: Credentials,
  region: string | undefined,
  prompt: Variables = {},
): string {
  if (shell === 'json') return credentialProcessJson(credentials);
  const { unsetLine } = lines[shell];
  const unset = unsetLine === undefined ? [] : shadowingVariables.map(unsetLine);
  return [...unset, assignments(shell, { ...credentialVariables(credentials, region), ...prompt })].join('\n');
}

/** @throws CliError failed, for values that a shell could read as more than text; usage, for JSON */
export function assignments(shell: Shell, set: Variables): string {
  if (shell === 'json') throw new CliError('usage', '--shell json is for `export`: give --json');
  const odd = Object.entries(set).find(([, value]) => !/^[\w+/=.:@,-]+$/.test(value));
  if (odd) throw new CliError('failed', `the broker's ${odd[0]} has signs that no credential has`);
  const { setLine } = lines[shell];
  return Object.entries(set)
    .map(([name, value]) => setLine(name, value))
    .join('\n');
}

interface Lines {
  readonly setLine: (name: string, value: string) => string;
  /** A file of variables cannot unset any. */
  readonly unsetLine?: (name: string) => string;
  /** The exit code of `eval` is that of the last line. */
  readonly failLine?: string;
}

// Each with its own end: an unquoted `eval $(…)` makes one line of all.
const posix: Lines = {
  setLine: (name, value) => `export ${name}='${value}';`,
  unsetLine: (name) => `unset ${name};`,
  failLine: 'false;',
};
const lines: Readonly<Record<Exclude<Shell, 'json'>, Lines>> = {
  bash: posix,
  zsh: posix,
  fish: {
    setLine: (name, value) => `set -gx ${name} '${value}';`,
    unsetLine: (name) => `set -e ${name};`,
    failLine: 'false;',
  },
  pwsh: {
    setLine: (name, value) => `$Env:${name} = '${value}'`,
    unsetLine: (name) => `Remove-Item -ErrorAction SilentlyContinue Env:${name}`,
  },
  cmd: { setLine: (name, value) => `set "${name}=${value}"`, unsetLine: (name) => `set "${name}="` },
  env: { setLine: (name, value) => `${name}=${value}` },
};

const howToUse: Readonly<Record<Shell, (role: string) => string>> = {
  bash: (role) => `to use them: eval "$(rolegate export ${role})"`,
  zsh: (role) => `to use them: eval "$(rolegate export ${role})"`,
  fish: (role) => `to use them: rolegate export ${role} --shell fish | source`,
  pwsh: (role) => `to use them: rolegate export ${role} --shell pwsh | Out-String | Invoke-Expression`,
  cmd: (role) => `to use them: for /f "delims=" %i in ('rolegate export ${role} --shell cmd') do @%i`,
  env: () => 'these lines are secret: keep the file to yourself',
  json: () => 'this is secret: keep it to yourself',
};
