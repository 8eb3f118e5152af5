// The error reference in docs/ says what the code says.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorReference } from '../../tools/error-reference.ts';

test('docs/errors.md is up to date: run npm run docs:errors', () => {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  expect(page).toBe(errorReference());
});

test('no line is longer than 120 characters', () => {
  const long = errorReference()
    .split('\n')
    .filter((line) => line.length > 120);
  expect(long).toEqual([]);
});
