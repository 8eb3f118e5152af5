// Messages that are well written and signed, and say or use what must not count, against a running broker.
import { afterAll, beforeAll, describe } from 'vitest';
import { testAttacks } from './support/attack.ts';
import { semantics } from './support/families.ts';
import { startTarget, type Target } from './support/target.ts';

let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target?.close());

for (const [family, attacks] of Object.entries(semantics)) describe(family, () => testAttacks(() => target, attacks));
