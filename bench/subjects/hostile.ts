// Subject `hostile`: what messages cost that an attacker without any key can send.
import { deflateRawSync } from 'node:zlib';
import { type HostileShape, hostileShapes } from '../lib/hostile-shapes.ts';
import { postForm, type Reply, request } from '../lib/http.ts';
import { groupNames } from '../lib/idp.ts';
import { measureRequests } from '../lib/measure-requests.ts';
import { number, times } from '../lib/report.ts';
import { type Rolegate, startRolegate } from '../lib/rolegate.ts';
import { interleave, median } from '../lib/rounds.ts';
import { measureSignIns, prepare } from '../lib/sign-in-server.ts';
import type { Bench, Section, Subject, Table } from '../lib/subject.ts';

const sizesKb = [16, 64, 128, 250];
/** The clock of a process's CPU ticks every 10 ms. */
const repeats = 8;
const warmUpPosts = 1000;
const warmUpLogouts = 400;

const groupsIn = (kilobytes: number) => Math.floor((kilobytes * 1024 - 4600) / 66);
const largestGroups = groupsIn(sizesKb.at(-1)!);

export const hostile: Subject = { name: 'hostile', title: 'Hostile input', run };

async function run(bench: Bench): Promise<Section> {
  const rolegate = await startRolegate(bench);
  try {
    await measureSignIns(rolegate, bench.idp, 10, warmUpPosts);
    for (const { edit } of hostileShapes) await measurePosts(bench, rolegate, 10, (xml) => edit(xml, 64 * 1024));
    await measurePosts(bench, rolegate, largestGroups, (xml) => xml);
    const shapes = await measureShapes(bench, rolegate);
    const ballast = await measureBallast(bench, rolegate);
    const slo = await measureSlo(bench, rolegate);
    return {
      tables: [shapes.table, ballast.table, slo.table],
      figures: [
        { name: `worst refused message (${shapes.worst.name})`, value: shapes.worst.ms, limit: 15, unit: ' ms' },
        { name: 'unsigned ballast in a good message ÷ the message alone', value: ballast.ratio, limit: 2 },
        { name: 'GET /saml/slo, deflated `<a/>`', value: slo.worst, limit: 2, unit: ' ms' },
      ],
    };
  } finally {
    await rolegate.close();
  }
}

interface ShapeResult {
  readonly name: string;
  /** By size. */
  readonly ms: readonly number[];
  readonly status: number;
}

async function measureShapes(bench: Bench, rolegate: Rolegate) {
  const valid: HostileShape = { name: '**valid, as many groups as fit**', edit: (xml) => xml };
  const results = [valid, ...hostileShapes].map(({ name }) => ({ name, ms: [] as number[], status: 0 }));
  for (const kilobytes of sizesKb) {
    bench.say(`  ${kilobytes} KB`);
    const candidates = [valid, ...hostileShapes].map((shape, index) => ({
      name: shape.name,
      measure: async () => {
        const groups = shape === valid ? groupsIn(kilobytes) : 10;
        const edit = (xml: string) => shape.edit(xml, kilobytes * 1024 - 200);
        const { ms, status } = await measurePosts(bench, rolegate, groups, edit);
        results[index]!.status = status;
        return ms;
      },
    }));
    const measured = await interleave(candidates, Math.min(bench.rounds, 3));
    for (const [index, { values }] of measured.entries()) results[index]!.ms.push(median(values));
  }
  const refused = results.slice(1).filter(({ status }) => status !== 303);
  const worst = refused.map(({ name, ms }) => ({ name, ms: Math.max(...ms) })).sort((a, b) => b.ms - a.ms)[0]!;
  return { table: shapesTable(results), worst };
}

function shapesTable(results: readonly ShapeResult[]): Table {
  const valid = results[0]!;
  const worstFirst = results.slice(1).sort((a, b) => Math.max(...b.ms) - Math.max(...a.ms));
  return {
    head: ['POST to the ACS, ms CPU', ...sizesKb.map((size) => `${size} KB`), 'worst ÷ valid', 'slope', 'answer'],
    rows: [valid, ...worstFirst].map(({ name, ms, status }) => [
      name,
      ...ms.map(number),
      times(Math.max(...ms.map((value, index) => value / valid.ms[index]!))),
      number(slope(ms)),
      String(status),
    ]),
  };
}

