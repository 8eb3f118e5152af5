#!/usr/bin/env node
// Entry of `rolegate`, the command for people. It talks to the broker over HTTP and knows nothing of its inside. What the
// cache can answer is answered first, with hardly a module loaded; everything else is loaded after that.
import { homedir } from 'node:os';
import { answerFromCache, plainKey } from './cli/credentials/cached-answer.ts';
import { exitCodes, failureText } from './cli/machine/errors.ts';
import { systemClock } from './clock.ts';

/** Set by the build of an executable, which is runtime and script in one. */
declare const ROLEGATE_IS_EXECUTABLE: true | undefined;

const { env, platform, argv } = process;
const machine = { env, platform, homeDirectory: homedir() };

// A full disk under standard output, for one: a sentence in place of a stack.
process.once('uncaughtException', (error) => {
  process.stderr.write(`rolegate: ${failureText(error)}\n`);
  process.exit(exitCodes.failed);
});

if (!answerFromCache(machine, argv.slice(2), systemClock, 1)) void run();

async function run(): Promise<void> {
  if (plainKey(machine, argv.slice(2))) {
    const { answerAfterAnother } = await import('./cli/credentials/shared-answer.ts');
    if (await answerAfterAnother(machine, argv.slice(2), systemClock, 1)) return;
  }
  const { runCommand } = await import('./cli/main.ts');
  const { stdin, stdout, stderr, execPath, execArgv } = process;
  const isInteractive = stdin.isTTY && stderr.isTTY && !env['ROLEGATE_NO_INTERACTIVE'] && !env['CI'];
  const terminalDevice = stderr.isTTY ? undefined : platform === 'win32' ? '\\\\.\\CONOUT$' : '/dev/tty';
  const script = typeof ROLEGATE_IS_EXECUTABLE === 'undefined' ? [...execArgv, argv[1] ?? ''] : [];
  const argv0 = [execPath, ...script];
  const host = { ...machine, argv0, stdin, stdout, stderr, terminalDevice, isInteractive };
  // `rolegate roles | head`: a reader may close the pipe early; that is not an error.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const { code, signal } = await runCommand(host, argv.slice(2));
  if (signal) process.kill(process.pid, signal);
  process.exitCode = code;
}
