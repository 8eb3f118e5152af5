// The machine itself, for `rolegate doctor`: versions, PATH, a place for the browser to come back to.
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { isAbsolute } from 'node:path';
import type { CliContext } from '../machine/context.ts';
import { ownVersion } from '../machine/version.ts';
import { hasBrowser } from '../processes/browser.ts';
import { splitWords } from '../processes/command-words.ts';
import { findPrograms, isExecutable } from '../processes/find-program.ts';
import { startOf } from '../processes/start.ts';
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
  const [first, ...others] = findPrograms(context, 'rolegate');
  if (first === undefined) return warning('path', 'no rolegate in PATH', 'add its directory; profiles work without');
  if (others.length === 0) return ok('path', first);
  return warning('path', `${first} hides ${others.join(', ')}`, 'keep one of them');
}

const awsTimeoutMs = 10_000;

async function checkAwsCli(context: CliContext): Promise<Check> {
  const [aws] = findPrograms(context, 'aws');
  if (aws === undefined) return ok('aws cli', 'not installed');
  const said = await new Promise<string>((resolve) => {
    const { file, args, options } = startOf(context, aws, ['--version'])!;
    execFile(file, args, { ...options, env: { ...context.env }, timeout: awsTimeoutMs }, (_, stdout, stderr) =>
      resolve(`${stdout}${stderr}`),
    );
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
  const [name = ''] = splitWords(context.env['BROWSER'] ?? '');
  const isThere = isAbsolute(name) ? isExecutable(name) : findPrograms(context, name).length > 0;
  if (name !== '' && !isThere)
    return warning('browser', `BROWSER names ${name}, which is not found`, 'correct or unset it');
  if (hasBrowser(context)) return ok('browser', context.env['BROWSER'] ?? "the system's own");
  return warning('browser', 'none on this side', 'sign in with `rolegate login --remote`, or set BROWSER');
}
