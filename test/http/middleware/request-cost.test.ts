import { expect, test } from 'vitest';
import { costOf } from '../../../src/http/middleware/request-cost.ts';

const cost = (path: string, headers: Record<string, string> = {}) => costOf({ path, headers } as never);

test.each([
  ['/SAML/Slo/', '/saml/slo'],
  ['/LOGIN', '/login'],
  ['/OAuth/PAR/', '/oauth/par'],
  ['/CLI/Releases/x', '/cli/releases/x'],
])('%s costs what %s does, since both are answered', (written, path) => {
  expect(cost(written)).toBe(cost(path));
  expect(cost(path)).toBeGreaterThan(cost('/nothing'));
});

test('a body counts by its length, and as the largest where it does not say it', () => {
  expect(cost('/saml/acs', { 'content-length': '102400' }) - cost('/saml/acs')).toBe(100);
  expect(cost('/saml/acs', { 'content-length': '999999999999' }) - cost('/saml/acs')).toBe(512);
  expect(cost('/saml/acs', { 'transfer-encoding': 'chunked' }) - cost('/saml/acs')).toBe(512);
  expect(cost('/saml/acs', { 'content-length': 'x' })).toBe(cost('/saml/acs'));
});