/** Of log cost over log size, from the first size to the last: 1 is linear. */
function slope(ms: readonly number[]): number {
  return Math.log(ms.at(-1)! / ms[0]!) / Math.log(sizesKb.at(-1)! / sizesKb[0]!);
}

async function measurePosts(bench: Bench, rolegate: Rolegate, groups: number, edit: (xml: string) => string) {
  const { ms, replies } = await measureRequests({
    ...rolegate,
    make: async () => {
      const posts = [];
      for (let index = 0; index < repeats; index++) posts.push(await prepare(rolegate, bench.idp, groups, edit));
      return posts.map((post) => () => postForm(rolegate.acsUrl, post.fields, post.cookie));
    },
    isGood: ({ status }) => status !== 503,
  });
  return { ms, status: replies[0]!.status };
}

/** Extensions may hold anything (Core §3.2.2), outside of the signature on the assertion. */
async function measureBallast(bench: Bench, rolegate: Rolegate) {
  const element = `<x:a xmlns:x="urn:x"${Array.from({ length: 31 }, (_, index) => ` a${index}=""`).join('')}/>`;
  const extensions = `<samlp:Extensions>${element.repeat(200)}</samlp:Extensions>`;
  const withBallast = (xml: string) => xml.replace('<samlp:Status>', `${extensions}<samlp:Status>`);
  let status = 0;
  const candidates = [
    { name: '200 groups', edit: (xml: string) => xml },
    { name: '200 groups and 200 unsigned elements of 31 attributes', edit: withBallast },
  ].map(({ name, edit }) => ({
    name,
    measure: async () => {
      const result = await measurePosts(bench, rolegate, groupNames(200).length, edit);
      status = result.status;
      return result.ms;
    },
  }));
  const [alone, loaded] = await interleave(candidates, bench.rounds);
  const ratio = median(loaded!.values.map((value, round) => value / alone!.values[round]!));
  const rows = [alone!, loaded!].map(({ name, values }) => [name, number(median(values))]);
  return { table: { head: ['A good message', 'ms CPU'], rows: [...rows, ['ratio', times(ratio)]] }, ratio, status };
}

async function measureSlo(bench: Bench, rolegate: Rolegate) {
  const wrap = (content: string) =>
    `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">${content}</samlp:LogoutRequest>`;
  const messages = {
    '`<a/>` siblings, 60 KB': wrap('<a/>'.repeat(15_000)),
    'text, 60 KB': wrap('x'.repeat(60_000)),
    'ordinary size': wrap(''),
  };
  const urls = Object.entries(messages).map(([name, xml]) => {
    const parameter = encodeURIComponent(deflateRawSync(xml).toString('base64'));
    const signature = 'SigAlg=http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23rsa-sha256&Signature=AAAA';
    return { name, url: `${rolegate.url}/saml/slo?SAMLRequest=${parameter}&${signature}` };
  });
  const candidates = urls.map(({ name, url }) => ({
    name,
    measure: async (count = repeats * 5) => {
      const requests = Array.from({ length: count }, () => () => request(url));
      const isGood = ({ status }: Reply) => status !== 503;
      return (await measureRequests({ ...rolegate, make: async () => requests, isGood })).ms;
    },
  }));
  for (const { measure } of candidates) await measure(warmUpLogouts);
  const measured = await interleave(
    candidates.map(({ name, measure }) => ({ name, measure: () => measure() })),
    bench.rounds,
  );
  const rows = measured.map(({ name, values }, index) => [
    name,
    String(urls[index]!.url.length),
    number(median(values)),
  ]);
  const table = { head: ['GET /saml/slo, deflated, bad signature', 'bytes of the URL', 'ms CPU'], rows };
  return { table, worst: median(measured[0]!.values) };
}
