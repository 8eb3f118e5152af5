// "Why don't I have that role?", asked by people about themselves.
import { describe, expect, test } from 'vitest';
import { escapeHtml } from '../../../src/http/page/html.ts';
import { ko } from '../../../src/http/page/messages/ko.ts';
import type { Raw } from '../../config/support/workplace.ts';
import { hostile, useApp } from '../support/app.ts';

const createApp = useApp();
const accept = { Accept: 'text/html' };

const withRules = (raw: Raw): Raw => ({
  ...raw,
  portal: { help: 'Ask the platform team.' },
  rules: [
    ...(raw['rules'] as object[]),
    {
      name: 'data scientists',
      ask: 'Ask data@corp.example.',
      when: { group: 'corp\\engineers' },
      grant: { accounts: ['payments-prod'], role: 'Notebook', description: 'Notebooks on production data.' },
    },
    {
      name: 'leads',
      when: { all: [{ group: 'CORP\\Engineers' }, { group: 'CORP\\Leads' }, { claim: 'urn:dept', value: 'Payments' }] },
      grant: { accounts: ['payments-prod'], role: 'Lead' },
    },
    {
      name: 'by name',
      when: { groupPattern: 'AWS-(?<account>\\d{12})-(?<role>\\w+)' },
      grant: { accounts: ['{account}'], role: '{role}' },
    },
    {
      name: 'by claim',
      when: { claim: 'urn:dept', value: 'X' },
      grant: { accounts: ['payments-dev'], role: 'Claimed' },
    },
    {
      name: 'not those',
      when: { not: { group: 'CORP\\Engineers' } },
      grant: { accounts: ['payments-dev'], role: 'Guest' },
    },
  ],
});

/** The page as text, its rules each on their own. */
async function ask(user: string, query = '', headers: Record<string, string> = {}) {
  const { browser } = await createApp(withRules);
  const person = browser();
  await person.signIn(user);
  const page = await person.get(`/why${query}`, { ...accept, ...headers });
  expect(page.status).toBe(200);
  const text = (html: string) =>
    html
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
  const rules = [...page.text.matchAll(/<li[^>]*><h3>(.*?)<\/h3>.*?(?=<li[^>]*><h3>|<h2)/gs)].map(([all]) => text(all));
  return { page: page.text, rules, all: text(page.text) };
}

describe('/why', () => {
  test('says of each rule what it gave', async () => {
    const { rules } = await ask('alice');
    expect(rules).toHaveLength(7);
    expect(rules[0]).toBe('engineers grants Developer in Payments Development (012345678901) up to 1 h');
    expect(rules[1]).toContain('requires MFA');
  });

  const reasons: [rule: string, words: string][] = [
    [
      'data scientists',
      'This rule requires the group “corp\\engineers”. You are in “CORP\\Engineers”, which is similar but not the same',
    ],
    ['leads', 'You are in the group “CORP\\Engineers”, but the rule requires more.'],
    ['leads', 'You may not be in the group “CORP\\Leads”. These attributes may be missing: urn:dept = “Payments”.'],
    ['by name', 'This rule reads the names of groups'],
    ['by claim', 'Your identity provider must send urn:dept = “X”.'],
    ['not those', 'An attribute from your identity provider excludes you.'],
  ];
  test('says why not', async () => {
    const { rules } = await ask('alice');
    for (const [name, words] of reasons) expect(rules.find((rule) => rule.startsWith(name))).toContain(words);
  });

  test('says whom to ask: what the rule says, else what the portal says', async () => {
    const { rules } = await ask('bob');
    expect(rules.find((rule) => rule.startsWith('data scientists'))).toContain('Next step: Ask data@corp.example.');
    expect(rules.find((rule) => rule.startsWith('engineers'))).toContain(
      'You are not in the group “CORP\\Engineers”. Next step: Ask the platform team.',
    );
  });

  test('does not name what a rule excludes, nor its pattern', async () => {
    const { page } = await ask('mallory');
    expect(page).not.toContain('\\d{12}');
    const { rules } = await ask('alice', '?role=Guest');
    expect(rules[0]).not.toContain('CORP\\Engineers');
  });

  test.each([
    ['?role=notebook', ['data scientists', 'by name']],
    ['?role=Developer&account=payments-dev', ['engineers', 'by name']],
    ['?account=111122223333', ['administrators', 'data scientists', 'leads', 'by name']],
    [
      '?role=&account=',
      ['engineers', 'administrators', 'data scientists', 'leads', 'by name', 'by claim', 'not those'],
    ],
  ])('finds the rules that can give what is searched for: %s', async (query, names) => {
    const { rules } = await ask('alice', query);
    expect(rules.map((rule) => rule.split(' grants')[0])).toEqual(names);
  });

  test('says when no rule gives such a role, and to whom to turn', async () => {
    const { browser } = await createApp((raw) => ({ ...raw, portal: { help: 'Ask the platform team.' } }));
    const alice = browser();
    await alice.signIn('alice');
    const page = await alice.get('/why?role=Nothing', accept);
    expect(page.text).toContain('No rule grants this role');
    expect(page.text).toContain('Ask the platform team.');
  });

  test('shows what the sign-in brought: groups, contexts, time', async () => {
    const { all } = await ask('alice');
    expect(all).toContain(
      'Attributes from your identity provider Identity provider Corporate sign-in User alice Sample alice@corp.example',
    );
    expect(all).toContain('Groups (2) CORP\\Engineers CORP\\Admins');
    expect(all).toMatch(/Sign-in method urn:\S+/);
  });

  test('shows hostile names and searches as text', async () => {
    const { page } = await ask('mallory', `?role=${encodeURIComponent(hostile)}`);
    expect(page).toContain(escapeHtml(hostile));
    expect(page).not.toContain('<script>alert');
    expect(page).not.toContain('<img');
  });

  test('speaks Korean', async () => {
    const { page } = await ask('bob', '', { 'Accept-Language': 'ko' });
    expect(page).toContain(ko.why.whyTitle);
    expect(page).toContain(ko.why.because.group('“CORP\\Engineers”'));
  });

  test('signs in first, and keeps what was searched for', async () => {
    const { browser } = await createApp();
    const answer = await browser().get('/why?role=Admin', accept);
    expect([answer.status, answer.get('Location')]).toEqual([303, '/login?return_to=%2Fwhy%3Frole%3DAdmin']);
  });

  test.each(['/', '/why', '/console?role=payments-dev/Developer', '/nothing'])('is linked from %s', async (path) => {
    const { browser } = await createApp();
    const alice = browser();
    await alice.signIn('alice');
    expect((await alice.get(path, accept)).text).toContain('<a href="/why"');
  });

  test('is linked where a person has no role, and where one is refused', async () => {
    const { browser } = await createApp();
    const mallory = browser();
    await mallory.signIn('mallory');
    const link = 'class="button" href="/why"';
    expect((await mallory.get('/', accept)).text).toContain(link);
    expect((await mallory.get('/console?role=payments-dev/Developer', accept)).text).toContain(link);
  });

  test('is not linked without a session', async () => {
    const { browser } = await createApp();
    expect((await browser().get('/signed-out', accept)).text).not.toContain('/why');
  });

  test('refuses a field that is too long or given twice', async () => {
    const { browser } = await createApp();
    const alice = browser();
    await alice.signIn('alice');
    for (const query of [`role=${'x'.repeat(301)}`, 'role=a&role=b']) {
      expect((await alice.get(`/why?${query}`, accept)).status).toBe(400);
    }
  });
});
