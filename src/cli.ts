#!/usr/bin/env node
// Entry of `rolegate`, the command for people. It talks to the broker over HTTP and knows nothing of its inside. What the
// cache can answer is answered first, with hardly a module loaded; everything else is loaded after that.
import { answerFromCache, plainKey } from './cli/credentials/cached-answer.ts';
import type { Host } from './cli/machine/context.ts';
import { exitCodes, failureText } from './cli/machine/errors.ts';
import { partFor } from './cli/part.ts';
import { plainOutput } from './cli/plain-output.ts';
import { systemClock } from './clock.ts';

/** Set by the build of an executable, which is runtime and script in one. */
declare const ROLEGATE_IS_EXECUTABLE: true | undefined;

const { env, platform, argv } = process;
// The variable is what node:os looks at first; loading that module costs as much as reading the cache.
const homeVariable = platform === 'win32' ? env['USERPROFILE'] : env['HOME'];
const machine = { env, platform, homeDirectory: homeVariable || process.getBuiltinModule('node:os').homedir() };

// A full disk under standard output, for one: a sentence in place of a stack.
process.once('uncaughtException', (error) => {
  process.stderr.write(`rolegate: ${failureText(error)}\n`);
  process.exit(exitCodes.failed);
});

// At once: leaving it to Node.js takes longer.
if (answerFromCache(machine, argv.slice(2), systemClock, 1)) process.exit();
void run();

async function run(): Promise<void> {
  if (plainKey(machine, argv.slice(2))) {
    const { answerAfterAnother } = await import('./cli/credentials/shared-answer.ts');
    if (await answerAfterAnother(machine, argv.slice(2), systemClock, 1)) return;
  }
  const { runCommand } = await import('./cli/main.ts');
  const { execPath, execArgv } = process;
  const script = typeof ROLEGATE_IS_EXECUTABLE === 'undefined' ? [...execArgv, argv[1] ?? ''] : [];
  const argv0 = [execPath, ...script];
  const streams = partFor(argv.slice(2)) === 'light' ? outputsAlone() : allStreams();
  const { code, signal } = await runCommand({ ...machine, argv0, ...streams }, argv.slice(2));
  if (signal) process.kill(process.pid, signal);
  process.exitCode = code;
}

type Streams = Pick<Host, 'stdin' | 'stdout' | 'stderr' | 'terminalDevice' | 'isInteractive'>;

function allStreams(): Streams {
  const { stdin, stdout, stderr } = process;
  const isInteractive = stdin.isTTY && stderr.isTTY && !env['ROLEGATE_NO_INTERACTIVE'] && !env['CI'];
  const terminalDevice = stderr.isTTY ? undefined : platform === 'win32' ? '\\\\.\\CONOUT$' : '/dev/tty';
  // `rolegate roles | head`: a reader may close the pipe early; that is not an error.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return { stdin, stdout, stderr, terminalDevice, isInteractive };
}

/** Commands of the light part read nothing, ask nothing, and only write. */
function outputsAlone(): Streams {
  const [stdout, stderr] = [plainOutput(1), plainOutput(2)];
  return stdout && stderr ? ({ stdout, stderr, isInteractive: false } as unknown as Streams) : allStreams();
}
