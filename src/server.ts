#!/usr/bin/env node
// Entry of `rolegate-server`. The only file of the server that exits the process.
import { setFlagsFromString } from 'node:v8';
import type { ServerContext } from './admin/context.ts';
import { systemClock } from './clock.ts';
import { systemRandom } from './random.ts';

// Loading modules makes much garbage, for which V8 would grow the young generation by 20 MB and keep it. From `started` on
// it grows with the load, as usual.
setFlagsFromString('--semi-space-growth-factor=1');

// A server is asked by SIGHUP to read its configuration again. While it still starts, the signal would end it.
let hangups = 0;
const countHangup = () => {
  hangups++;
};
if (process.argv[2] === 'start') process.on('SIGHUP', countHangup);

const context: ServerContext = {
  clock: systemClock,
  random: systemRandom,
  load: async ({ config }, more) => {
    const { loadConfig } = await import('./config/load.ts');
    return loadConfig(config, process.env, systemClock.now(), more);
  },
  loadChanged: async (file, running) => {
    const { loadLive } = await import('./config/live/load-live.ts');
    return loadLive(running, file, { env: process.env, now: systemClock.now() });
  },
  watch: async (file, onChange) => {
    const { watchFiles } = await import('./config/live/watch.ts');
    const { watchedBy } = await import('./config/load.ts');
    return watchFiles({ list: () => watchedBy(file, process.env, systemClock.now()), onChange });
  },
  onHangup: (act) => {
    process.on('SIGHUP', act).off('SIGHUP', countHangup);
    if (hangups > 0) act();
  },
  stdout: process.stdout,
  stderr: process.stderr,
  confirm: process.stdin.isTTY
    ? async (question) => {
        const { createInterface } = await import('node:readline/promises');
        const lines = createInterface({ input: process.stdin, output: process.stderr });
        const answer = await lines.question(`${question} Type yes: `);
        lines.close();
        return answer.trim() === 'yes';
      }
    : undefined,
  fail: () => {
    process.exitCode = 1;
  },
  started: () => setFlagsFromString('--semi-space-growth-factor=2'),
  exit: (error) => {
    if (error) process.stderr.write(`rolegate-server: ${error.message}\n`);
    process.exit(error ? 1 : 0);
  },
};

const { runServerProgram } = await import('./admin/program.ts');
await runServerProgram(context).catch(context.exit);
