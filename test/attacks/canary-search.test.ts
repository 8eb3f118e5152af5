// The search for secrets that the canary test relies on: it finds each form that an output may have.
import { describe, expect, test } from 'vitest';
import { leaks } from './support/canaries.ts';

describe('the search finds a secret', () => {
  const secret = 'a/secret+with~strange?letters';
  const long = Array.from({ length: 30 }, (_, index) => `part-${index}`).join('/');
  const bytes = Buffer.from(secret);
  test.each([
    ['as it is', secret],
    ['in the midst of a line', `x${secret}x`],
    ['encoded for a URL', encodeURIComponent(secret)],
    ['in base64', bytes.toString('base64')],
    ['in base64url', bytes.toString('base64url')],
    ['in base64 behind one byte', Buffer.concat([Buffer.from('"'), bytes, Buffer.from('"')]).toString('base64')],
    ['in base64 behind two bytes', Buffer.concat([Buffer.from('{"'), bytes, Buffer.from('"}')]).toString('base64url')],
    ['in hex', bytes.toString('hex')],
    ['in capital hex', bytes.toString('hex').toUpperCase()],
  ])('%s', (_, text) => {
    expect(leaks({ secret }, { clean: 'nothing', log: `before ${text} after` })).toEqual(['secret in log']);
  });

  test.each(['first', 'middle', 'last'])('of which the %s part is there alone', (part) => {
    const at = { first: 0, middle: (long.length - 60) / 2, last: long.length - 60 }[part]!;
    expect(leaks({ long }, { log: long.slice(at, at + 60) })).toEqual(['long in log']);
    expect(leaks({ long }, { log: Buffer.from(long.slice(at, at + 60)).toString('base64') })).toEqual(['long in log']);
  });
});
