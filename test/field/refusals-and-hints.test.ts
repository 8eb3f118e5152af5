// What helps an operator: hints at values that look right and are not, and rejected sign-ins with what came and what to do.
import { describe, expect, test } from 'vitest';
import { filterRoles, findRole } from '../../src/access/find-role.ts';
import type { EligibleRole } from '../../src/access/model.ts';
import { explain } from '../../src/admin/explain.ts';
import { rolesWithWords } from '../../src/cli/roles/role-match.ts';
import type { RoleEntry } from '../../src/wire/api.ts';
import type { Raw } from '../config/support/workplace.ts';
import { type TestApp, useApp } from '../http/support/app.ts';

const createApp = useApp();
const accept = { Accept: 'text/html' };
const groupsClaim = 'http://schemas.xmlsoap.org/claims/Group';
const upn = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn';
const umlaut = 'Gruppe-Ä'.normalize('NFD');
const rule = (name: string, when: object) => ({ name, when, grant: { accounts: ['payments-dev'], role: 'Developer' } });
const withRules = (raw: Raw): Raw => ({
  ...raw,
  portal: { administrators: ['CORP\\Admins'] },
  rules: [
    rule('by name', { group: 'aws-dev' }),
    rule('umlaut', { group: umlaut }),
    rule('by pattern', { groupPattern: 'CN=(?<role>\\w+),.*' }),
  ],
});

async function signedInWith(...groups: string[]): Promise<{ app: TestApp; page: string; warnings: string[] }> {
  const app = await createApp(withRules);
  const alice = app.browser();
  const answer = await alice.answer(await alice.startLogin(), 'alice', {
    claims: { [upn]: ['alice@corp.example'], [groupsClaim]: groups },
  });
  expect(answer.status).toBe(303);
  const page = (await alice.get('/why', accept)).text;
  const warnings = app.log.lines().flatMap((line) => (line['kind'] === undefined ? [] : [String(line['msg'])]));
  return { app, page, warnings };
}
const explained = ({ app }: { app: TestApp }, ...groups: string[]) =>
  explain(app.config, { user: 'alice', groups, idp: undefined }, app.clock.now());

describe('groups in one value', () => {
  const question = 'holds ; or ,: does the identity provider join the groups?';

  test.each(['aws-dev;aws-prod', 'aws-dev, aws-prod', 'aws-dev|aws-prod', 'aws-dev\naws-prod'])(
    '%j: /why, explain and log ask whether they are joined',
    async (value) => {
      const world = await signedInWith(value);
      const hint = `ne value of ${value.length} characters ${question}`;
      expect(world.page).toContain(hint);
      expect(world.page).toContain('if your groups were separate values');
      expect(world.warnings).toEqual([expect.stringContaining(hint)]);
      expect(explained(world, value)).toContain(`note: o${hint}`);
      expect(explained(world, value)).toMatch(/no {3}by name: .*if the groups were separate values/);
    },
  );

  test.each(['CN=aws-dev,OU=Groups,DC=corp', 'Domain Admins', 'CN=a,OU=b;c'])('%j is one group', async (value) => {
    const world = await signedInWith(value);
    expect(world.page).not.toContain('join the groups');
    expect(world.warnings).toEqual([]);
  });
});

describe('values that look the same', () => {
  test.each([
    ['normal_form', umlaut.normalize('NFC'), 'Unicode normal form'],
    ['white space around it', '\n  aws-dev \n', 'white space or invisible characters'],
    ['a character without width', 'aws-\u200bdev', 'white space or invisible characters'],
  ])('%s: a hint, and no right', async (_, value, text) => {
    const world = await signedInWith(value);
    expect(world.page).toContain(text);
    expect(world.page).not.toContain('data-gives');
    expect(explained(world, value)).toContain(`a value differs only in ${text.replace(' (', '')}`);
  });

  test('the same form gives the role', async () => {
    expect((await signedInWith(umlaut)).page).toContain('data-gives');
  });
});

