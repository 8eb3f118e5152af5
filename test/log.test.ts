import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createLogger } from '../src/log.ts';

function logged(facts: object): Record<string, unknown> {
  let text = '';
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk);
      done();
    },
  });
  createLogger('info', stream).info(facts, 'tried');
  return JSON.parse(text) as Record<string, unknown>;
}

test('what could hold a secret is removed, in the facts and one level below', () => {
  const headers = { cookie: 'a', authorization: { scheme: 'b' }, host: 'c' };
  const facts = { token: 'd', credentials: { secret: 'e' }, SAMLResponse: ['f'], RelayState: '', headers, code: 'g' };
  const before = structuredClone(facts);
  expect(logged(facts)).toMatchObject({
    ...{ token: '[removed]', credentials: '[removed]', SAMLResponse: '[removed]', RelayState: '[removed]', code: 'g' },
    headers: { cookie: '[removed]', authorization: '[removed]', host: 'c' },
    msg: 'tried',
  });
  expect(facts).toEqual(before);
});

test('other facts come out as they are, also below a name that is a secret elsewhere', () => {
  const facts = { requestId: 'a', ms: 3, idps: ['token', 'secret'], received: { user: { name: 'b' } }, none: null };
  expect(logged(facts)).toMatchObject(facts);
});
