// A bounded sample of the differential fuzzer: whatever we accept, xml-crypto and xmlsec1 verify with the same octets, and
// saxes and node-saml read the same values. `npm run fuzz` is the long run.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { validateResponse } from '../../src/saml/validate-response.ts';
import { type Difference, runCampaign } from './differential/campaign.ts';
import { goodSeeds } from './differential/seeds.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

for (const { name, xml, expected, now } of goodSeeds()) {
  test(`takes the message that the fuzzer starts from: ${name}`, () => {
    const message = Buffer.from(xml, 'utf8').toString('base64');
    expect(validateResponse(message, expected, now).assertion.issuer).toBe(expected.idp.entityId);
  });
}

test(`no verifier differs on what we accept (FUZZ_SEED=${seed})`, { timeout: 300_000 }, async () => {
  console.log(`differential fuzzer: FUZZ_SEED=${seed}`);
  const differences: string[] = [];
  const counts = await runCampaign({
    ...{ seed, messages: 600, xmlCryptoEvery: 1, xmlsec1Every: 2, nodeSamlEvery: 20, refusedEvery: 100 },
    onDifference: (difference) => differences.push(describe(difference, differences.length)),
  });
  expect(differences.join('\n')).toBe('');
  // A fuzzer whose messages are all refused compares nothing.
  expect(counts.accepted).toBeGreaterThan(60);
  expect(counts.comparedWithXmlsec1).toBeGreaterThan(30);
  expect(counts.refused).toBeGreaterThan(60);
});

function describe({ group, message, what }: Difference, number: number): string {
  const file = join(tmpdir(), `rolegate-fuzz-${seed}-${number}.xml`);
  writeFileSync(file, message.xml);
  const { family, seed: source, mutations } = message;
  return `FUZZ_SEED=${seed}, group ${group}: ${what}\n  ${family}, from "${source}": ${mutations.join(' + ')}\n  ${file}`;
}
