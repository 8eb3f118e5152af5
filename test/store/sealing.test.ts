import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { systemRandom } from '../../src/random.ts';
import { createSealer, hashedKey, type RecordName } from '../../src/store/sealing.ts';

const owner = 'PcnZ0bq3vVQ2Yd2mZp8v4T3m3n1x0r9w8u7t6s5r4q3';
const value = { user: 'alice@corp.example', groups: ['CORP\\AWS-Payments-Dev'], at: 1_772_442_000_000 };
const record: RecordName = { type: 'session', key: hashedKey('session', owner), owner };
const [old, current] = ['the secret of before, long enough', 'the secret of now, as long as that'];
const sealer = createSealer([current], systemRandom);

describe('seal and open', () => {
  test('what was sealed opens for the same record', () => {
    expect(sealer.open(z.unknown(), sealer.seal(value, record), record)).toEqual(value);
  });

  test('any JSON value and any owner make the round trip', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ minLength: 1, maxLength: 80 }), (json, anyOwner) => {
        const own = { ...record, owner: anyOwner };
        const opened = sealer.open(z.unknown(), sealer.seal(json, own), own);
        expect(JSON.stringify(opened)).toBe(JSON.stringify(json));
      }),
      { numRuns: 50 },
    );
  });

  // Processes of two versions share a store while one replaces the other.
  test.each([
    ['a small value', value],
    ['a large one', { ...value, groups: Array(200).fill('CORP\\Group') }],
  ])('%s: raw deflate under a key of HKDF, for Node as well', (_, plain) => {
    const key = Buffer.from(
      hkdfSync(
        'sha256',
        owner,
        Buffer.from(hkdfSync('sha256', current, '', 'rolegate records v2', 32)),
        'rolegate session v2',
        32,
      ),
    );
    const aad = Buffer.from(JSON.stringify([record.type, record.key, owner]));
    const iv = Buffer.alloc(12, 7);
    const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad);
    const content = Buffer.concat([cipher.update(deflateRawSync(JSON.stringify(plain))), cipher.final()]);
    expect(sealer.open(z.unknown(), Buffer.concat([iv, cipher.getAuthTag(), content]), record)).toEqual(plain);
    const sealed = sealer.seal(plain, record);
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12)).setAAD(aad);
    decipher.setAuthTag(sealed.subarray(12, 28));
    const opened = Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]);
    expect(JSON.parse(inflateRawSync(opened).toString())).toEqual(plain);
  });

  test.each([65_000, 66_000, 200_000])('%i characters that must not be compressed make the round trip', (length) => {
    const long = { text: 'x'.repeat(length) };
    const sealed = sealer.seal(long, record, false);
    expect(sealed.length).toBeGreaterThan(length);
    expect(sealer.open(z.unknown(), sealed, record)).toEqual(long);
  });

  test('a value of many groups is compressed', () => {
    const groups = Array.from({ length: 200 }, (_, number) => `CORP\\AWS-Payments-Developers-${number}`);
    expect(sealer.seal({ ...value, groups }, record).length).toBeLessThan(1536);
  });

  test('two seals of one value have nothing in common', () => {
    const [one, other] = [sealer.seal(value, record), sealer.seal(value, record)];
    expect(one.equals(other)).toBe(false);
    expect(one.subarray(0, 12).equals(other.subarray(0, 12))).toBe(false);
  });

  test('neither the value nor any secret can be read in the sealed bytes', () => {
    const sealed = sealer.seal(value, record).toString('latin1');
    for (const text of ['alice', 'CORP', 'Payments', owner, current]) expect(sealed).not.toContain(text);
  });

  test.each<[string, RecordName]>([
    ['another owner', { ...record, owner: `${owner.slice(0, -1)}4` }],
    ['another type', { ...record, type: 'login' }],
    ['another key', { ...record, key: hashedKey('session', 'another') }],
    ['an empty owner', { ...record, owner: '' }],
  ])('does not open for %s', (_, other) => {
    expect(sealer.open(z.unknown(), sealer.seal(value, record), other)).toBeUndefined();
  });

  test('does not open without the secret of the server that sealed it, and does not have another shape', () => {
    const sealed = sealer.seal(value, record);
    expect(createSealer([old], systemRandom).open(z.unknown(), sealed, record)).toBeUndefined();
    expect(createSealer([old, current], systemRandom).open(z.unknown(), sealed, record)).toEqual(value);
    expect(sealer.open(z.object({ user: z.number() }), sealed, record)).toBeUndefined();
  });

  test('a flipped bit anywhere is seen', () => {
    const sealed = sealer.seal(value, record);
    for (let index = 0; index < sealed.length; index++) {
      const altered = Buffer.from(sealed);
      altered.writeUInt8(altered.readUInt8(index) ^ 1, index);
      expect(sealer.open(z.unknown(), altered, record), `byte ${index}`).toBeUndefined();
    }
  });

  test('a cut or extended record is seen', () => {
    const sealed = sealer.seal(value, record);
    for (const length of [0, 1, 12, 27, 28, sealed.length - 1]) {
      expect(sealer.open(z.unknown(), sealed.subarray(0, length), record), `${length} bytes`).toBeUndefined();
    }
    expect(sealer.open(z.unknown(), Buffer.concat([sealed, Buffer.alloc(1)]), record)).toBeUndefined();
  });
});

test('macs: one for each secret, the newest first, of purpose and parts', () => {
  const [first, second] = createSealer([current, old], systemRandom).macs;
  expect(first('index', ['a', 'b'])).toBe(sealer.macs[0]('index', ['a', 'b']));
  const all = [
    first('index', ['a', 'b']),
    first('mark', ['a', 'b']),
    first('index', ['ab']),
    second!('index', ['a', 'b']),
  ];
  expect(new Set(all).size).toBe(4);
});

describe('hashedKey', () => {
  test('tells types and secrets apart and shows neither secret nor length', () => {
    const names = [
      hashedKey('session', owner),
      hashedKey('login', owner),
      hashedKey('session', `${owner}x`),
      hashedKey('session', ''),
    ];
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name).toMatch(/^(session|login):[\w-]{43}$/);
    expect(names.join()).not.toContain(owner);
  });
});
