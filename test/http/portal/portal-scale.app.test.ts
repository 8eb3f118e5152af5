// A thousand accounts with five roles each: resolving and writing the page take time in proportion to the roles.
import { expect, test } from 'vitest';
import type { Account, Policy } from '../../../src/access/model.ts';
import { resolveRoles } from '../../../src/access/resolve.ts';
import { en } from '../../../src/http/page/messages/en.ts';
import { portalPage, roleList } from '../../../src/http/portal/portal-page.ts';
import { group, now, person, policy, rule } from '../../access/support.ts';
import { workRatio } from '../../support/cpu-time.ts';

const rolesPerAccount = 5;

function estate(count: number): Policy {
  const accounts = Array.from(
    { length: count },
    (_, index): Account => ({
      id: String(100_000_000_000 + index),
      alias: `team-${index}`,
      name: `Team ${index}`,
      environment: ['development', 'staging', 'production'][index % 3],
      region: undefined,
      owner: `team-${index}@corp.example`,
      labels: ['label-a', 'label-b'],
      mode: undefined,
    }),
  );
  const aliases = accounts.map(({ alias }) => alias);
  const grants = Array.from({ length: rolesPerAccount }, (_, index) => ({ accounts: aliases, role: `Role${index}` }));
  return { ...policy(...grants.map((grant) => rule(group('CORP\\AWS-Payments-Dev'), grant))), accounts };
}

const session = {
  ...{ identity: person(), nameId: undefined, sessionIndex: undefined, assertionId: '_a', expiresAt: 0 },
  steppedUpFor: undefined,
};
const frame = { portalName: 'Portal', help: 'Help', text: en, theme: 'system', density: 'compact', path: '/' } as const;

function pageOf(some: Policy): string {
  const roles = resolveRoles(session.identity, some, now);
  const favourites = roles.slice(0, 10).map(({ roleArn }) => roleArn);
  const recents = favourites.map((roleArn) => ({ roleArn, usedAt: 0 }));
  const [before, after] = portalPage(frame, {
    session,
    roles,
    resume: undefined,
    sessionPolicies: [],
    favourites,
    recents,
  });
  return before + roleList(roles, favourites, en) + after;
}

test('eight times the accounts take about eight times as long', () => {
  const [small, large] = [estate(125), estate(1000)];
  pageOf(large);
  const ratio = workRatio(
    () => pageOf(small),
    () => pageOf(large),
  );
  expect(ratio).toBeLessThan(20);
});

test('a role costs little of the page', () => {
  const page = pageOf(estate(1000));
  expect(page.match(/<li class="role">/g)!.length).toBeGreaterThan(1000 * rolesPerAccount);
  expect(page.length / (1000 * rolesPerAccount)).toBeLessThan(1600);
});

test('thousands of groups and rules cost no more than comparing each with each', () => {
  const resolving = (count: number) => {
    const groups = Array.from({ length: count }, (_, index) => `CORP\\Group-${index}`);
    const rules = groups.map((name) => rule(group(`${name}-x`)));
    const many = { ...policy(...rules, rule(group(`CORP\\Group-${count - 1}`))) };
    const identity = person({ groups });
    expect(resolveRoles(identity, many, now)).toHaveLength(1);
    return () => resolveRoles(identity, many, now);
  };
  expect(workRatio(resolving(750), resolving(3000))).toBeLessThan(48);
});
