// `Forwarded` of RFC 7239 becomes the older headers; a header that is not of its form says nothing.
import { expect, test } from 'vitest';
import { readForwarded } from '../../../src/http/middleware/forwarded.ts';

function read(forwarded: string) {
  const headers = { forwarded };
  readForwarded(headers);
  const { forwarded: _, ...rest } = headers;
  return rest as Record<string, string | undefined>;
}

test.each([
  ['for=192.0.2.7;proto=https', '192.0.2.7', 'https'],
  ['For="[2001:db8::7]:4711"; Proto=HTTPS', '[2001:db8::7]:4711', 'https'],
  ['for=192.0.2.7, for="_a\\"b";proto=https', '192.0.2.7, _a"b', 'https'],
  ['proto=https', 'unknown', 'https'],
  ['for=192.0.2.7;;proto=https;', '192.0.2.7', 'https'],
])('%s', (header, address, proto) => {
  expect(read(header)).toEqual({ 'x-forwarded-for': address, 'x-forwarded-proto': proto });
});

test.each([
  ['a quotation mark that the client left open', 'for=192.0.2.66;proto=https;x=", proto=https;for="[2001:db8::1]"'],
  ['one in front of the address', 'for=", for="192.0.2.1"'],
  ['a value without a name', 'for=192.0.2.66, 192.0.2.1'],
  ['something behind a quoted value', 'for="192.0.2.66"x, for=192.0.2.1'],
])('%s proves nothing', (_, header) => {
  expect(read(header)).toEqual({ 'x-forwarded-for': 'unknown' });
});

test('a long header is judged in one pass', () => {
  const started = performance.now();
  expect(read(`${'a="b" ,\t ;'.repeat(2000)}"`)).toEqual({ 'x-forwarded-for': 'unknown' });
  expect(performance.now() - started).toBeLessThan(1000);
});
