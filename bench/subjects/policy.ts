// Subject `policy`: which roles a user has, by the number of groups and rules; the floor is one Set of groups and one look-up per rule.
import { join } from 'node:path';
import { groupNames } from '../lib/idp.ts';
import { startOwn } from '../lib/processes.ts';
import { chartOf, cpuTable, noiseNotes, ratioOf } from '../lib/report.ts';
import { configText } from '../lib/rolegate.ts';
import { interleave, median } from '../lib/rounds.ts';
import type { Bench, Section, Subject } from '../lib/subject.ts';

const cases = [
  { groups: 10, rules: 100 },
  { groups: 1000, rules: 1000 },
  { groups: 1000, rules: 10_000 },
];
/** Of the user's groups, how many appear in a rule; the other rules are for other groups. */
const matching = 10;

export const policy: Subject = { name: 'policy', title: 'Resolving roles', run };

async function run(bench: Bench): Promise<Section> {
  const columns = [];
  for (const each of cases) {
    const label = `${each.groups.toLocaleString('en')} groups, ${each.rules.toLocaleString('en')} rules`;
    bench.say(`  ${label}`);
    columns.push({ ...each, label, measured: await measure(bench, each.groups, each.rules) });
  }
  const last = columns.at(-1)!;
  return {
    tables: [cpuTable(columns, { unit: 'ms', own: 'Rolegate' })],
    charts: [chartOf('policy', 'CPU for resolving the roles of one user', 'ms', columns)],
    figures: [
      {
        name: `resolving roles, ${last.label} (${Math.round(ratioOf(last, 'Rolegate', 'floor'))} × floor)`,
        value: median(last.measured.find(({ name }) => name === 'Rolegate')!.values),
        limit: 2,
        unit: ' ms',
      },
    ],
    notes: noiseNotes(columns),
  };
}

async function measure(bench: Bench, groupCount: number, ruleCount: number) {
  const directory = bench.folder('policy');
  const program = await startOwn('policy-candidate', { logFile: join(directory, 'log'), ipc: true });
  const ask = (order: object): Promise<{ ms: number; roles: number }> =>
    new Promise((resolve, reject) => {
      program.child.once('exit', () => reject(new Error(`policy-candidate ended, see ${directory}`)));
      program.child.once('message', resolve);
      program.child.send(order);
    });
  try {
    const ruleGroups = Array.from({ length: ruleCount }, (_, index) => ruleGroup(index, groupCount));
    const text = configText(bench, directory, estate(ruleGroups));
    const { roles } = await ask({ load: { text, directory, ruleGroups, groups: groupNames(groupCount) } });
    if (roles !== matching) throw new Error(`${matching} roles were expected, not ${roles}`);
    const candidate = (name: string, run: 'floor' | 'resolve') => ({
      name,
      measure: async () => (await ask({ run, minMs: 150 })).ms,
    });
    return await interleave([candidate('floor', 'floor'), candidate('Rolegate', 'resolve')], bench.rounds);
  } finally {
    await program.stop();
  }
}

function ruleGroup(index: number, groupCount: number): string {
  return index < matching ? groupNames(groupCount)[index]! : `CORP\\Other-${index}`;
}

/** A tenth as many accounts as rules, at most 1,000. */
function estate(ruleGroups: readonly string[]) {
  const count = Math.min(1000, ruleGroups.length / 10);
  const accounts = Array.from({ length: count }, (_, index) => ({
    id: String(100_000_000_000 + index),
    alias: `account-${index}`,
  }));
  const rules = ruleGroups.map((group, index) => ({
    name: `rule ${index}`,
    when: { group },
    grant: { accounts: [`account-${index % count}`], role: `Role-${index}` },
  }));
  return { accounts, rules };
}
