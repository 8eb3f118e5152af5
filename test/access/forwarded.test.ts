// What of an identity provider's response makes a role in the mode forward.
import { describe, expect, test } from 'vitest';
import { explainRules } from '../../src/access/explain.ts';
import type { Policy } from '../../src/access/model.ts';
import { resolveRoles } from '../../src/access/resolve.ts';
import { group, now, person, policy, rule } from './support.ts';

const prefix = 'https://aws.amazon.com/SAML/Attributes/';
const roleArn = 'arn:aws:iam::444455556666:role/Developer';
const provider = 'arn:aws:iam::444455556666:saml-provider/corp';
const good = {
  [`${prefix}Role`]: [`${roleArn},${provider}`],
  [`${prefix}RoleSessionName`]: ['a.sample'],
};
const holds = group('CORP\\Domain Users');
const forwarding = (grant: object = {}): Policy => ({
  ...policy(rule(holds, { mode: 'forward', maxDurationSeconds: 28_800, ...grant })),
  forward: { attributePrefix: prefix, providers: { adfs: 'corp' } },
});
const rolesWith = (claims: Record<string, readonly string[]>, from = forwarding()) =>
  resolveRoles(person({ claims }), from, now);

describe('a role in the mode forward', () => {
  test('has the provider of the identity provider, and the name from the response', () => {
    expect(rolesWith(good)).toMatchObject([
      { roleArn, principalArn: provider, sessionName: 'a.sample', maxDurationSeconds: 28_800 },
    ]);
  });

  const role = (...values: string[]) => ({ ...good, [`${prefix}Role`]: values });
  const named = (...values: string[]) => ({ ...good, [`${prefix}RoleSessionName`]: values });
  const lasting = (...values: string[]) => ({ ...good, [`${prefix}SessionDuration`]: values });
  const rows: readonly (readonly [string, Record<string, readonly string[]>, boolean])[] = [
    ['the provider first', role(`${provider},${roleArn}`), true],
    ['a space after the comma', role(`${roleArn}, ${provider}`), true],
    ['another role beside it', role(`${roleArn}2,${provider}`, `${roleArn},${provider}`), true],
    ['no role', role(), false],
    ['another role', role(`${roleArn}2,${provider}`), false],
    ['another provider', role(`${roleArn},${provider}2`), false],
    ['a pair of two values', role(roleArn, provider), false],
    ['a third part', role(`${roleArn},${provider},${provider}`), false],
    ['the role in other letters', role(`${roleArn.toLowerCase()},${provider}`), false],
    ['no name', named(), false],
    ['two names', named('a', 'b'), false],
    ['a name of one character', named('a'), false],
    ['a name of 64 characters', named('a'.repeat(64)), true],
    ['a name of 65 characters', named('a'.repeat(65)), false],
    ['a name with a space', named('a b'), false],
    ['15 minutes', lasting('900'), true],
    ['less than 15 minutes', lasting('899'), false],
    ['12 hours', lasting('43200'), true],
    ['more than 12 hours', lasting('43201'), false],
    ['a duration that is not a number', lasting('1e4'), false],
    ['two lengths', lasting('900', '900'), false],
  ];
  test.each(rows)('with %s: %s', (_, claims, isOffered) => {
    expect(rolesWith(claims).length > 0).toBe(isOffered);
  });

  test('lasts as long as the response allows, console and credentials alike', () => {
    expect(rolesWith(lasting('1800'))).toMatchObject([
      { maxDurationSeconds: 1800, durationLimitedBy: 'session', ruleDurationSeconds: 1800 },
    ]);
  });

  test('takes a rule as well, and an identity provider that has a provider', () => {
    expect(resolveRoles(person({ claims: good, groups: [] }), forwarding(), now)).toEqual([]);
    expect(resolveRoles(person({ claims: good, idp: 'other' }), forwarding(), now)).toEqual([]);
    expect(rolesWith(good, { ...forwarding(), forward: undefined })).toEqual([]);
  });

  test('is explained where the rule holds and the response is silent', () => {
    const because = (claims: Record<string, readonly string[]>, groups?: readonly string[]) =>
      explainRules(person({ claims, ...(groups ? { groups } : {}) }), forwarding(), now)[0]?.because?.kind;
    expect(because({})).toBe('not_forwarded');
    expect(because(good)).toBeUndefined();
    expect(because({}, [])).toBe('group');
  });
});

test('a role in the mode browser-post is not bound by its own maximum', () => {
  const longest = (mode: 'mint' | 'browser-post') =>
    resolveRoles(
      person(),
      policy(rule(holds, { mode, maxDurationSeconds: 43_200, roleMaxDurationSeconds: 3600 })),
      now,
    )[0]?.maxDurationSeconds;
  expect([longest('mint'), longest('browser-post')]).toEqual([3600, 43_200]);
});
