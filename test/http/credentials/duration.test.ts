import { expect, test } from 'vitest';
import { en } from '../../../src/http/page/messages/en.ts';
import { duration } from '../../../src/http/portal/role-row.ts';

test.each([
  [900, '15 min'],
  [3600, '1 h'],
  [5400, '1 h 30 min'],
  [7199, '2 h'],
  [43_200, '12 h'],
])('%i seconds are %s', (seconds, expected) => {
  expect(duration(seconds, en)).toBe(expected);
});
