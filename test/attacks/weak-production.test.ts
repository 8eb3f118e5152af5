// What an operator may leave open and a neighbour then uses: production names all of it at once, and does not start.
import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  change,
  createWorkplace,
  env,
  goodProduction,
  problemsOf,
  type Workplace,
} from '../config/support/workplace.ts';

let workplace: Workplace;
beforeAll(async () => {
  workplace = await createWorkplace();
});
afterAll(() => workplace.remove());

const host = 'http://intranet.example';
const open: readonly (readonly [what: string, path: string, value: unknown, problem: RegExp])[] = [
  ['Redis in plain text', 'store.url', 'redis://redis.example:6379', /^store/],
  ['Redis without a password', 'store.password', undefined, /^store/],
  [
    'secrets in the file',
    'session.secrets',
    ['a literal secret of more than thirty-two characters'],
    /^session\.secrets/,
  ],
  ['embedders on http', 'portal.embedders', [host], /^portal\.embedders/],
  ['trusted referrers on http', 'portal.trustedReferrers', [host], /^portal\.trustedReferrers/],
];
const relaxed: readonly (readonly [name: string, value: string])[] = [
  ['NODE_TLS_REJECT_UNAUTHORIZED', '0'],
  ['NODE_OPTIONS', '--inspect=0.0.0.0:9229'],
  ['NODE_OPTIONS', '--tls-keylog=/var/log/keys'],
  ['NODE_DEBUG', 'http'],
];

test('the twin: a good configuration in a good environment', async () => {
  expect(await problemsOf(workplace, goodProduction())).toEqual([]);
});

test.each(open)('%s', async (_, path, value, problem) => {
  expect(await problemsOf(workplace, change(goodProduction(), path, value))).toContainEqual(
    expect.stringMatching(problem),
  );
});

test.each(relaxed)('%s=%s', async (name, value) => {
  const problems = await problemsOf(workplace, goodProduction(), { ...env, [name]: value });
  expect(problems).toContainEqual(expect.stringContaining(name));
});

test('a minting key that others can read, or a folder in which they can replace it', async () => {
  for (const [path, mode, good] of [
    [workplace.path('aws.key'), 0o644, 0o600],
    [workplace.directory, 0o777, 0o700],
  ] as const) {
    chmodSync(path, mode);
    const problems = await problemsOf(workplace, goodProduction());
    chmodSync(path, good);
    expect(problems).toContainEqual(expect.stringContaining('aws.signing.key'));
  }
});

test('all of it at once: every reason is named', async () => {
  const raw = open.reduce((sum, [, path, value]) => change(sum, path, value), goodProduction());
  const problems = await problemsOf(workplace, raw, { ...env, ...Object.fromEntries(relaxed) });
  for (const [, , , problem] of open) expect(problems).toContainEqual(expect.stringMatching(problem));
  for (const [name] of relaxed) expect(problems).toContainEqual(expect.stringContaining(name));
});
