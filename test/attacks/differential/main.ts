// `npm run fuzz -- --messages N --seed N [--xml-crypto-every N]`: a long run of the differential fuzzer. It prints
// counts, keeps messages that verifiers differ on, and exits with 1 if there are any.
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Counts, type Difference, runCampaign } from './campaign.ts';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    // xml-crypto is most of the work: a long run can ask it about a part, and xmlsec1 about everything.
    'xml-crypto-every': { type: 'string', default: '1' },
    out: { type: 'string', default: join(tmpdir(), 'rolegate-fuzz') },
  },
});
const [seed, messages] = [Number(values.seed), Number(values.messages)];
const xmlCryptoEvery = Number(values['xml-crypto-every']);
const reportEvery = 10_000;
let next = reportEvery;

console.log(`seed ${seed}, ${messages} messages`);
const started = performance.now();
const counts = await runCampaign({
  ...{ seed, messages, xmlCryptoEvery, xmlsec1Every: 1, nodeSamlEvery: 20, refusedEvery: 500 },
  onDifference: report,
  onProgress: (soFar) => {
    if (soFar.messages < next) return;
    next += reportEvery;
    print(soFar);
  },
});
print(counts);
process.exitCode = counts.differences === 0 ? 0 : 1;

function report({ group, message, what }: Difference): void {
  mkdirSync(values.out, { recursive: true });
  const file = join(values.out, `${seed}-${group}-${Math.random().toString(36).slice(2, 8)}.xml`);
  writeFileSync(file, message.xml);
  console.log(`DIFFERENCE seed ${seed}, group ${group}: ${what}`);
  console.log(`  ${message.family}, from "${message.seed}": ${message.mutations.join(' + ')}\n  ${file}`);
}

function print(soFar: Counts): void {
  const seconds = Math.round((performance.now() - started) / 1000);
  const cpu = Math.round((process.cpuUsage().user + process.cpuUsage().system) / 1e6);
  console.log(`${seconds} s (${cpu} s of CPU): ${JSON.stringify(soFar)}`);
}
