#!/usr/bin/env node
// Entry of `rolegate`, the command for people. It talks to the broker over HTTP and knows nothing of its inside. What the
// cache can answer is answered first, with hardly a module loaded; everything else is loaded after that.
import { homedir } from 'node:os';
import { answerFromCache } from './cli/cached-answer.ts';
import { systemClock } from './clock.ts';

const { env, platform, argv } = process;
const machine = { env, platform, homeDirectory: homedir() };

if (!answerFromCache(machine, argv.slice(2), systemClock, 1)) void run();

async function run(): Promise<void> {
  const [{ runProgram }, { systemRandom }] = await Promise.all([import('./cli/program.ts'), import('./random.ts')]);
  const { stdin, stdout, stderr, execPath, execArgv } = process;
  const isInteractive = stdin.isTTY && stderr.isTTY && !env['ROLEGATE_NO_INTERACTIVE'] && !env['CI'];
  const commandLine = [execPath, ...execArgv, argv[1] ?? ''];
  const world = { stdin, stdout, stderr, clock: systemClock, random: systemRandom };
  try {
    await runProgram({ ...machine, ...world, commandLine, isInteractive }, argv.slice(2));
  } catch (error) {
    await end(error);
  }
}

async function end(error: unknown): Promise<void> {
  const { ChildEndedError, CliError, exitCodes } = await import('./cli/errors.ts');
  if (error instanceof ChildEndedError) {
    // As if the program had been started without us: a shell looks at the signal, not only at the number.
    if (error.signal) process.kill(process.pid, error.signal);
    process.exitCode = error.code;
    return;
  }
  // commander has printed what was wrong with the words; help is no mistake.
  const { exitCode, code, message } = error as { exitCode?: number; code?: string; message?: string };
  if (!code?.startsWith('commander.')) process.stderr.write(`rolegate: ${message}\n`);
  if (error instanceof CliError) process.exitCode = exitCodes[error.exit];
  else process.exitCode = exitCode === 0 ? exitCodes.ok : code ? exitCodes.usage : exitCodes.failed;
}
