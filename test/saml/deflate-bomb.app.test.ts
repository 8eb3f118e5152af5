// A message that inflates to far more than the limit.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { cpuMilliseconds } from '../support/cpu-time.ts';
import { keyPair } from '../support/key-pairs.ts';
import { logoutRequest, redirectedQuery } from './support/logout-builder.ts';
import { receiveQuery, thrownBy } from './support/redirected.ts';
import { refusal } from './support/refusals.ts';

const key = keyPair('idp-signing');

test('a deflate bomb, 50 KB for 50 MB, costs neither time nor memory', () => {
  const bomb = deflateRawSync(Buffer.alloc(50_000_000, 'a'), { level: 9 });
  expect(bomb.length).toBeLessThan(68_000);
  const query = redirectedQuery(key, logoutRequest(), { deflated: bomb });
  expect(query.length).toBeLessThan(128 * 1024);
  const before = process.memoryUsage().rss;
  const timeOf = (action: () => unknown) => {
    const startedAt = cpuMilliseconds();
    action();
    return cpuMilliseconds() - startedAt;
  };
  const refused = timeOf(() => {
    for (let times = 0; times < 20; times++)
      expect(thrownBy(() => receiveQuery(query, [key.cert]))).toMatchObject(refusal('too_large'));
  });
  const memory = process.memoryUsage().rss - before;
  // Twenty refusals against twenty bombs that go off.
  expect(refused).toBeLessThan(20 * timeOf(() => inflateRawSync(bomb)));
  expect(memory).toBeLessThan(50_000_000);
});
