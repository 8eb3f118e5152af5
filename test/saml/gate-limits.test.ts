import { beforeAll, describe, expect, test } from 'vitest';
import { gateResponse, maxMessageBytes } from '../../src/saml/gate.ts';
import { messageLimits } from '../../src/saml/xml/xml-reader.ts';
import { cpuMilliseconds } from '../support/cpu-time.ts';
import { type KeyPair, keyPair } from '../support/key-pairs.ts';
import { judge, refusal, validated } from './support/refusals.ts';
import {
  attributeElement,
  attributeStatement,
  element,
  expectationsFor,
  groupClaim,
  now,
  responseXml,
  signedResponse,
  toBase64,
} from './support/response-builder.ts';

const inside = (xml: string) => responseXml({ attributes: element('x', { xmlns: 'urn:x' }, xml) });
const count = (xml: string) => xml.match(/<[A-Za-z]/g)!.length;

function gate(xml: string): unknown {
  try {
    return gateResponse(toBase64(xml));
  } catch (error) {
    return error;
  }
}

describe('the limits of a message', () => {
  // Response, Assertion and the element around: three levels.
  const nested = (levels: number) => inside('<a>'.repeat(levels - 3) + '</a>'.repeat(levels - 3));
  const groups = (n: number) => `<b>${'<a/>'.repeat(n)}</b>`;
  const elements = (total: number) => {
    const half = Math.floor(messageLimits.maxChildren * 0.9);
    const rest = total - count(inside('')) - 2 * (half + 1);
    return inside(groups(half) + groups(half) + groups(rest - 1));
  };
  const siblings = (n: number) => inside('<a/>'.repeat(n));
  const wide = (n: number) => inside(`<a ${Array.from({ length: n }, (_, i) => `a${i}=""`).join(' ')}/>`);
  const namesOf = (xml: string) =>
    new Set([...xml.matchAll(/<([A-Za-z:]+)|\s([A-Za-z:]+)=/g)].map(([, tag, name]) => tag ?? name)).size;
  const named = (n: number) => {
    const count = n - namesOf(inside(''));
    return inside(Array.from({ length: count }, (_, i) => `<n${i}/>`).join(''));
  };
  const startTags = (xml: string) => new Set(xml.match(/<[A-Za-z][^>]*>/g)).size;
  const tagged = (n: number) =>
    inside(Array.from({ length: n - startTags(inside('')) }, (_, i) => `<a b="${i}"/>`).join(''));
  const heavy = (bytes: number) => {
    const frame = responseXml({ nameId: '' }).length + '<NameID></NameID>'.length;
    return responseXml({ nameId: `<NameID>${'x'.repeat(bytes - frame)}</NameID>` });
  };
  const text = (content: string) => `<a>${content}</a>`;
  const value = (content: string) => `<a b='${content}'/>`;
  const replaced: readonly (readonly [what: string, piece: string, make: (content: string) => string])[] = [
    ['references', '&amp;', text],
    ['carriage returns', '\r', text],
    ['closing brackets in text', '>', text],
    ['quotes in a value', '"', value],
    ['tabs in a value', '\t', value],
    ['line feeds in a value', '\n', value],
  ];
  const rows = [
    { what: 'levels', make: nested, limit: messageLimits.maxDepth },
    { what: 'elements', make: elements, limit: messageLimits.maxElements },
    { what: 'children of one element', make: siblings, limit: messageLimits.maxChildren },
    { what: 'different names', make: named, limit: messageLimits.maxNames },
    { what: 'attributes on one element', make: wide, limit: messageLimits.maxAttributes },
    { what: 'different start tags', make: tagged, limit: messageLimits.maxTags },
    ...replaced.map(([what, piece, make]) => ({
      ...{ what, limit: messageLimits.maxReplaced },
      make: (n: number) => inside(make(piece.repeat(n))),
    })),
    // Base64 counts in threes: up to two bytes more are let in.
    { what: 'bytes', make: heavy, limit: maxMessageBytes, step: 3 },
  ];
  for (const { what, make, limit, step = 1 } of rows) {
    test(`let ${limit} ${what} in, and no more`, () => {
      expect(gate(make(limit))).toHaveProperty('response');
      expect(gate(make(limit + step))).toMatchObject(refusal('too_large'));
    });
  }

  test('count start tags that are written alike once, whatever is between them', () => {
    const roles = Array.from({ length: 1500 }, (_, i) => `<a n="Role"><b t="x">${i}</b></a>`);
    expect(gate(inside(roles.join('')))).toHaveProperty('response');
  });

  test('count all characters that are replaced together', () => {
    const half = messageLimits.maxReplaced / 2;
    const both = (n: number) => inside(text('&gt;'.repeat(half)) + text('>'.repeat(n)));
    expect(gate(both(half))).toHaveProperty('response');
    expect(gate(both(half + 1))).toMatchObject(refusal('too_large'));
  });

  test('count namespace declarations as attributes', () => {
    const declared = (n: number) =>
      inside(`<a ${Array.from({ length: n }, (_, i) => `xmlns:a${i}="urn:x"`).join(' ')}/>`);
    expect(gate(declared(messageLimits.maxAttributes))).toHaveProperty('response');
    expect(gate(declared(messageLimits.maxAttributes + 1))).toMatchObject(refusal('too_large'));
  });

  test('are checked before the base64 is decoded', () => {
    expect(() => gateResponse('!'.repeat(2_000_000))).toThrow(expect.objectContaining({ reason: 'too_large' }));
  });
});

