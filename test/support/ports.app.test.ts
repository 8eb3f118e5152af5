import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freeConsecutivePorts } from './ports.ts';
import { waitFor } from './wait.ts';

test('freeConsecutivePorts gives neighbours that can all be listened on', async () => {
  const first = await freeConsecutivePorts(4);
  const servers = [0, 1, 2, 3].map((offset) => createServer().listen(first + offset, '127.0.0.1'));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
});

test('waitFor answers what it saw, and takes an exception for "not yet"', async () => {
  let looks = 0;
  const seen = await waitFor('the third look', () => {
    if (++looks === 1) throw new Error('not yet');
    return looks === 3 ? 'seen' : undefined;
  });
  expect(seen).toBe('seen');
});

test('waitFor gives up with what it waited for and why it failed last', async () => {
  const waiting = waitFor('a miracle', () => Promise.reject(new Error('no miracle')), { timeoutMilliseconds: 30 });
  await expect(waiting).rejects.toMatchObject({
    message: /30 ms in vain for a miracle/,
    cause: new Error('no miracle'),
  });
});
