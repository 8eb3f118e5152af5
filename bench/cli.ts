// `npm run bench:cli`: what starting the command costs, against Node itself and the AWS CLI, taken turn by turn in one run.
// The ratios are the result; the figures move with the machine.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeCached } from '../src/cli/credentials/credential-cache.ts';

const rounds = 25;
const root = fileURLToPath(new URL('..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'rolegate-bench-'));
const script = join(work, 'rolegate.cjs');
const broker = 'https://aws.example.com';
const roleArn = 'arn:aws:iam::444455556666:role/Developer';

const { buildCli } = (await import(new URL('../deploy/build-cli.mjs', import.meta.url).href)) as {
  buildCli: (root: string, folder: string) => Promise<void>;
};
await buildCli(root, work);
writeCached(
  { env: {}, platform: process.platform, homeDirectory: work },
  { broker, roleArn },
  {
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
  },
);

const programs: Readonly<Record<string, readonly [string, ...string[]]>> = {
  'node -e 0': [process.execPath, '-e', '0'],
  'credential-process, cached': [
    process.execPath,
    script,
    ...['credential-process', '--role', roleArn, '--broker', broker],
  ],
  'rolegate version': [process.execPath, script, 'version'],
  'aws --version': ['aws', '--version'],
};

const times = new Map<string, number[]>();
for (let round = 0; round < rounds; round++) {
  for (const [name, [program, ...args]] of Object.entries(programs)) {
    const before = performance.now();
    const { status } = spawnSync(program, args, { env: { PATH: process.env['PATH'], HOME: work } });
    if (status === 0) times.set(name, [...(times.get(name) ?? []), performance.now() - before]);
  }
}
rmSync(work, { recursive: true, force: true });

const sorted = [...times].map(([name, values]) => ({ name, values: values.sort((a, b) => a - b) }));
const [bare] = sorted.map(({ values }) => values);
const ratio = (a = Number.NaN, b = Number.NaN) => Number((a / b).toFixed(2));
const middle = Math.floor(rounds / 2);
console.log(`Node ${process.version}, ${rounds} rounds`);
console.table(
  sorted.map(({ name, values }) => ({
    program: name,
    'min (ms)': ratio(values[0], 1),
    'median (ms)': ratio(values[middle], 1),
    'x node, min': ratio(values[0], bare?.[0]),
    'x node, median': ratio(values[middle], bare?.[middle]),
  })),
);
