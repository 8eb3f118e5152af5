// What the portal may look like and allow: each refusal in its own row, with a positive twin.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorkplace, goodProduction, load, problemsOf, type Workplace } from './support/workplace.ts';

let workplace: Workplace;

beforeAll(async () => {
  workplace = await createWorkplace();
  workplace.write('logo.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>');
  workplace.write('logo.gif', 'GIF89a');
  workplace.write('large.png', 'x'.repeat(256 * 1024 + 1));
});

afterAll(() => workplace?.remove());

const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
const longPolicy = { ...policy, Statement: [{ Effect: 'Allow', Action: ['x'.repeat(2048)], Resource: '*' }] };
const preset = { id: 'read-only', label: 'Read-only', policy };
const withPortal = (portal: object) => ({ ...goodProduction(), portal });

const rows: { name: string; bad: object; problem: string; twin: object }[] = [
  {
    name: 'a logo of another type',
    bad: { logo: 'logo.gif' },
    problem: 'is neither .svg nor .png',
    twin: { logo: 'logo.svg' },
  },
  {
    name: 'a logo that is not there',
    bad: { logo: 'none.svg' },
    problem: 'portal.logo: cannot read',
    twin: { logo: 'logo.svg' },
  },
  { name: 'a large logo', bad: { logo: 'large.png' }, problem: 'larger than 256 KiB', twin: { logo: 'logo.svg' } },
  { name: 'a colour by name', bad: { color: 'red' }, problem: 'portal.color', twin: { color: '#1a5A86' } },
  {
    name: 'an embedder with a path',
    bad: { embedders: ['https://intranet.corp.example/portal'] },
    problem: 'portal.embedders[0]: is not an origin',
    twin: { embedders: ['https://intranet.corp.example'] },
  },
  {
    name: 'any referrer at all',
    bad: { trustedReferrers: ['*'] },
    problem: 'portal.trustedReferrers[0]: is not an origin',
    twin: { trustedReferrers: ['https://intranet.corp.example'] },
  },
  {
    name: 'a session policy that STS would not take',
    bad: { sessionPolicies: [{ ...preset, policy: longPolicy }] },
    problem: 'portal.sessionPolicies[0].policy: is longer than',
    twin: { sessionPolicies: [preset] },
  },
  {
    name: 'a session policy without statements',
    bad: { sessionPolicies: [{ ...preset, policy: { ...policy, Statement: [] } }] },
    problem: 'portal.sessionPolicies[0].policy.Statement',
    twin: { sessionPolicies: [preset] },
  },
  {
    name: 'two session policies of one id',
    bad: { sessionPolicies: [preset, preset] },
    problem: 'portal.sessionPolicies: two have the same id',
    twin: { sessionPolicies: [preset, { ...preset, id: 'other' }] },
  },
];

describe('the portal', () => {
  test.each(rows)('refuses $name', async ({ bad, problem, twin }) => {
    expect(await problemsOf(workplace, withPortal(bad))).toEqual([expect.stringContaining(problem)]);
    expect(await problemsOf(workplace, withPortal(twin))).toEqual([]);
  });

  test('has its logo read, and its session policies as STS takes them', async () => {
    const { portal } = await load(workplace, withPortal({ logo: 'logo.svg', sessionPolicies: [preset] }));
    expect(portal.logo).toEqual({
      bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
      type: 'image/svg+xml',
    });
    expect(portal.sessionPolicies[0]?.policy).toBe(JSON.stringify(policy));
  });

  test('is closed where nothing is said', async () => {
    const { portal } = await load(workplace, goodProduction());
    const { administrators, embedders, trustedReferrers, sessionPolicies } = portal;
    expect([administrators, embedders, trustedReferrers, sessionPolicies]).toEqual([[], [], [], []]);
  });
});
