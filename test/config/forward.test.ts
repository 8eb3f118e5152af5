// The modes forward and browser-post in the configuration: each refusal beside an accepted value.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  change,
  createWorkplace,
  goodProduction,
  load,
  problemsOf,
  type Raw,
  type Workplace,
} from './support/workplace.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
});
afterAll(() => workplace.remove());

const changed = (...changes: readonly (readonly [string, unknown])[]): Raw =>
  changes.reduce<Raw>((raw, [path, value]) => change(raw, path, value), goodProduction());
const idp = String((goodProduction()['identityProviders'] as Raw[])[0]?.['id']);
const forward = [
  ['rules[0].grant.mode', 'forward'],
  ['aws.forward', { provider: 'corp' }],
] as const;
const names = ['Role', 'RoleSessionName', 'SessionDuration'].map((n) => `https://aws.amazon.com/SAML/Attributes/${n}`);

describe('the mode forward', () => {
  test('takes one provider for all, or one for each identity provider, and keeps the claims that it needs', async () => {
    const one = await load(workplace, changed(...forward));
    expect(one.policy.forward?.providers[idp]).toBe('corp');
    expect(one.claimNames).toEqual(expect.arrayContaining(names));
    const each = await load(workplace, changed(...forward, ['aws.forward', { provider: { [idp]: 'own' } }]));
    expect(each.policy.forward?.providers).toEqual({ [idp]: 'own' });
  });

  test('keeps nothing where no rule forwards', async () => {
    const { policy, claimNames } = await load(workplace, changed(['aws.forward', { provider: 'corp' }]));
    expect([policy.forward, claimNames.filter((name) => names.includes(name))]).toEqual([undefined, []]);
  });

  test.each([
    ['no provider', [['aws.forward', undefined]], 'needs a SAML identity provider that aws.forward.provider names'],
    [
      'a provider for an identity provider that is not there',
      [['aws.forward', { provider: { nobody: 'corp' } }]],
      'aws.forward.provider: no SAML identity provider has the id nobody',
    ],
    ['a provider that IAM cannot have', [['aws.forward', { provider: 'a b' }]], 'aws.forward.provider'],
    ['session tags', [['rules[0].grant.sessionTags', { Team: 'x' }]], 'sessionTags: the mode forward takes'],
    ['a session name', [['rules[0].grant.sessionName', '{user}']], 'sessionName: the mode forward takes'],
    ['more than twelve hours', [['rules[0].grant.maxDuration', '13h']], 'the mode forward allows at most 12 hours'],
  ] as const)('is refused with %s', async (_, changes, problem) => {
    expect((await problemsOf(workplace, changed(...forward, ...changes))).join('\n')).toContain(problem);
  });
});

describe('the mode browser-post', () => {
  const post = ['rules[0].grant.mode', 'browser-post'] as const;

  test('is refused with a session policy, which an assertion cannot carry', async () => {
    expect(await problemsOf(workplace, changed(post))).toEqual([]);
    const arns = ['rules[0].grant.sessionPolicy', { arns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] }] as const;
    expect(await problemsOf(workplace, changed(arns))).toEqual([]);
    const problem = 'rules[0].grant.sessionPolicy: the mode browser-post cannot carry one';
    expect(await problemsOf(workplace, changed(post, arns))).toEqual([problem]);
    const sourceIp = ['rules[0].grant.sourceIp', ['203.0.113.0/24']] as const;
    expect(await problemsOf(workplace, changed(sourceIp))).toEqual([]);
    const other = 'rules[0].grant.sourceIp: the mode browser-post cannot carry a session policy';
    expect(await problemsOf(workplace, changed(post, sourceIp))).toEqual([other]);
  });
});
