import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findForbidden, isAllowed } from '../../tools/licences.mjs';

test('what ships has permissive licences', () => {
  const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'));
  expect(findForbidden(lock)).toEqual([]);
});

test('a copyleft or missing licence is named with its package, also below another package', () => {
  const packages = {
    '': { license: 'GPL-3.0-only' },
    'node_modules/a': { version: '1.0.0', license: 'GPL-3.0-only' },
    'node_modules/b': { version: '1.0.0' },
    'node_modules/c/node_modules/d': { version: '2.0.0', license: 'MIT AND MPL-2.0' },
    'node_modules/e': { version: '1.0.0', license: '(GPL-2.0-only OR MIT)' },
    'node_modules/f': { version: '1.0.0', license: 'AGPL-3.0-only', dev: true },
  };
  expect(findForbidden({ packages })).toEqual([
    'a 1.0.0: GPL-3.0-only',
    'b 1.0.0: no licence',
    'c/node_modules/d 2.0.0: MIT AND MPL-2.0',
  ]);
});

test.each([
  ['MIT', true],
  ['(MIT OR Apache-2.0)', true],
  ['GPL-2.0-only OR MIT', true],
  ['MIT AND Apache-2.0', true],
  ['MIT AND GPL-2.0-only', false],
  ['MIT AND (GPL-2.0-only OR MIT)', false],
  ['SEE LICENSE IN LICENSE.txt', false],
])('%s: %s', (expression, allowed) => {
  expect(isAllowed(expression)).toBe(allowed);
});