describe('a person with thousands of groups', () => {
  let key: KeyPair;
  beforeAll(async () => {
    key = keyPair('idp-signing');
  });
  const names = Array.from({ length: 3000 }, (_, i) => `CORP\\AWS-Department-${i}`);

  test('is let in, with 3,000 in one Attribute', async () => {
    const parts = { attributes: attributeStatement(attributeElement(groupClaim, ...names)) };
    expect((await judge(key, { parts })).attributes.get(groupClaim)).toEqual(names);
  });

  test('is let in, with 2,000 in a separate Attribute each, as Keycloak sends roles', async () => {
    const short = names.slice(0, 2000).map((name) => name.slice(5));
    const parts = { attributes: attributeStatement(...short.map((name) => attributeElement('Role', name))) };
    expect((await judge(key, { parts })).attributes.get('Role')).toEqual(short);
  });
});

describe('the work on a message that a stranger signed', () => {
  test('grows no faster than the message, before and after the signature is found to be bad', async () => {
    const [key, stranger] = [keyPair('idp-signing'), keyPair('stranger')];
    const make = (n: number) =>
      signedResponse(stranger, { attributes: element('x', { xmlns: 'urn:x' }, '<a/>'.repeat(n)) });
    const [small, large] = [make(500), make(4000)];
    const times: Record<'small' | 'large', number[]> = { small: [], large: [] };
    for (let run = 0; run < 7; run++) {
      for (const [size, message] of [['small', small] as const, ['large', large] as const]) {
        const start = cpuMilliseconds();
        await expect(validated(message, expectationsFor(key), now)).rejects.toMatchObject(refusal('signature'));
        times[size].push(cpuMilliseconds() - start);
      }
    }
    expect(Math.min(...times.large) / Math.max(Math.min(...times.small), 0.05)).toBeLessThan(32);
  });
});

describe('the work of the gate', () => {
  const shapes: readonly (readonly [string, (n: number) => string])[] = [
    ['open tags without end', (n) => '<a '.repeat(n)],
    ['angle brackets', (n) => '<'.repeat(n)],
    ['ampersands', (n) => inside(`<a>${'&'.repeat(n)}</a>`)],
    ['references', (n) => inside(`<a>${'&amp;'.repeat(n)}</a>`)],
    ['one long attribute', (n) => inside(`<a b="${'&lt;x'.repeat(n)}"/>`)],
    ['many attributes', (n) => inside(`<a ${Array.from({ length: n }, (_, i) => `a${i}=""`).join(' ')}/>`)],
    ['unbound prefixes', (n) => '<a:b>'.repeat(n)],
    ['nested elements', (n) => '<a>'.repeat(n)],
    ['siblings with IDs', (n) => inside(Array.from({ length: n }, (_, i) => `<a ID="${i}"/>`).join(''))],
    ['text in pieces', (n) => inside(`${'t<a/>'.repeat(n)}`)],
    ['a long name', (n) => `<${'a'.repeat(4 * n)}/>`],
    ['white space', (n) => inside(' \n'.repeat(n))],
  ];
  for (const [name, make] of shapes) {
    test(`grows no faster than the message: ${name}`, () => {
      const [small, large] = [toBase64(make(2000)), toBase64(make(16_000))];
      // Eight times the size: linear work takes 8 times as long, quadratic 64. The quickest of several runs counts.
      const ratio = quickest(large) / quickest(small);
      expect(ratio).toBeLessThan(32);
    });
  }
});

function quickest(message: string): number {
  const times = Array.from({ length: 7 }, () => {
    const start = cpuMilliseconds();
    try {
      gateResponse(message);
    } catch {
      // Most of these are refused; what counts is how long it took.
    }
    return cpuMilliseconds() - start;
  });
  // Below a twentieth of a millisecond the clock measures itself.
  return Math.max(Math.min(...times), 0.05);
}

test('too many names of attributes are refused before anything is verified', () => {
  const named = (n: number) =>
    responseXml({
      attributes: attributeStatement(...Array.from({ length: n }, (_, i) => attributeElement(`n${i}`, 'x'))),
    });
  expect(gate(named(256))).toHaveProperty('response');
  expect(gate(named(257))).toMatchObject({ reason: 'attributes' });
  const again = Array.from({ length: 600 }, () => attributeElement('role', 'x'));
  expect(gate(responseXml({ attributes: attributeStatement(...again) }))).toHaveProperty('response');
});
