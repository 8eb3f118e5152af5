// An identity provider's metadata has its certificate and that of the authority: the authority's key signs nothing in.
import { afterAll, beforeAll, describe } from 'vitest';
import { makeKeyPair } from '../../emulators/keys.ts';
import type { KeyPair } from '../support/key-pairs.ts';
import { testAttacks } from './support/attack.ts';
import { answerXml } from './support/login.ts';
import { startTarget, type Target } from './support/target.ts';

let target: Target;
let authority: KeyPair;
beforeAll(async () => {
  authority = await makeKeyPair('authority of another team', { isCa: true });
  const signing = await makeKeyPair('identity provider', { ca: authority });
  target = await startTarget({ signing, authority });
});
afterAll(() => target?.close());

describe('a KeyDescriptor with a leaf and its authority', () => {
  testAttacks(
    () => target,
    [
      {
        name: "signed with the authority's key",
        rule: 'XML Signature §4.5.4',
        reason: 'signature',
        forge: (_xml, { login, mode }) =>
          answerXml({ ...target, keys: { ...target.keys, adfs: authority } }, login, mode),
      },
    ],
  );
});
