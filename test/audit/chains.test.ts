// Signatures and anchors: what the lines of one chain alone cannot show.
import { createPublicKey, generateKeyPairSync, hash, type KeyObject } from 'node:crypto';
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { NamedHead } from '../../src/audit/chain/chain-events.ts';
import { type ChainHeads, type ChainKeeper, createChainKeeper } from '../../src/audit/chain/chain-keeper.ts';
import { keyIdOf } from '../../src/audit/chain/chain-signer.ts';
import { createJsonLinesAudit } from '../../src/audit/chain/json-lines.ts';
import { type VerifyOptions, verifyAuditLines } from '../../src/audit/chain/verify.ts';
import type { AuditEvent } from '../../src/audit/events.ts';
import { streamSink } from '../../src/audit/sinks/sinks.ts';
import { createLogger } from '../../src/log.ts';
import { createFileSigner, type Signer } from '../../src/signer.ts';
import { createTestClock } from '../support/clock.ts';
import { linesOf } from './support/find-problems.ts';

const request = { requestId: 'request-1', sourceIp: '192.0.2.1', userAgent: 'test' };
const signOut = { event: 'sign_out', idp: 'adfs', user: 'alice@corp.example' } satisfies AuditEvent;
const ed25519 = generateKeyPairSync('ed25519').privateKey;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const discard = new Writable({ write: (_chunk, _encoding, done) => done() });

interface Process {
  readonly keeper: ChainKeeper;
  readonly lines: () => string[];
}

function sharedHeads(): ChainHeads {
  const heads = new Map<string, NamedHead>();
  return { publish: async (head) => void heads.set(head.chain, head), read: async () => [...heads.values()] };
}

function startProcess(
  chain: string,
  { key, heads, signer }: { key?: KeyObject; heads?: ChainHeads; signer?: Signer } = {},
  clock = createTestClock(),
): Process {
  let text = '';
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  const used = signer ?? (key && createFileSigner(key));
  const keeper = createChainKeeper({
    trail: createJsonLinesAudit(streamSink(stream), clock, chain),
    signing: used && { signer: used, everyRecords: 5, everyMs: 60_000 },
    heads,
    log: createLogger('fatal', discard),
  });
  return { keeper, lines: () => text.trimEnd().split('\n') };
}

async function record({ keeper }: Process, count: number): Promise<void> {
  for (let each = 0; each < count; each++) await keeper.audit.record({ ...signOut, user: `user${each}` }, request);
}

async function verify(lines: readonly string[], options: VerifyOptions = {}) {
  return verifyAuditLines(() => linesOf(lines.join('\n')), options);
}

/** Two processes that know of each other, and their lines. */
async function twoProcesses(key = ed25519) {
  const heads = sharedHeads();
  const [one, two] = [startProcess('one', { key, heads }), startProcess('two', { key, heads })];
  for (const each of [one, two]) await record(each, 8);
  for (const each of [one, two, one]) await each.keeper.keep();
  return { one: one.lines(), two: two.lines(), processes: [one, two] as const };
}

const publicOf = (key: KeyObject) => createPublicKey(key);

describe('signatures of a chain', () => {
  test.each([
    ['Ed25519', ed25519],
    ['RS256', rsa],
  ])('with %s are made after the first record, by number, by time and at the end', async (algorithm, key) => {
    const process = startProcess('one', { key });
    await record(process, 8);
    await process.keeper.keep();
    await process.keeper.close();
    const events = process.lines().map((line) => JSON.parse(line));
    const signatures = events.filter(({ event }) => event === 'chain_signed');
    expect(signatures.map((each) => each.algorithm)).toEqual(signatures.map(() => algorithm));
    expect(signatures.length).toBeGreaterThanOrEqual(4);
    expect(events.slice(-2).map(({ event }) => event)).toEqual(['chain_closed', 'chain_signed']);
    const { problems, notes, chains } = await verify(process.lines(), { keys: [publicOf(key)] });
    expect({ problems, notes }).toEqual({ problems: [], notes: [] });
    expect(chains).toMatchObject([{ chain: 'one', isClosed: true, signedUpTo: events.length - 1 }]);
  });

  test('are not needed: without a key there are none, and an idle process writes nothing', async () => {
    const process = startProcess('one');
    await record(process, 2);
    await process.keeper.keep();
    expect(process.lines()).toHaveLength(2);
    expect((await verify(process.lines())).problems).toEqual([]);
  });

  test('are not made again while nothing is written', async () => {
    const process = startProcess('one', { key: ed25519 });
    await record(process, 1);
    for (let each = 0; each < 5; each++) await process.keeper.keep();
    expect(process.lines()).toHaveLength(2);
  });

  test('a signer that fails stops no record, and its next signature covers what was written meanwhile', async () => {
    const file = createFileSigner(ed25519);
    let isAway = true;
    const sign = async (bytes: Uint8Array) => {
      if (isAway) throw new Error('KMS is away');
      return file.sign(bytes);
    };
    const process = startProcess('one', { signer: { ...file, sign } });
    await record(process, 3);
    await process.keeper.keep();
    expect(process.lines()).toHaveLength(3);
    isAway = false;
    await process.keeper.keep();
    const { problems, chains } = await verify(process.lines(), { keys: [publicOf(ed25519)] });
    expect(problems).toEqual([]);
    expect(chains[0]?.signedUpTo).toBe(3);
  });
});

