import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { attributeOf } from '../../src/saml/xml/xml-tree.ts';
import { keyPair } from '../support/key-pairs.ts';
import { logoutRequest, postedMessage, redirectedQuery } from './support/logout-builder.ts';
import { type RefusedQuery, receiveQuery, replaceValue, thrownBy } from './support/redirected.ts';
import { refusal } from './support/refusals.ts';

const key = keyPair('idp-signing');

const request = logoutRequest();

/** A request of so many bytes, hard to compress. */
function longRequest(bytes: number): string {
  const missing = bytes - logoutRequest({ sessionIndexes: '' }).length;
  const size = 270;
  const whole = Math.floor(missing / size);
  const index = (length: number) =>
    `<samlp:SessionIndex>${randomBytes(size)
      .toString('hex')
      .slice(0, length - 41)}</samlp:SessionIndex>`;
  const lengths = Array.from({ length: whole }, (_, at) => (at === 0 ? size + (missing % size) : size));
  return logoutRequest({ sessionIndexes: lengths.map(index).join('') });
}

const deflated = (text: string | Buffer) => deflateRawSync(text, { level: 9 });
const encodings: readonly RefusedQuery[] = [
  {
    name: 'broken percent-encoding',
    reason: 'malformed',
    query: () => replaceValue(redirectedQuery(key, request), 'SAMLRequest', '%zz'),
  },
  {
    name: 'base64 with a character that is none',
    reason: 'malformed',
    query: () =>
      redirectedQuery(key, request, {
        encode: (value) => encodeURIComponent(value.replace(/^[A-Za-z0-9]{4}(?=[^:]{200})/, 'ab*d')),
      }),
  },
  {
    name: 'base64url',
    reason: 'malformed',
    query: () => replaceValue(redirectedQuery(key, request), 'Signature', 'ab-_'),
  },
  {
    name: 'base64 whose plus signs were not escaped',
    reason: 'malformed',
    query: () => redirectedQuery(key, request, { deflated: Buffer.from('fbefbefb', 'hex'), encode: (value) => value }),
  },
  {
    name: 'octets after the deflated message',
    reason: 'malformed',
    query: () => redirectedQuery(key, request, { deflated: Buffer.concat([deflated(request), Buffer.from('more')]) }),
  },
  {
    name: 'a second deflated message after the first',
    reason: 'malformed',
    query: () => redirectedQuery(key, request, { deflated: Buffer.concat([deflated(request), deflated(request)]) }),
  },
  {
    name: 'a deflated message cut short',
    reason: 'malformed',
    query: () => redirectedQuery(key, request, { deflated: deflated(request).subarray(0, -3) }),
  },
  {
    name: 'a message that is not deflated',
    reason: 'malformed',
    query: () => redirectedQuery(key, request, { deflated: Buffer.from(request) }),
  },
  {
    name: 'bytes that are not UTF-8',
    reason: 'malformed',
    query: () =>
      redirectedQuery(key, request, { deflated: deflated(Buffer.from(request.replace('alice', '\xff'), 'latin1')) }),
  },
  ...['<!DOCTYPE x>', '<?x y?>', '<!-- x -->'].map((prefix) => ({
    name: `XML with ${prefix}`,
    reason: 'malformed' as const,
    query: () => redirectedQuery(key, prefix + request),
  })),
  {
    name: 'a Signature inside beside the one in the URL [Bindings §3.4.4.1]',
    reason: 'malformed',
    query: () => redirectedQuery(key, Buffer.from(postedMessage(key, request), 'base64').toString()),
  },
  {
    name: 'two elements with one ID',
    reason: 'malformed',
    query: () => redirectedQuery(key, logoutRequest({ extra: '<x:y xmlns:x="urn:x" ID="_logout"/>' })),
  },
  {
    name: 'just above 64 KB of XML',
    reason: 'too_large',
    query: () =>
      redirectedQuery(key, logoutRequest({ sessionIndexes: `<!---->${randomBytes(33_000).toString('hex')}` })),
  },
  { name: 'a query above 128 KB', reason: 'too_large', query: () => `x=${'y'.repeat(128 * 1024)}` },
];

describe('a redirected logout message is refused for its encoding', () => {
  for (const { name, reason, query } of encodings) {
    test(name, () => {
      expect(thrownBy(() => receiveQuery(query(), [key.cert]))).toMatchObject(refusal(reason));
    });
  }
});

test('64 KB of XML are let in', () => {
  const longest = longRequest(65_536);
  expect(longest.length).toBe(65_536);
  expect(attributeOf(receiveQuery(redirectedQuery(key, longest), [key.cert]).root, 'ID')).toBe('_logout');
});
