// Subject `memory`: resident memory of an idle process, against a bare HTTP server.
import { join } from 'node:path';
import { residentMb } from '../lib/cpu.ts';
import { freePort, sleep, startOwn } from '../lib/processes.ts';
import { spread, times } from '../lib/report.ts';
import { startRolegate } from '../lib/rolegate.ts';
import { interleave, median, ratio } from '../lib/rounds.ts';
import type { Bench, Section, Subject } from '../lib/subject.ts';

const idleMs = 3000;
const limitMb = 95;

export const memory: Subject = { name: 'memory', title: 'Memory of an idle process', run };

async function run(bench: Bench): Promise<Section> {
  const candidates = [
    { name: 'bare node:http server', measure: () => measureBare(bench) },
    { name: 'Rolegate', measure: () => measureRolegate(bench) },
  ];
  const measured = await interleave(candidates, Math.min(bench.rounds, 3));
  const [bare, rolegate] = [measured[0]!, measured[1]!];
  return {
    tables: [
      {
        head: ['Idle', 'resident MB, median (quartiles)', '× bare'],
        rows: [
          [bare.name, spread(bare), '1×'],
          [`**${rolegate.name}**`, spread(rolegate), times(ratio(rolegate, bare))],
        ],
      },
    ],
    figures: [{ name: 'resident memory, idle', value: median(rolegate.values), limit: limitMb, unit: ' MB' }],
  };
}

async function measureRolegate(bench: Bench): Promise<number> {
  const rolegate = await startRolegate(bench);
  await sleep(idleMs);
  const resident = residentMb(rolegate.program.pid);
  await rolegate.close();
  return resident;
}

async function measureBare(bench: Bench): Promise<number> {
  const port = await freePort();
  const logFile = join(bench.folder('bare'), 'log');
  const program = await startOwn('bare-server', {
    args: [String(port)],
    logFile,
    readyUrl: `http://127.0.0.1:${port}/`,
  });
  await sleep(idleMs);
  const resident = residentMb(program.pid);
  await program.stop();
  return resident;
}
