// Subject `cli`: what starting the command costs, against Node.js itself and the AWS CLI.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { writeCached } from '../../src/cli/credentials/credential-cache.ts';
import { startTestDemo } from '../../test/app/support/demo.ts';
import { findOnPath } from '../../test/support/parts/find-part.mjs';
import { logIn } from '../lib/cli-session.ts';
import { root } from '../lib/processes.ts';
import { chartOf, noiseNotes, number, spread, times } from '../lib/report.ts';
import { interleave, median, ratio } from '../lib/rounds.ts';
import type { Bench, Section, Subject } from '../lib/subject.ts';

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
  // In this process: only the CPU of the command counts.
  const demo = await startTestDemo();
  try {
    await logIn(script, folder, demo.brokerUrl);
    return await measure(bench, script, folder, demo.brokerUrl);
  } finally {
    await demo.close();
  }
}

async function measure(bench: Bench, script: string, home: string, broker: string): Promise<Section> {
  const own = (...words: string[]) => [process.execPath, script, ...words];
  const credentials = own('credential-process', '--role', roleArn, '--broker', broker);
  const programs: [name: string, command: readonly string[], cachedSeconds?: number][] = [
    ['node -e 0', [process.execPath, '-e', '0']],
    ['credential-process, cached', credentials, 3600],
    ['credential-process, cold, over http', credentials, 0],
    ['rolegate version', own('version')],
    ['rolegate status', own('status')],
    ['rolegate complete (Tab)', own('complete', '--', 'exec', '--role', 'pay')],
    ['rolegate --help', own('--help')],
  ];
  if (findOnPath('aws')) programs.push(['aws --version', ['aws', '--version']]);
  const wall = new Map<string, number[]>();
  const candidates = programs.map(([name, command, cachedSeconds]) => ({
    name,
    measure: async () => {
      if (cachedSeconds !== undefined) fillCache(home, broker, cachedSeconds);
      const { cpuMs, wallMs } = await start(command, { HOME: home, ROLEGATE_URL: broker });
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
      { name: 'credential-process, cached ÷ node -e 0', value: ratio(measured[1]!, node!), limit: 1.15 },
      { name: 'credential-process, cold, over http ÷ node -e 0', value: ratio(measured[2]!, node!), limit: 5 },
      { name: 'rolegate version ÷ node -e 0', value: ratio(measured[3]!, node!), limit: 2 },
      { name: 'rolegate status ÷ node -e 0', value: ratio(measured[4]!, node!), limit: 2 },
      { name: 'rolegate complete ÷ node -e 0', value: ratio(measured[5]!, node!), limit: 2 },
    ],
    notes: noiseNotes([column]),
  };
}

/** One start: bash's `time` knows the CPU of a child, Node.js does not. */
async function start(
  command: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<{ cpuMs: number; wallMs: number }> {
  const timed = 'TIMEFORMAT="%U %S"; time "$@" >/dev/null 2>"$HOME/errors"';
  const before = performance.now();
  const child = spawn('bash', ['-c', timed, 'bash', ...command], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'], ...variables },
  });
  const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  const wallMs = performance.now() - before;
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}`);
  const [user = Number.NaN, system = Number.NaN] = stderr.trim().split(' ').map(Number);
  return { cpuMs: (user + system) * 1000, wallMs };
}

/** With credentials that last so long; 0: they have expired. */
function fillCache(homeDirectory: string, broker: string, seconds: number): void {
  const credentials = {
    Version: 1,
    AccessKeyId: 'ASIAEXAMPLE',
    SecretAccessKey: 's'.repeat(40),
    // As long as those of STS.
    SessionToken: 't'.repeat(1200),
    Expiration: new Date(performance.timeOrigin + performance.now() + seconds * 1000).toISOString(),
    RoleArn: roleArn,
    AssumedRoleArn: 'arn:aws:sts::444455556666:assumed-role/Developer/alice',
    DurationSeconds: 3600,
    DurationLimitedBy: 'rule',
  } as const;
  writeCached({ env: {}, platform: process.platform, homeDirectory }, { broker, roleArn }, credentials);
}
