// What the claims of an ID token may become, and what they may not be taken for.
import { describe, expect, test } from 'vitest';
import { identityFromClaims } from '../../../src/broker/sign-in/oidc-identity.ts';

const iat = 1_800_000_000;
const good = { iss: 'https://idp.example', sub: 's-1', iat, email: 'carol@corp.example', groups: ['Developers'] };
const provider = {
  id: 'google',
  attributes: { user: 'email', groups: 'groups', displayName: 'name', groupsMember: undefined },
};
const read = (claims: Record<string, unknown>, names: readonly string[] = []) =>
  identityFromClaims({ ...good, ...claims } as typeof good, provider, names);
const refused = expect.objectContaining({ code: 'openid_refused', reason: 'attributes' });

describe('an e-mail address', () => {
  test.each([[undefined], [true], ['true']])('counts with email_verified %j', (email_verified) => {
    expect(read({ email_verified }).user).toBe('carol@corp.example');
  });

  test.each([[false], ['false'], ['True '], [''], [0], [1], [null], [[]], [{}], [['true']]])(
    'is refused with email_verified %j',
    (email_verified) => {
      expect(() => read({ email_verified })).toThrow(refused);
    },
  );
});

describe('groups', () => {
  test.each([
    ['a list', ['A', 'B', 'A'], ['A', 'B']],
    ['one text', 'A', ['A']],
    ['texts among other things', ['A', 1, null, { name: 'B' }, ['C']], ['A']],
    ['an object', { 0: 'A', length: 1 }, []],
    ['a number', 7, []],
    ['nothing', undefined, []],
  ])('%s', (_, groups, found) => {
    expect(read({ groups }).groups).toEqual(found);
  });
});

describe('names of claims that mean something to JavaScript', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s', (name) => {
    expect(Object.keys(read({}, [name]).claims)).toEqual([]);
    const given = JSON.parse(`{"${name}": ["Admins"]}`);
    const { claims } = identityFromClaims({ ...good, ...given }, provider, [name]);
    expect(Object.getOwnPropertyDescriptor(claims, name)?.value ?? ['Admins']).toEqual(['Admins']);
    expect(Object.getPrototypeOf(claims)).toBe(Object.prototype);
  });
});

test.each([
  ['before the token', iat - 60, iat - 60, undefined],
  ['in a time to come', iat + 86_400, iat, undefined],
  ['in milliseconds', iat * 1000, iat, undefined],
  ['as text', String(iat - 5), iat, true],
  ['left out', undefined, iat, true],
])('auth_time %s', (_, auth_time, seconds, isAuthnInstantGuessed) => {
  const { authnInstant, isAuthnInstantGuessed: isGuessed } = read({ auth_time });
  expect([authnInstant, isGuessed]).toEqual([seconds * 1000, isAuthnInstantGuessed]);
});
