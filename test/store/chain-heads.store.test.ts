// Heads of audit chains in a real Redis: processes find each other's, and a stranger adds none.
import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createChainKeeper } from '../../src/audit/chain/chain-keeper.ts';
import { createJsonLinesAudit } from '../../src/audit/chain/json-lines.ts';
import { verifyAuditLines } from '../../src/audit/chain/verify.ts';
import { streamSink } from '../../src/audit/sinks/sinks.ts';
import { createChainHeads } from '../../src/broker/chain-heads.ts';
import { createLogger } from '../../src/log.ts';
import { createHashedIndex } from '../../src/store/hashed-index.ts';
import { createRedisStore } from '../../src/store/redis.ts';
import { createSealer } from '../../src/store/sealing.ts';
import { createSharedRecords } from '../../src/store/shared-records.ts';
import { linesOf } from '../audit/support/find-problems.ts';
import { createTestClock } from '../support/clock.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const clock = createTestClock();
const discard = new Writable({ write: (_chunk, _encoding, done) => done() });

function startProcess(chain: string, secret: string) {
  const nothing = { username: undefined, password: undefined, ca: undefined, tls: false, client: undefined };
  const sets = { sentinels: undefined, cluster: undefined, database: undefined };
  const keyValue = createRedisStore({ ...nothing, ...sets, url: redis.url, keyPrefix: 'heads:' }, () => {});
  const sealer = createSealer([secret], randomBytes);
  let text = '';
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  const keeper = createChainKeeper({
    trail: createJsonLinesAudit(streamSink(stream), clock, chain),
    signing: undefined,
    heads: createChainHeads(
      createSharedRecords('audit-head', { keyValue, sealer, clock }),
      createHashedIndex('audit-chains', keyValue, sealer),
    ),
    log: createLogger('fatal', discard),
  });
  const record = (user: string) => keeper.audit.record({ event: 'sign_out', idp: 'adfs', user }, undefined);
  return { keeper, record, text: () => text, keyValue };
}

test('a process writes down the heads of the others, and of none with another secret', async () => {
  const secret = 'a secret that has more than thirty-two characters';
  const [one, two] = [startProcess('one', secret), startProcess('two', secret)];
  const stranger = startProcess('stranger', `not ${secret}`);
  try {
    for (const each of [one, two, stranger]) for (const user of ['alice', 'bob']) await each.record(user);
    for (const each of [one, stranger, two]) await each.keeper.keep();
    await one.keeper.close();
    await two.keeper.keep();
    const anchors = two
      .text()
      .trimEnd()
      .split('\n')
      .flatMap((line) => JSON.parse(line).anchors ?? []);
    expect(anchors.map(({ chain, audit }) => [chain, audit])).toEqual([
      ['one', 2],
      ['one', 3],
    ]);
    const verify = (ofOne: string) => verifyAuditLines(() => linesOf(ofOne + two.text()));
    expect((await verify(one.text())).problems).toEqual([]);
    const cut = `${one.text().split('\n')[0]}\n`;
    expect((await verify(cut)).problems).toEqual([
      expect.stringMatching(/^records 2 to at least 3 are missing at the end/),
    ]);
  } finally {
    for (const { keyValue } of [one, two, stranger]) await keyValue.close();
  }
});
