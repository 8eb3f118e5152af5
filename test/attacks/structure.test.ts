// Messages that are written or signed in a way that must not count, against a running broker.
import { afterAll, beforeAll, describe } from 'vitest';
import { testAttacks } from './support/attack.ts';
import { structure } from './support/families.ts';
import { startTarget, type Target } from './support/target.ts';

let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target?.close());

for (const [family, attacks] of Object.entries(structure)) describe(family, () => testAttacks(() => target, attacks));
