// Every row of the tables in cases/, against one running broker.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalization } from './cases/canonicalization.ts';
import { donors } from './cases/donors.ts';
import { signatures } from './cases/signatures.ts';
import { syntax } from './cases/syntax.ts';
import { wrapping } from './cases/wrapping.ts';
import { type Attack, testAttacks } from './support/attack.ts';
import { startTarget, type Target } from './support/target.ts';

let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target?.close());

const families: Readonly<Record<string, readonly Attack[]>> = {
  'signature presence and coverage': signatures,
  'signature wrapping': wrapping,
  'documents for something else': donors,
  'markup and encodings': syntax,
  'names and canonical forms': canonicalization,
};

for (const [family, attacks] of Object.entries(families)) describe(family, () => testAttacks(() => target, attacks));

test('every row has a name of its own', () => {
  const names = Object.values(families).flatMap((attacks) =>
    attacks.map(({ name, modes }) => `${name} ${modes?.[0] ?? ''}`),
  );
  expect(new Set(names).size).toBe(names.length);
});
