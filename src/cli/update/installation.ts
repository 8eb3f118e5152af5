// Which file this command runs from, and who put it there: what a package manager installed, it has to update.
import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CliContext } from '../machine/context.ts';

export interface Installation {
  readonly kind: 'script' | 'executable';
  /** Without links. */
  readonly file: string;
  readonly manager: PackageManager | undefined;
}

interface PackageManager {
  readonly name: string;
  /** What updates it there. */
  readonly command: string;
}

export async function findInstallation(context: CliContext): Promise<Installation> {
  const { argv0 } = context;
  const file = realpathSync(argv0.at(-1)!);
  const manager = managerByPath(file) ?? (await systemManager(context, file));
  return { kind: argv0.length > 1 ? 'script' : 'executable', file, manager };
}

function managerByPath(file: string): PackageManager | undefined {
  const path = file.replaceAll('\\', '/');
  if (/\/Cellar\/[^/]+\//.test(path)) return { name: 'Homebrew', command: 'brew upgrade rolegate' };
  if (/\/scoop\/apps\/[^/]+\//i.test(path)) return { name: 'Scoop', command: 'scoop update rolegate' };
  // Never by its name: a public registry may have another package of that name.
  if (/\/node_modules\/rolegate\//.test(path)) return { name: 'npm', command: 'npm install -g NEW-PACKAGE-FILE' };
  // A checkout, or the broker itself: `npm i -g` of a checkout links there.
  if (existsSync(join(dirname(file), 'server.js'))) return { name: 'a checkout', command: 'git pull && npm run build' };
  return undefined;
}

const askTimeoutMs = 10_000;

/** Where files below /usr come from, the system's package managers know. */
async function systemManager(context: CliContext, file: string): Promise<PackageManager | undefined> {
  if (context.platform !== 'linux' || !/^\/(usr|opt)\/(?!local\/)/.test(file)) return undefined;
  // `rolegate: /usr/bin/rolegate`; `rolegate:arm64: …` where packages of several architectures are installed.
  const [, debian] = /^([a-z0-9][a-z0-9+.-]*)(?::\w+)?: /.exec((await ask(context, 'dpkg', ['-S', file])) ?? '') ?? [];
  if (debian !== undefined) {
    return { name: 'dpkg', command: `sudo apt-get update && sudo apt-get install --only-upgrade ${debian}` };
  }
  const rpm = await ask(context, 'rpm', ['-qf', '--queryformat', '%{NAME}', file]);
  const isName = rpm !== undefined && /^[A-Za-z0-9][\w+.-]*$/.test(rpm);
  return isName ? { name: 'rpm', command: `sudo dnf upgrade ${rpm}` } : undefined;
}

/** What the program prints; undefined if it is not there or does not know the file. */
function ask({ env }: CliContext, program: string, words: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, words, { env: { ...env, LC_ALL: 'C' }, timeout: askTimeoutMs }, (error, stdout) =>
      resolve(error ? undefined : stdout),
    );
  });
}
