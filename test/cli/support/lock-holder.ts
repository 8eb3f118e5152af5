// A process that takes the lock some times, and cries when it was not alone with it: `HOME NAME TIMES [forever]`. With
// `pipe` it prints the name that the lock has on Windows.
import { appendFileSync, closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CliContext } from '../../../src/cli/machine/context.ts';
import { pipeName, withLock } from '../../../src/cli/machine/lock.ts';
import { obtainPipeSecret } from '../../../src/cli/machine/pipe-secret.ts';
import { systemClock } from '../../../src/clock.ts';
import { systemRandom } from '../../../src/random.ts';

const [home = '', name = '', times = '', mode] = process.argv.slice(2);
const { platform, stdin, stdout, stderr } = process;
const context: CliContext = {
  ...{ env: {}, platform, homeDirectory: home, argv0: [], stdin, stdout, stderr, isInteractive: false },
  ...{ clock: systemClock, random: systemRandom },
};

if (mode === 'pipe') stdout.write(pipeName(context, name, obtainPipeSecret(context)));

for (let time = 0; time < Number(times); time++) {
  await withLock(context, name, 30_000, async () => {
    if (mode === 'forever') {
      stdout.write('held\n');
      await sleep(1_000_000);
    }
    const mark = join(home, 'alone');
    closeSync(openSync(mark, 'wx'));
    await sleep(1);
    rmSync(mark);
    appendFileSync(join(home, 'done'), '.');
  });
}
