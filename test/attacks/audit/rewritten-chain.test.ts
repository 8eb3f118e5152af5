// An attacker who can write the audit file and does not have the signing key: rewrites what the last genuine signature does
// not cover, with fitting hashes, and tries to pass off what follows as signed.
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createChainKeeper } from '../../../src/audit/chain/chain-keeper.ts';
import { createJsonLinesAudit, lineHash } from '../../../src/audit/chain/json-lines.ts';
import { verifyAuditLines } from '../../../src/audit/chain/verify.ts';
import { streamSink } from '../../../src/audit/sinks/sinks.ts';
import { createLogger } from '../../../src/log.ts';
import { createFileSigner } from '../../../src/signer.ts';
import { linesOf } from '../../audit/support/find-problems.ts';
import { createTestClock } from '../../support/clock.ts';

const key = generateKeyPairSync('ed25519').privateKey;
const everyRecords = 5;
const genuine = await writeChain();
/** The first signature: after it nothing is genuine. */
const kept = genuine.findIndex((line) => line.includes('"event":"chain_signed"'));

async function writeChain(): Promise<string[]> {
  let text = '';
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  const keeper = createChainKeeper({
    trail: createJsonLinesAudit(streamSink(stream), createTestClock(), 'one'),
    signing: { signer: createFileSigner(key), everyRecords, everyMs: 60_000 },
    heads: undefined,
    log: createLogger('fatal', new Writable({ write: (_chunk, _encoding, done) => done() })),
  });
  const request = { requestId: 'request-1', sourceIp: '192.0.2.1', userAgent: 'test' };
  for (let each = 0; each < 40; each++) {
    await keeper.audit.record({ event: 'sign_out', idp: 'adfs', user: `user${each}` }, request);
    await keeper.keep();
  }
  return text.trimEnd().split('\n');
}

/** The chain up to its first signature, then records of the attacker's with fitting hashes. */
function rewritten(signature: string, record: (audit: number) => object): string[] {
  const lines = [...genuine.slice(0, kept), signature];
  while (lines.length < genuine.length) {
    const audit = lines.length + 1;
    const facts = { audit, time: new Date(0).toISOString(), ...record(audit), chain: 'one' };
    lines.push(JSON.stringify({ ...facts, previous: lineHash(lines.at(-1)!) }));
  }
  return lines;
}

async function problemsOf(lines: readonly string[]): Promise<readonly string[]> {
  const { problems } = await verifyAuditLines(() => linesOf(lines.join('\n')), { keys: [createPublicKey(key)] });
  return problems;
}

const signOut = { event: 'sign_out', idp: 'adfs', user: 'mallory' };

test('the twin: the genuine chain verifies', async () => {
  expect(await problemsOf(genuine)).toEqual([]);
});

test('records without signatures are reported', async () => {
  expect(await problemsOf(rewritten(genuine[kept]!, () => signOut))).toEqual([
    expect.stringContaining('have no signature, though one was due'),
  ]);
});

test.each([
  [
    'written with a space, which the reader of signatures passes over',
    (text: string) => text.replace('"event":', '"event": '),
  ],
  ['without its parts', (text: string) => text],
])('a record that only calls itself a signature covers nothing: %s', async (_, spelled) => {
  const lines = rewritten(genuine[kept]!, (audit) =>
    audit % 2 === 0 ? { event: 'chain_signed', head: { audit: audit - 1 } } : signOut,
  );
  // The hashes follow the spelling.
  const forged = lines.slice(0, kept + 1);
  for (const line of lines.slice(kept + 1)) {
    const { previous: _previous, ...facts } = JSON.parse(line);
    forged.push(spelled(JSON.stringify({ ...facts, previous: lineHash(forged.at(-1)!) })));
  }
  expect(await problemsOf(forged)).toContainEqual(expect.stringContaining('have no signature, though one was due'));
});

test.each(['everyRecords', 'everySeconds'])('a genuine signature with another %s is not valid', async (name) => {
  const signature = JSON.stringify({ ...JSON.parse(genuine[kept]!), [name]: 1e9 });
  expect(await problemsOf(rewritten(signature, () => signOut))).toContainEqual(expect.stringContaining('is not valid'));
});
