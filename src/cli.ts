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

// `rolegate roles | head`: whoever reads may stop, and that is no mistake.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exitCodes.ok);
});

try {
  await runProgram(context, argv.slice(2));
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  const { message, code } = error as { message?: string; code?: string };
  if (code?.startsWith('commander.')) {
    // It has printed what was wrong with the words; help and version are no mistake.
    return (error as { exitCode?: number }).exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
  stderr.write(`rolegate: ${message}\n`);
  return error instanceof CliError ? exitCodes[error.exit] : exitCodes.failed;
}
