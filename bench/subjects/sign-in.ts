// Subject `acs`: the POST that ends a sign-in, over HTTP and with a session store, against the floor and other products.

import { startExpress, startFloor } from '../lib/node-servers.ts';
import { chartOf, cpuTable, noiseNotes, ratioOf } from '../lib/report.ts';
import { startRolegate } from '../lib/rolegate.ts';
import { interleave } from '../lib/rounds.ts';
import { measureSignIns, requireCorrect, type SignInServer } from '../lib/sign-in-server.ts';
import type { Bench, Section, Subject } from '../lib/subject.ts';
import { startMellon } from '../peers/mellon.ts';
import { isMissing, type Missing } from '../peers/missing.ts';
import { startShibboleth } from '../peers/shibboleth.ts';

const sizes = [
  { groups: 10, posts: 100, limit: 1.0 },
  { groups: 200, posts: 60, limit: 0.6 },
  { groups: 1000, posts: 30, limit: 0.5 },
];
/** Until then V8 still compiles: with 10 groups a post costs Rolegate 10 ms at first, 5 after 400 and 3 from 4,000 on. */
const warmUpPosts = 4000;

export const acs: Subject = { name: 'acs', title: 'Sign-in: POST to the AssertionConsumerService', run };

async function run(bench: Bench): Promise<Section> {
  const started = [
    await startFloor(bench),
    await startRolegate(bench),
    await startExpress(bench),
    await startShibboleth(bench),
    await startMellon(bench),
  ];
  const servers = started.filter((each): each is SignInServer => !isMissing(each));
  try {
    for (const server of servers) {
      bench.say(`  ${server.name}: warm up`);
      await requireCorrect(server, bench.idp);
      await measureSignIns(server, bench.idp, 10, warmUpPosts);
      await measureSignIns(server, bench.idp, 200, warmUpPosts / 10);
      await measureSignIns(server, bench.idp, 1000, warmUpPosts / 40);
    }
    return await measure(bench, servers, started.filter(isMissing));
  } finally {
    for (const server of servers) await server.close();
  }
}

async function measure(bench: Bench, servers: readonly SignInServer[], missing: readonly Missing[]): Promise<Section> {
  const columns = [];
  for (const { groups, posts, limit } of sizes) {
    bench.say(`  ${groups} groups`);
    const candidates = servers.map((server) => ({
      name: server.name,
      measure: () => measureSignIns(server, bench.idp, groups, posts),
    }));
    columns.push({
      label: `${groups.toLocaleString('en')} groups`,
      limit,
      measured: await interleave(candidates, bench.rounds),
    });
  }
  const shibboleth = servers.find(({ name }) => name.startsWith('Shibboleth'))?.name;
  return {
    tables: [cpuTable(columns, { unit: 'ms', own: 'Rolegate' })],
    charts: [chartOf('sign-in', 'CPU for one sign-in (POST to the ACS)', 'ms', columns)],
    figures: shibboleth
      ? columns.map((column) => ({
          name: `ACS POST, ${column.label}: Rolegate ÷ Shibboleth`,
          value: ratioOf(column, 'Rolegate', shibboleth),
          limit: column.limit,
        }))
      : [],
    notes: [...missing.map(({ missing: text }) => text), ...noiseNotes(columns)],
  };
}
