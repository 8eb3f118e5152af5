// The address that continues after a sign-in: the parameters it carries, and their meaning for the person who opens it.
import { parse } from 'node:querystring';
import { expect, test } from 'vitest';
import type { EligibleRole } from '../../../src/access/model.ts';
import { resolveRoles } from '../../../src/access/resolve.ts';
import type { Portal } from '../../../src/config/portal.ts';
import { localPath } from '../../../src/http/page/return-to.ts';
import { readResume, resumePath } from '../../../src/http/sign-in/resume.ts';
import { group, now, person, policy, rule } from '../../access/support.ts';

const member = group('CORP\\AWS-Payments-Dev');
const names = ['Developer', 'team/Admin', ...Array.from({ length: 18 }, (_, index) => `Role${index}`.padEnd(64, 'x'))];
const rules = names.map((role) => rule(member, { role }, role));
const roles = resolveRoles(person(), policy(...rules), now);
const arns = roles.map(({ roleArn }) => roleArn);
const [developer] = roles as [EligibleRole];

const portal = { sessionPolicies: [{ id: 'read-only', label: 'Read-only', policy: '{}' }] } as unknown as Portal;
const read = (path: string, own: readonly EligibleRole[] = roles) => readResume(parse(path.slice(2)), own, portal);

test('says what was chosen, for one role by its ARN', () => {
  const asked = { durationSeconds: 900, sessionPolicy: 'read-only' };
  const path = resumePath('credentials', [developer.roleArn], asked);
  expect(path).toBe(
    `/?resume=credentials&role=${encodeURIComponent(developer.roleArn)}&durationSeconds=900&sessionPolicy=read-only`,
  );
  expect(read(path)).toEqual({ action: 'credentials', roles: [developer], asked });
});

test('says as many roles as may be chosen at once, and still leads back', () => {
  expect(arns).toHaveLength(20);
  const path = resumePath('credentials', arns, { durationSeconds: 43_200, sessionPolicy: 'x'.repeat(32) });
  expect(localPath(path, 'https://broker.example')).toBe(path);
  expect(read(resumePath('credentials', arns))?.roles).toEqual(roles);
});

test('means only what the person has', () => {
  expect(read(resumePath('credentials', arns.slice(0, 3)), roles.slice(1, 2))?.roles).toEqual([roles[1]]);
  expect(read(resumePath('credentials', arns.slice(0, 3)), [])).toBeUndefined();
});

test.each([
  ['a session policy that there is not', '&sessionPolicy=gone'],
  ['a duration that is out of range', '&durationSeconds=899'],
  ['a duration that is none', '&durationSeconds=x'],
  ['two durations', '&durationSeconds=900&durationSeconds=3600'],
  ['two actions', '&resume=console'],
])('means nothing with %s', (_, more) => {
  expect(read(resumePath('credentials', [developer.roleArn]))).toBeDefined();
  expect(read(resumePath('credentials', [developer.roleArn]) + more)).toBeUndefined();
});

test('opens one console, never several', () => {
  expect(read(resumePath('console', [developer.roleArn]))?.action).toBe('console');
  expect(read(resumePath('console', arns.slice(0, 2)))).toBeUndefined();
});

test('keeps a value that is not an ARN unchanged, and ignores it', () => {
  const path = resumePath('credentials', ['"><script>', '//evil.example']);
  expect(localPath(path, 'https://broker.example')).toBe(path);
  expect(read(path)).toBeUndefined();
});
