#!/usr/bin/env node
// Entry of `rolegate`, the command for people. It talks to the broker over HTTP and knows nothing of its inside.
import { homedir } from 'node:os';
import type { CliContext } from './cli/context.ts';
import { CliError, exitCodes } from './cli/errors.ts';
import { runProgram } from './cli/program.ts';
import { systemClock } from './clock.ts';
import { systemRandom } from './random.ts';

const { env, platform, stdin, stdout, stderr, argv, execPath, execArgv } = process;
const context: CliContext = {
  env,
  platform,
  homeDirectory: homedir(),
  commandLine: [execPath, ...execArgv, argv[1] ?? ''],
  stdin,
  stdout,
  stderr,
  isInteractive: stdin.isTTY && stderr.isTTY && !env['ROLEGATE_NO_INTERACTIVE'] && !env['CI'],
  clock: systemClock,
  random: systemRandom,
};

try {
  await runProgram(context, argv.slice(2));
} catch (error) {
  // commander has printed what was wrong with the words; help is no mistake.
  const { exitCode, code, message } = error as { exitCode?: number; code?: string; message?: string };
  if (!code?.startsWith('commander.')) stderr.write(`rolegate: ${message}\n`);
  if (error instanceof CliError) process.exitCode = exitCodes[error.exit];
  else process.exitCode = exitCode === 0 ? exitCodes.ok : code ? exitCodes.usage : exitCodes.failed;
}
