// Subject `cli`: what starting the command costs, against Node.js itself and the AWS CLI.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { writeCached } from '../../src/cli/credentials/credential-cache.ts';
import { findOnPath } from '../../test/support/parts/find-part.mjs';
import { root } from '../lib/processes.ts';
import { chartOf, noiseNotes, number, spread, times } from '../lib/report.ts';
import { interleave, median, ratio } from '../lib/rounds.ts';
import type { Bench, Section, Subject } from '../lib/subject.ts';

const broker = 'https://aws.example.com';
const roleArn = 'arn:aws:iam::444455556666:role/Developer';
/** Starts are cheap, and vary. */
const repeats = 4;

export const cli: Subject = { name: 'cli', title: 'Command line', run };

async function run(bench: Bench): Promise<Section> {
  const folder = bench.folder('cli');
  const { buildCli } = (await import(new URL('../../deploy/build-cli.mjs', import.meta.url).href)) as {
    buildCli: (root: string, folder: string) => Promise<void>;
  };
  await buildCli(root, folder);
  const script = join(folder, 'rolegate.cjs');
  fillCache(folder);
  const programs: [name: string, command: readonly string[]][] = [
    ['node -e 0', [process.execPath, '-e', '0']],
    [
      'credential-process, cached',
      [process.execPath, script, 'credential-process', '--role', roleArn, '--broker', broker],
    ],
    ['rolegate version', [process.execPath, script, 'version']],
    ['rolegate complete (Tab)', [process.execPath, script, 'complete', '--', 'exec', '--role', 'pay']],
    ['rolegate --help', [process.execPath, script, '--help']],
  ];
  if (findOnPath('aws')) programs.push(['aws --version', ['aws', '--version']]);
  const wall = new Map<string, number[]>();
  const candidates = programs.map(([name, command]) => ({
    name,
    measure: async () => {
      const { cpuMs, wallMs } = start(command, folder);
      wall.set(name, [...(wall.get(name) ?? []), wallMs]);
      return cpuMs;
    },
  }));
  const measured = await interleave(candidates, bench.rounds * repeats);
  const [node] = measured;
  const column = { label: 'start', measured };
  return {
    tables: [
      {
        head: ['Program', 'ms CPU, median (quartiles)', '× node -e 0', 'ms wall', 'least ms wall'],
        rows: measured.map((each) => {
          const wallMs = wall.get(each.name)!;
          return [
            each.name,
            spread(each),
            times(ratio(each, node!)),
            number(median(wallMs)),
            number(Math.min(...wallMs)),
          ];
        }),
      },
    ],
    charts: [chartOf('cli', 'CPU for starting a command', 'ms', [column])],
    figures: [
      { name: 'credential-process, cached ÷ node -e 0', value: ratio(measured[1]!, node!), limit: 1.2 },
      { name: 'rolegate version ÷ node -e 0', value: ratio(measured[2]!, node!), limit: 2.3 },
    ],
    notes: noiseNotes([column]),
  };
}

/** One start: bash's `time` knows the CPU of a child, Node.js does not. */
function start(command: readonly string[], home: string): { cpuMs: number; wallMs: number } {
  const timed = 'TIMEFORMAT="%U %S"; time "$@" >/dev/null 2>"$HOME/errors"';
  const env = { PATH: process.env['PATH'], HOME: home };
  const before = performance.now();
  const { status, stderr } = spawnSync('bash', ['-c', timed, 'bash', ...command], { env, encoding: 'utf8' });
  const wallMs = performance.now() - before;
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}`);
  const [user = Number.NaN, system = Number.NaN] = stderr.trim().split(' ').map(Number);
  return { cpuMs: (user + system) * 1000, wallMs };
}

function fillCache(home: string): void {
  const credentials = {
    Version: 1,
    AccessKeyId: 'ASIAEXAMPLE',
    SecretAccessKey: 's'.repeat(40),
    // As long as those of STS.
    SessionToken: 't'.repeat(1200),
    Expiration: new Date(performance.timeOrigin + 3_600_000).toISOString(),
    RoleArn: roleArn,
    AssumedRoleArn: 'arn:aws:sts::444455556666:assumed-role/Developer/alice',
    DurationSeconds: 3600,
    DurationLimitedBy: 'rule',
  } as const;
  writeCached({ env: {}, platform: process.platform, homeDirectory: home }, { broker, roleArn }, credentials);
}
