import { expect, test } from 'vitest';
import { principalKey } from '../../src/access/principal.ts';
import { person } from './support.ts';

test('one value from two identity providers, or from two sources of one, is two people', () => {
  const keys = [
    person(),
    person({ idp: 'okta' }),
    person({ userSource: 'nameId' }),
    person({ user: 'Alice@corp.example' }),
    person({ idp: 'adfs","upn', userSource: 'x' }),
  ].map(principalKey);
  expect(new Set(keys).size).toBe(keys.length);
});

test('a person is the same with other groups, another display name and a later sign-in', () => {
  expect(principalKey(person({ groups: [], displayName: 'A. Sample', authnInstant: 0 }))).toBe(principalKey(person()));
});
