// Counters of a broker at work: each value comes from what a person, a collector of audit records or the reference verifier did.
import { once } from 'node:events';
import { createServer } from 'node:net';
import supertest from 'supertest';
import { expect, test } from 'vitest';
import { systemRandom } from '../../src/random.ts';
import { useApp } from '../http/support/app.ts';

const start = useApp();
/** Each response that may be a sample is one. */
const always = (size: number) => (size === 4 ? Buffer.alloc(4) : systemRandom(size));
const room = 100;

/** A port at which nothing listens any more. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

test('rejected sign-ins, samples of the reference verifier, and audit records that a buffered sink dropped', async () => {
  const collector = { type: 'http', url: `http://127.0.0.1:${await closedPort()}/`, mode: 'buffered', buffer: room };
  const adjust = (raw: object) => ({
    ...raw,
    audit: { sinks: [{ type: 'stdout' }, collector] },
    verification: { reference: 'sampled' },
  });
  const { broker, audit, browser } = await start(adjust, always);
  const metrics = async () => (await supertest(broker.operations).get('/metrics')).text;
  const values = async (name: string) => {
    const lines = (await metrics()).split('\n').filter((line) => line.startsWith(`${name}{`));
    return Object.fromEntries(lines.map((line) => line.slice(name.length).split(' ')));
  };
  const samples = (agreed: number, disagreed: number) => ({
    ...{ '{outcome="agreed"}': String(agreed), '{outcome="disagreed"}': String(disagreed), '{outcome="skipped"}': '0' },
  });
  expect(await values('rolegate_reference_samples_total')).toEqual(samples(0, 0));
  const alice = browser();
  for (const person of [alice, browser()]) expect((await person.signIn('alice')).status).toBe(303);
  await expect.poll(() => values('rolegate_reference_samples_total')).toEqual(samples(2, 0));
  for (const audiences of [['https://other.example'], ['urn:other'], []]) {
    const person = browser();
    expect((await person.answer(await person.startLogin(), 'alice', { audiences })).status).toBe(403);
  }
  expect(await values('rolegate_sign_ins_total')).toEqual({
    '{outcome="opened",idp="adfs",reason=""}': '2',
    '{outcome="refused",idp="adfs",reason="audience"}': '3',
  });
  const refused = { roleArn: 'arn:aws:iam::111122223333:role/Unknown' };
  const asked = Array.from({ length: room }, () => alice.postJson('/api/v1/credentials', refused));
  expect(new Set((await Promise.all(asked)).map(({ status }) => status))).toEqual(new Set([403]));
  const dropped = audit.lines().length - room;
  expect(await values('rolegate_audit_dropped_records_total')).toEqual({ '{sink="http"}': String(dropped) });
});
