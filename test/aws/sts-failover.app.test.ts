// STS in several regions, over real sockets: which refusals send a call on to the next region, and which are the answer.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { AwsEmulator } from '../../emulators/aws/server.ts';
import { createSts } from '../../src/aws/sts.ts';
import { keyPair } from '../support/key-pairs.ts';
import { freePort } from '../support/ports.ts';
import { startTrustingAws, stsCall } from './support/estate.ts';
import { stsOptions } from './support/sts-options.ts';

const pair = keyPair('minting');
let near: AwsEmulator;
let far: AwsEmulator;
beforeAll(async () => {
  [near, far] = await Promise.all([startTrustingAws(pair), startTrustingAws(pair)]);
});
afterEach(() => near.faults.clear());
afterAll(() => Promise.all([near.close(), far.close()]));

const opened: string[] = [];
const stsOver = (nearUrl: string) =>
  createSts(
    stsOptions((region) => (region === 'eu-west-1' ? nearUrl : far.url), {
      fallbackRegions: ['eu-central-1'],
      onOpen: (region) => opened.push(region),
    }),
  );
const call = async () => ({ ...(await stsCall(pair)), region: 'eu-west-1' });
const asked = () => far.events.length;

test('a region that is not there: the next one answers, and after three times it is asked first', async () => {
  const sts = stsOver(`http://127.0.0.1:${await freePort()}`);
  for (let i = 0; i < 3; i++)
    expect((await sts.assumeRoleWithSaml(await call())).credentials.accessKeyId).toMatch(/^ASIA/);
  expect(opened).toEqual(['eu-west-1']);
});

test('a region that is overloaded sends the call on', async () => {
  near.faults.set({ status: 503, scope: 'sts' });
  const before = asked();
  await stsOver(near.url).assumeRoleWithSaml(await call());
  expect(asked()).toBe(before + 1);
});

test('a refusal is the answer: no other region is asked for a better one', async () => {
  const before = asked();
  const refused = stsOver(near.url).assumeRoleWithSaml({ ...(await call()), samlAssertion: 'bm8gWE1M' });
  await expect(refused).rejects.toMatchObject({ code: 'sts_identity_rejected' });
  expect(asked()).toBe(before);
});
