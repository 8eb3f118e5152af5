import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { systemRandom } from '../../src/random.ts';
import { hashedKey, seal, unseal } from '../../src/store/sealing.ts';

const secret = 'PcnZ0bq3vVQ2Yd2mZp8v4T3m3n1x0r9w8u7t6s5r4q3';
const value = { user: 'alice@corp.example', groups: ['CORP\\AWS-Payments-Dev'], at: 1_772_442_000_000 };

describe('seal and unseal', () => {
  test('what was sealed opens with the same purpose and secret', () => {
    expect(unseal(seal(value, 'session', secret, systemRandom), 'session', secret)).toEqual(value);
  });

  test('any JSON value and any secret make the round trip', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ minLength: 1, maxLength: 80 }), (json, anySecret) => {
        const opened = unseal(seal(json, 'session', anySecret, systemRandom), 'session', anySecret);
        expect(JSON.stringify(opened)).toBe(JSON.stringify(json));
      }),
      { numRuns: 50 },
    );
  });

  test('two seals of one value have nothing in common', () => {
    const [one, other] = [seal(value, 'session', secret, systemRandom), seal(value, 'session', secret, systemRandom)];
    expect(one.equals(other)).toBe(false);
    expect(one.subarray(0, 12).equals(other.subarray(0, 12))).toBe(false);
  });

  test('neither the value nor the secret can be read in the sealed bytes', () => {
    const sealed = seal(value, 'session', secret, systemRandom).toString('latin1');
    for (const text of ['alice', 'CORP', 'Payments', secret]) expect(sealed).not.toContain(text);
  });

  test.each([
    ['another secret', 'session', `${secret.slice(0, -1)}4`],
    ['another purpose', 'login', secret],
    ['an empty secret', 'session', ''],
  ])('does not open with %s', (_, purpose, otherSecret) => {
    expect(unseal(seal(value, 'session', secret, systemRandom), purpose, otherSecret)).toBeUndefined();
  });

  test('a flipped bit anywhere is seen', () => {
    const sealed = seal(value, 'session', secret, systemRandom);
    for (let index = 0; index < sealed.length; index++) {
      const altered = Buffer.from(sealed);
      altered.writeUInt8(altered.readUInt8(index) ^ 1, index);
      expect(unseal(altered, 'session', secret), `byte ${index}`).toBeUndefined();
    }
  });

  test('a cut or extended record is seen', () => {
    const sealed = seal(value, 'session', secret, systemRandom);
    for (const length of [0, 1, 12, 27, 28, sealed.length - 1]) {
      expect(unseal(sealed.subarray(0, length), 'session', secret), `${length} bytes`).toBeUndefined();
    }
    expect(unseal(Buffer.concat([sealed, Buffer.alloc(1)]), 'session', secret)).toBeUndefined();
  });
});

describe('hashedKey', () => {
  test('tells purposes and secrets apart and shows neither secret nor length', () => {
    const names = [
      hashedKey('session', secret),
      hashedKey('login', secret),
      hashedKey('session', `${secret}x`),
      hashedKey('session', ''),
    ];
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name).toMatch(/^(session|login):[\w-]{43}$/);
    expect(names.join()).not.toContain(secret);
  });
});