describe('with the public key, verification reports', () => {
  const other = generateKeyPairSync('ed25519').privateKey;
  const keys = [publicOf(ed25519)];

  test('nothing where all is well, and that signatures are not checked without it', async () => {
    const { one, two } = await twoProcesses();
    expect((await verify([...one, ...two], { keys })).problems).toEqual([]);
    expect((await verify([...one, ...two])).notes).toEqual([expect.stringMatching(/^\d+ signatures are not checked/)]);
  });

  test('a forged signature, and continues', async () => {
    const { one } = await twoProcesses(other);
    const claimed = one.map((line) => {
      const keyId = keyIdOf(publicOf(ed25519));
      return line.replace(/"keyId":"[^"]+"/, `"keyId":"${keyId}"`);
    });
    const { problems } = await verify(rehash(claimed), { keys, isPartial: true });
    expect(problems.filter((each) => each.includes('is not valid')).length).toBeGreaterThan(1);
  });

  test('a signature of an unknown key', async () => {
    const { one } = await twoProcesses(other);
    const { problems } = await verify(one, { keys, isPartial: true });
    expect(problems[0]).toMatch(/signed with the unknown key/);
  });

  test('a chain that was rewritten with fitting hashes: its signatures name other records', async () => {
    const { one } = await twoProcesses();
    const forged = rehash(one.map((line) => line.replace('"user":"user0"', '"user":"mallory"')));
    const { problems } = await verify(forged, { keys, isPartial: true });
    expect(problems[0]).toMatch(/record 1 is not what the signature at line \d+ names/);
  });

  test('a chain without any signature', async () => {
    const process = startProcess('one');
    await record(process, 2);
    expect((await verify(process.lines(), { keys })).problems).toEqual(['no signature (chain one)']);
  });

  test('an end that was rewritten without signatures, or with a copy of an earlier one', async () => {
    const process = startProcess('one', { key: ed25519 });
    await record(process, 30);
    const lines = process.lines();
    const first = lines.findIndex((line) => line.includes('chain_signed'));
    const kept = lines.filter((line, index) => index <= first || !line.includes('chain_signed'));
    const expected = expect.stringMatching(/have no signature, though one was due/);
    expect((await verify(rehash(renumber(kept)), { keys })).problems).toEqual([expected]);
    const copied = lines.map((line, index) => (index > first && line.includes('chain_signed') ? lines[first]! : line));
    expect((await verify(rehash(renumber(copied)), { keys })).problems).toEqual([expected]);
  });

  test('a signature that is long overdue by the clock', async () => {
    const clock = createTestClock();
    const process = startProcess('one', { key: ed25519 }, clock);
    await record(process, 4);
    clock.advance(600_000);
    await record(process, 1);
    expect((await verify(process.lines(), { keys })).problems).toEqual([
      expect.stringMatching(/from \d on have no signature/),
    ]);
  });
});

describe('anchors in other chains', () => {
  test('show a truncated tail', async () => {
    const { one, two } = await twoProcesses();
    for (const count of [1, 3, one.length - 2]) {
      // The last record of `one` anchors `two` and is not itself anchored.
      const cut = one.slice(0, one.length - 1 - count);
      const { problems } = await verify([...cut, ...two]);
      expect(problems, `${count} records cut`).toEqual([
        expect.stringMatching(
          new RegExp(
            `^records ${cut.length + 1} to at least ${one.length - 1} are missing at the end: record \\d+ of chain two`,
          ),
        ),
      ]);
    }
  });

  test('show a chain that is missing as a whole, unless the files are only some of them', async () => {
    const { two } = await twoProcesses();
    const missing = expect.stringMatching(/no record of this chain is here, but record \d+ of chain two at line \d+/);
    expect((await verify(two)).problems).toEqual([missing]);
    expect(await verify(two, { isPartial: true })).toMatchObject({ problems: [], notes: [missing, expect.anything()] });
  });

  test('show a chain that was rewritten with fitting hashes, without any key', async () => {
    const { one, two } = await twoProcesses();
    const forged = rehash(one.map((line) => line.replace('"user":"user0"', '"user":"mallory"')));
    const { problems } = await verify([...forged, ...two]);
    expect(problems).toEqual([expect.stringMatching(/is not what record \d+ of chain two at line \d+ names/)]);
  });

  test('end: two idle processes do not keep each other writing', async () => {
    const { processes } = await twoProcesses();
    const before = processes.map(({ lines }) => lines().length);
    for (let each = 0; each < 5; each++) for (const { keeper } of processes) await keeper.keep();
    const after = processes.map(({ lines }) => lines().length);
    expect(after.map((count, index) => count - before[index]!).every((added) => added <= 1)).toBe(true);
  });
});

test('a record behind the end of a chain is reported', async () => {
  const process = startProcess('one');
  await record(process, 1);
  await process.keeper.close();
  await record(process, 1);
  expect((await verify(process.lines())).problems).toEqual([
    'line 3: record 3 follows the end of the chain in record 2 (chain one)',
  ]);
});

/** What an attacker without the key does: numbers and hashes fit again. */
function rehash(lines: readonly string[]): string[] {
  let previous = JSON.parse(lines[0]!).chain as string;
  return lines.map((line) => {
    const changed = JSON.stringify({ ...JSON.parse(line), previous });
    previous = hash('sha256', changed, 'base64url');
    return changed;
  });
}

function renumber(lines: readonly string[]): string[] {
  return lines.map((line, index) => JSON.stringify({ ...JSON.parse(line), audit: index + 1 }));
}
