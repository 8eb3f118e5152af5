// The machine itself, for `rolegate doctor`: versions, PATH, a place for the browser to come back to.
import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, isAbsolute, join } from 'node:path';
import { hasBrowser } from '../machine/browser.ts';
import type { CliContext } from '../machine/context.ts';
import { ownVersion } from '../machine/version.ts';
import { type Check, failed, ok, warning } from './doctor-check.ts';

export async function checkMachine(context: CliContext): Promise<Check[]> {
  return [
    ok('version', `rolegate ${ownVersion()}`),
    checkNode(),
    checkPath(context),
    await checkAwsCli(context),
    await checkLoopback(),
    checkBrowser(context),
  ];
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) return failed('node', process.version, 'use Node 20.19 or newer');
  return major < 22
    ? warning('node', `${process.version} is past its end of life`, 'use Node 24')
    : ok('node', process.version);
}

function checkPath(context: CliContext): Check {
  const [first, ...others] = findInPath(context, 'rolegate');
  if (first === undefined) return warning('path', 'no rolegate in PATH', 'add its directory; profiles work without');
  if (others.length === 0) return ok('path', first);
  return warning('path', `${first} hides ${others.join(', ')}`, 'keep one of them');
}

function findInPath({ env, platform }: CliContext, name: string): string[] {
  const endings = platform === 'win32' ? ['.exe', '.cmd', '.bat', ''] : [''];
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter(Boolean);
  const files = folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending)));
  return [...new Set(files)].filter(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

const awsTimeoutMs = 10_000;

async function checkAwsCli(context: CliContext): Promise<Check> {
  const [aws] = findInPath(context, 'aws');
  if (aws === undefined) return ok('aws cli', 'not installed');
  const said = await new Promise<string>((resolve) => {
    const options = { env: { ...context.env }, timeout: awsTimeoutMs };
    execFile(aws, ['--version'], options, (_, stdout, stderr) => resolve(`${stdout}${stderr}`));
  });
  const version = /aws-cli\/\S+/.exec(said)?.[0];
  return version ? ok('aws cli', version) : warning('aws cli', `${aws} does not say its version`, 'install it again');
}

/** RFC 8252 §7.3: the browser brings the code to a loopback port that the command opens. */
function checkLoopback(): Promise<Check> {
  const attempt = (host: string) =>
    new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(0, host, () => server.close(() => resolve(true)));
    });
  return attempt('127.0.0.1').then(async (works) => {
    if (works || (await attempt('::1'))) return ok('loopback', `${works ? '127.0.0.1' : '[::1]'} can be listened on`);
    return failed(
      'loopback',
      'no port of 127.0.0.1 or [::1] can be listened on',
      'sign in with `rolegate login --remote`',
    );
  });
}

function checkBrowser(context: CliContext): Check {
  const [program = ''] = (context.env['BROWSER'] ?? '').match(/"[^"]*"|\S+/g) ?? [];
  const name = program.replace(/^"(.*)"$/, '$1');
  const isThere = isAbsolute(name) ? isExecutable(name) : findInPath(context, name).length > 0;
  if (name !== '' && !isThere)
    return warning('browser', `BROWSER names ${name}, which is not found`, 'correct or unset it');
  if (hasBrowser(context)) return ok('browser', context.env['BROWSER'] ?? "the system's own");
  return warning('browser', 'none on this side', 'sign in with `rolegate login --remote`, or set BROWSER');
}
