import { expect, test } from 'vitest';
import { randomSecret, systemRandom } from '../src/random.ts';

test('bytes of any size, also of more than a block, and none twice', () => {
  for (const size of [0, 1, 2047, 2048, 2049, 100_000]) expect(systemRandom(size)).toHaveLength(size);
  const secrets = Array.from({ length: 1000 }, () => randomSecret(systemRandom));
  expect(new Set(secrets).size).toBe(1000);
  for (const secret of secrets) expect(secret).toMatch(/^[\w-]{43}$/);
});

test('every bit is drawn: none is always the same', () => {
  const drawn = Array.from({ length: 500 }, () => systemRandom(33));
  for (let index = 0; index < 33; index++) {
    const bytes = drawn.map((each) => each[index]!);
    expect(bytes.reduce((a, b) => a | b)).toBe(0xff);
    expect(bytes.reduce((a, b) => a & b)).toBe(0);
  }
});

test('what was drawn belongs to its caller', () => {
  const first = systemRandom(32);
  const copy = Buffer.from(first);
  for (let round = 0; round < 200; round++) systemRandom(32).fill(0);
  expect(first.equals(copy)).toBe(true);
});
