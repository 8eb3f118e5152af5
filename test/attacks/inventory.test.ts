// The tables count as cases only where each row is another one, and the documentation has their numbers.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { semantics, structure } from './support/families.ts';

const families = Object.entries({ ...structure, ...semantics });
const document = readFileSync(new URL('../../docs/attacks.md', import.meta.url), 'utf8');

test('there are more than four hundred rows', () => {
  expect(families.flatMap(([, attacks]) => attacks).length).toBeGreaterThan(400);
});

describe.each(families)('the family "%s"', (family, attacks) => {
  test('has a unique name for each row and way of signing', () => {
    const names = attacks.flatMap(({ name, modes = ['assertion', 'both'] }) =>
      modes.map((mode) => `${name} (${mode})`),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  test('is listed in docs/attacks.md with its number', () => {
    expect(document).toMatch(new RegExp(`^- \\*\\*${family}\\*\\* \\(${attacks.length} rows\\): `, 'm'));
  });
});
