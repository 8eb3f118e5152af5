import { describe, expect, test } from 'vitest';
import { escapeHtml, html } from '../../../src/http/page/html.ts';
import type { Raw } from '../../config/support/workplace.ts';
import { hostile, useApp } from '../support/app.ts';

const createApp = useApp();
const accept = { Accept: 'text/html' };
const environment = `"><script>e</script>`;

/** Everything that an administrator may write, written by one who wishes us ill. */
const hostileConfig = (raw: Raw): Raw => ({
  ...raw,
  accounts: [
    { id: '111122223333', alias: 'payments-prod', name: hostile, environment },
    { id: '012345678901', alias: 'payments-dev' },
  ],
  rules: [
    {
      name: hostile,
      when: { group: 'CORP\\Engineers' },
      grant: { accounts: ['payments-prod'], role: 'Developer', description: hostile },
    },
  ],
  portal: { name: `<b>"Portal"</b>`, help: hostile },
});

/** Markup on a page that we did not write: tags outside our list, or attributes that run scripts. */
function foreignMarkup(page: string): string[] {
  const ours =
    /^<(!doctype|\/?(html|head|meta|title|link|body|a|header|main|div|span|form|button|section|h[1-3]|p|ul|li|code|strong|input|details|summary|time|pre|label|select|option|nav|footer|small|svg|g|path|circle|aside|dl|dt|dd|ol|em|abbr|output|fieldset|legend|table|caption|thead|tbody|tr|th|td|br|figure|figcaption|line|rect)\b|script src="\/assets\/|\/script>)/i;
  const tags = page.match(/<[^>]*>?/g) ?? [];
  return tags.filter((tag) => {
    const names = tag.replace(/"[^"]*"/g, '""');
    return !ours.test(tag) || /\son\w+\s*=|\sstyle=/i.test(names) || /(href|src|action)="\s*javascript:/i.test(tag);
  });
}

describe('html', () => {
  test('escapes every value, in text and in attributes', () => {
    const value = `<a href='x' title="y">&amp;`;
    expect(html`<p title="${value}">${value}</p>`.html).toBe(
      `<p title="${escapeHtml(value)}">${escapeHtml(value)}</p>`,
    );
    expect(escapeHtml(value)).toBe('&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;amp;');
  });

  test('takes Html as it is, lists of it one after the other, and nothing for nothing', () => {
    const items = ['<1>', '2'].map((each) => html`<li>${each}</li>`);
    expect(html`<ul>${items}${undefined}${false}${0}</ul>`.html).toBe('<ul><li>&lt;1&gt;</li><li>2</li>0</ul>');
  });
});

describe('a page with hostile names', () => {
  test('is checked by something that would find them', () => {
    expect(foreignMarkup(`<p>${hostile}</p>`)).toEqual(['<script>', `<img src=x onerror='y'>`]);
    expect(foreignMarkup('<button onclick="x">')).toHaveLength(1);
    expect(foreignMarkup('<button aria-label="x">')).toEqual([]);
  });

  test('of a person and their groups shows them as text', async () => {
    const { browser } = await createApp(hostileConfig);
    const mallory = browser();
    await mallory.signIn('mallory');
    const page = await mallory.get('/', accept);
    expect(page.text).toContain(escapeHtml(hostile));
    expect(foreignMarkup(page.text)).toEqual([]);
  });

  test.each(['/', '/activity', '/console?role=payments-prod/Developer', '/nothing', '/signed-out'])(
    'of accounts, rules and the portal shows them as text: %s',
    async (path) => {
      const { browser } = await createApp(hostileConfig);
      const alice = browser();
      await alice.signIn('alice');
      const page = await alice.get(path, accept);
      expect(page.get('Content-Type')).toMatch(/^text\/html/);
      expect(page.text).toContain('&lt;');
      expect(foreignMarkup(page.text)).toEqual([]);
    },
  );

  test('of a link’s target shows it as text', async () => {
    const { browser } = await createApp();
    const alice = browser();
    await alice.signIn('alice');
    const destination = `/s3/buckets/"><script>alert(1)</script>`;
    const query = new URLSearchParams({ role: 'payments-dev/Developer', destination });
    const page = await alice.get(`/console?${query}`, accept);
    expect(page.status).toBe(200);
    expect(page.text).toContain('&lt;script&gt;');
    expect(foreignMarkup(page.text)).toEqual([]);
  });

  test('of an address that does not exist does not repeat it', async () => {
    const { browser } = await createApp();
    const page = await browser().get('/%3Cscript%3Ealert(1)%3C/script%3E?a=%3Cscript%3E', accept);
    expect(page.status).toBe(404);
    expect(page.text).not.toContain('alert(1)');
    expect(foreignMarkup(page.text)).toEqual([]);
  });
});

describe('the console link', () => {
  const rows: [name: string, query: Record<string, string>, status: number][] = [
    ['a role by its ARN', { role: 'arn:aws:iam::012345678901:role/Developer' }, 200],
    ['a role by account id', { role: '012345678901/Developer' }, 200],
    ['a role by alias', { role: 'payments-dev/Developer' }, 200],
    ['a console path', { role: 'payments-dev/Developer', destination: '/s3/home' }, 200],
    ['a region', { role: 'payments-dev/Developer', region: 'us-east-1' }, 200],
    ['no role', {}, 400],
    ['a role in other letters, of no account', { role: 'nowhere/developer' }, 403],
    ['an account that is not listed', { role: '999999999999/Developer' }, 403],
    ['another site', { role: 'payments-dev/Developer', destination: 'https://evil.example/' }, 400],
    ['another site as a path', { role: 'payments-dev/Developer', destination: '//evil.example/' }, 400],
    ['no region', { role: 'payments-dev/Developer', region: 'evil.example/' }, 400],
  ];
  test.each(rows)('asks before it opens, or refuses: %s', async (_, query, status) => {
    const { browser } = await createApp();
    const alice = browser();
    await alice.signIn('alice');
    const page = await alice.get(`/console?${new URLSearchParams(query)}`, accept);
    expect(page.status).toBe(status);
    expect(page.text.includes('action="/portal/console"')).toBe(status === 200);
    expect(page.text).not.toContain('evil.example');
  });

  test.each(['payments-dev/developer', 'payments-dev/Admin'])(
    'offers what the reader has in place of %s',
    async (role) => {
      const { browser } = await createApp();
      const alice = browser();
      await alice.signIn('alice');
      const page = await alice.get(`/console?${new URLSearchParams({ role, destination: '/s3/home' })}`, accept);
      expect(page.status).toBe(200);
      expect(page.text).not.toContain('action="/portal/console"');
      const own = new URLSearchParams({ role: 'arn:aws:iam::012345678901:role/Developer', destination: '/s3/home' });
      expect(page.text).toContain(`href="/console?${own.toString().replaceAll('&', '&amp;')}"`);
    },
  );

  test('signs in first, and keeps its target', async () => {
    const { browser } = await createApp();
    const alice = browser();
    const link = '/console?role=payments-dev%2FDeveloper&destination=%2Fs3%2Fhome';
    const login = (await alice.get(link, accept)).get('Location')!;
    const answered = await alice.signIn('alice', login.slice(login.indexOf('?')));
    expect(answered.get('Location')).toBe(link);
  });
});