test('a value too long for patterns is counted on /why, in explain and in the log', async () => {
  const value = `CN=Developer,${'OU=x,'.repeat(80)}`;
  const world = await signedInWith(value);
  const hint = 'values over 256 characters are not matched against patterns';
  expect(world.page).toContain(hint);
  expect(world.warnings).toEqual([expect.stringContaining(hint)]);
  expect(explained(world, value)).toContain(hint);
  expect((await signedInWith('CN=Developer,OU=x')).page).not.toContain(hint);
});

test.each([
  ['결제', 'NFD', 'NFC'],
  ['결제', 'NFC', 'NFD'],
  ['übersee', 'NFD', 'NFC'],
  ['übersee', 'NFC', 'NFD'],
] as const)('%s in %s is found as %s by page, link and command', (name, stored, typed) => {
  const shown = name.normalize(stored);
  const roleArn = 'arn:aws:iam::111122223333:role/Admin';
  const account = { name: shown, alias: 'pay', id: '111122223333', environment: shown, labels: [] };
  const roles = [{ account, roleArn, roleName: 'Admin' }] as unknown as EligibleRole[];
  const query = name.normalize(typed);
  for (const each of [query, `${query}/Admin`, `${query} admin`]) {
    expect(findRole(each, roles)).toMatchObject({ kind: 'one' });
    expect(filterRoles({ q: each }, roles)).toHaveLength(1);
  }
  expect(filterRoles({ environment: query }, roles)).toHaveLength(1);
  const facts = { accountName: shown, accountAlias: 'pay', accountId: '111122223333', environment: shown };
  const entries = [{ ...facts, accountLabels: [], roleArn, roleName: 'Admin' }] as unknown as RoleEntry[];
  expect(rolesWithWords(entries, query)).toHaveLength(1);
});

describe('a rejected sign-in', () => {
  const last = ({ audit }: TestApp) => audit.lines().findLast(({ event }) => event === 'sign_in_refused');

  test('11 minutes late says so', async () => {
    const app = await createApp();
    const alice = app.browser();
    const started = await alice.startLogin();
    app.clock.advance(11 * 60_000);
    const page = await alice.answer(started, 'alice');
    const detail = 'the answer came 11 minutes after the request';
    expect(last(app)).toMatchObject({ reason: 'correlation', detail, received: 'after 11 minutes' });
    expect(page.text).not.toContain('11 minutes');
  });

  test('without RelayState says so; with another one it is foreign', async () => {
    const app = await createApp();
    const alice = app.browser();
    const started = await alice.startLogin();
    await alice.answer({ ...started, relayState: '' }, 'alice');
    expect(last(app)).toMatchObject({ reason: 'correlation', detail: expect.stringContaining('must echo it') });
    await alice.answer({ ...started, relayState: 'x' }, 'alice');
    expect(last(app)).toMatchObject({ detail: 'this browser has no pending login for this RelayState' });
  });

  test('is listed for administrators with what came, what was expected and what to do, as page and as JSON', async () => {
    const app = await createApp((raw) => ({ ...raw, portal: { administrators: ['CORP\\Admins'] } }));
    const stranger = app.browser();
    const page = await stranger.answer(await stranger.startLogin(), 'bob', { audiences: ['urn:<other>'] });
    expect(page.text).not.toContain('urn:');
    app.clock.advance(1000);
    const cancelled = await stranger.startLogin();
    const urn = 'urn:oasis:names:tc:SAML:2.0:status:';
    await stranger.answer(cancelled, 'bob', { statusCodes: [`${urn}Responder`, `${urn}RequestDenied`] });
    const alice = app.browser();
    await alice.signIn('alice');
    const list = await alice.get('/admin/refusals', accept);
    expect(list.text).toContain('<code>&quot;urn:&lt;other&gt;&quot;</code>');
    expect(list.text).toContain(
      'Set the audience (entityID, client id) at the identity provider to the expected value.',
    );
    const { body } = await alice.get('/admin/refusals', { Accept: 'application/json' });
    expect(body.refusals).toMatchObject([
      {
        code: 'sign_in_cancelled',
        received: '"Responder/RequestDenied"',
        suggestedFix: expect.stringMatching(/^None/),
      },
      {
        reason: 'audience',
        received: '"urn:<other>"',
        expected: '"http://127.0.0.1:8080/saml/metadata"',
        suggestedFix: expect.stringContaining('audience'),
      },
    ]);
  });
});
