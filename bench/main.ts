// `npm run bench`: measures all subjects, or those of `--only`, and prints Markdown. See bench/README.md.
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeKeyPair } from '../emulators/keys.ts';
import { startRedis } from '../test/support/redis.ts';
import { writeSection } from './lib/document.ts';
import { createIdp } from './lib/idp.ts';
import { describeMachine } from './lib/machine.ts';
import { markdownSection, markdownTable, meets, verdicts } from './lib/report.ts';
import type { Bench, Section, Subject } from './lib/subject.ts';
import { cli } from './subjects/cli.ts';
import { credentials } from './subjects/credentials.ts';
import { flood } from './subjects/flood.ts';
import { hostile } from './subjects/hostile.ts';
import { memory } from './subjects/memory.ts';
import { policy } from './subjects/policy.ts';
import { portal } from './subjects/portal.ts';
import { acs } from './subjects/sign-in.ts';
import { stalls } from './subjects/stalls.ts';
import { verify } from './subjects/verify.ts';

const subjects: readonly Subject[] = [acs, verify, hostile, flood, credentials, stalls, portal, policy, memory, cli];

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '60' },
    write: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds);
const wanted = options.only?.split(',') ?? subjects.map(({ name }) => name);
const unknown = wanted.filter((name) => !subjects.some((subject) => subject.name === name));
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1 || !(Number(options.seconds) > 0)) {
  console.error(
    `usage: npm run bench -- [--only ${subjects.map(({ name }) => name).join(',')}] [--rounds N] [--seconds N] [--write] [--check]`,
  );
  process.exit(2);
}

const work = mkdtempSync(join(tmpdir(), 'rolegate-bench-'));
// Peers that give up root read their configuration in here.
chmodSync(work, 0o755);
// The programs that were started end with this process, but only if it exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.once('exit', () => rmSync(work, { recursive: true, force: true }));
const redis = await startRedis();
let folders = 0;
const bench: Bench = {
  rounds,
  seconds: Number(options.seconds),
  folder: (name) => {
    const folder = join(work, `${name}-${folders++}`);
    mkdirSync(folder);
    return folder;
  },
  idp: await createIdp(),
  spKeys: await makeKeyPair('Bench service provider'),
  redisUrl: redis.url,
  say: (text) => console.error(text),
};
const machine = describeMachine(rounds);
console.log(`${machine}\n`);
const sections: Section[] = [];
let hasFailed = false;
try {
  for (const subject of subjects.filter(({ name }) => wanted.includes(name))) {
    bench.say(subject.name);
    console.log(`## ${subject.title}\n`);
    try {
      const section = await subject.run(bench);
      sections.push(section);
      console.log(`${markdownSection(section)}\n`);
      if (options.write) writeSection(machine, subject, section);
    } catch (error) {
      // The others are worth measuring all the same.
      hasFailed = true;
      console.log(`Failed: ${(error as Error).message}\n`);
    }
  }
} finally {
  await redis.stop();
}

const figures = sections.flatMap((section) => section.figures ?? []);
console.log(`## Limits\n\n${markdownTable(verdicts(figures))}`);
const isMissed = figures.some((figure) => !meets(figure));
const isNoisy = sections.some(({ notes }) => notes?.some((note) => note.startsWith('Noisy')));
if (hasFailed) process.exitCode = 1;
// A noisy run neither passes nor fails.
else if (options.check) process.exitCode = isNoisy ? 2 : Number(isMissed);
