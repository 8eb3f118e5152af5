import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { keyPair } from '../../test/support/key-pairs.ts';
import { startAws } from '../aws/server.ts';
import { sampleEstate } from '../sample.ts';
import { ISSUER, metadataFor, NOW, postSts, samlCall, sampleParts } from './aws/support/fixture.ts';

const directory = mkdtempSync(join(tmpdir(), 'rolegate-sample-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('the sample account trusts the provider as soon as its metadata is in the file', async () => {
  const file = join(directory, 'metadata.xml');
  const pair = keyPair('minting');
  const aws = await startAws({ now: () => NOW, estate: sampleEstate('rolegate', file) });
  const call = () => postSts(aws, samlCall(sampleParts(), { key: pair.key }));
  try {
    expect((await call()).message).toContain("Specified provider doesn't exist");
    writeFileSync(file, metadataFor(ISSUER, [pair]));
    expect(await call()).toMatchObject({ status: 200 });
  } finally {
    await aws.close();
  }
});
