import { describe, expect, test } from 'vitest';
import { readDuration, readInstant } from '../../src/saml/instant.ts';
import { metadataLimits, readXml } from '../../src/saml/xml/xml-reader.ts';
import { refusal } from './support/refusals.ts';

function read(value: string): Date | undefined {
  return readInstant(readXml(`<x at="${value}"/>`, metadataLimits), 'at');
}

describe('readInstant [Core §1.3.3]', () => {
  test('gives undefined where the attribute is missing', () => {
    expect(readInstant(readXml('<x/>', metadataLimits), 'at')).toBeUndefined();
  });

  const accepted: readonly (readonly [string, string])[] = [
    ['2026-03-02T09:00:00Z', '2026-03-02T09:00:00.000Z'],
    ['2026-03-02T09:00:00.5Z', '2026-03-02T09:00:00.500Z'],
    ['2026-03-02T09:00:00.123Z', '2026-03-02T09:00:00.123Z'],
    ['2026-03-02T09:00:00.1234567Z', '2026-03-02T09:00:00.123Z'],
    ['2026-03-02T09:00:00.999999999Z', '2026-03-02T09:00:00.999Z'],
    ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59.000Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.9999999Z', '9999-12-31T23:59:59.999Z'],
    ['2026-03-02T09:00:00.1234567890Z', '2026-03-02T09:00:00.123Z'],
    [' 2026-03-02T09:00:00Z\n', '2026-03-02T09:00:00.000Z'],
  ];
  for (const [value, expected] of accepted) {
    test(`reads ${value}`, () => expect(read(value)?.toISOString()).toBe(expected));
  }

  const refused = [
    '',
    '2026-03-02T09:00:00',
    '2026-03-02T09:00:00z',
    '2026-03-02t09:00:00Z',
    '2026-03-02 09:00:00Z',
    '2026-03-02T09:00:00+00:00',
    '2026-03-02T09:00:00+01:00',
    '2026-03-02T09:00Z',
    '2026-03-02T09:00:00.Z',
    '2026-03-02T09:00:00,5Z',
    '2026-02-29T09:00:00Z',
    '2026-02-30T09:00:00Z',
    '2026-04-31T09:00:00Z',
    '2026-13-01T09:00:00Z',
    '2026-00-10T09:00:00Z',
    '2026-03-00T09:00:00Z',
    '2026-03-02T24:00:00Z',
    '2026-03-02T25:00:00Z',
    '2026-03-02T09:60:00Z',
    '2026-03-02T09:00:60Z',
    '0000-01-01T00:00:00Z',
    '-2026-03-02T09:00:00Z',
    '+002026-03-02T09:00:00Z',
    '12026-03-02T09:00:00Z',
    '26-03-02T09:00:00Z',
    '2026-03-02',
    '2026-W10-1',
    'Mon, 02 Mar 2026 09:00:00 GMT',
    'March 2, 2026',
    '1772442000',
    '1772442000000',
    'now',
    '٢٠٢٦-03-02T09:00:00Z',
  ];
  for (const value of refused) {
    test(`refuses ${JSON.stringify(value)}`, () => {
      expect(() => read(value)).toThrow(expect.objectContaining(refusal('malformed')));
    });
  }
});

describe('readDuration', () => {
  const readOf = (value: string) => readDuration(readXml(`<x for="${value}"/>`, metadataLimits), 'for');

  test('gives undefined where the attribute is missing', () => {
    expect(readDuration(readXml('<x/>', metadataLimits), 'for')).toBeUndefined();
  });

  const accepted: readonly (readonly [string, number])[] = [
    ['PT0S', 0],
    ['PT1S', 1000],
    ['PT90M', 5_400_000],
    ['PT12H', 43_200_000],
    ['P1D', 86_400_000],
    ['P1DT1H1M1S', 90_061_000],
    ['P1M', 2_592_000_000],
    ['P1Y', 31_536_000_000],
    ['P1D ', 86_400_000],
    ['P99999999999D', Number.MAX_SAFE_INTEGER],
  ];
  for (const [value, milliseconds] of accepted) {
    test(`reads ${value}`, () => expect(readOf(value)).toBe(milliseconds));
  }

  for (const value of ['', 'P', 'PT', 'P1DT', '-P1D', 'P1H', '1D', 'P1.5D', 'P1S', 'PT1D', 'p1d', 'P1W']) {
    test(`refuses ${JSON.stringify(value)}`, () => {
      expect(() => readOf(value)).toThrow(expect.objectContaining(refusal('malformed')));
    });
  }
});
