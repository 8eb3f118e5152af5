// Administration › Activity: the numbers of the charts, roles that are used and unused, and one user's entries.
import { describe, expect, test } from 'vitest';
import type { Raw } from '../../config/support/workplace.ts';
import { useApp } from '../support/app.ts';

const createApp = useApp();
const accept = { Accept: 'text/html' };
const withAdmins = (raw: Raw): Raw => ({ ...raw, portal: { administrators: ['CORP\\Admins'] } });

async function administrator() {
  const app = await createApp(withAdmins);
  const browser = app.browser();
  await browser.signIn('alice');
  return { app, browser };
}

describe('the activity of all users', () => {
  test('has a bar and a number for each day, and lists unused roles with their rules', async () => {
    const { app, browser } = await administrator();
    app.clock.advance(86_400_000);
    await app.browser().signIn('bob');
    const again = app.browser();
    await again.signIn('alice');
    const { text } = await again.get('/admin/activity?days=14', accept);
    expect(text.match(/<rect /g)).toHaveLength(4 * 14);
    expect(text).toContain('aria-label="Sign-ins: 3 in total. Most on one day: 2, on 2026-03-03."');
    expect(text).toContain('<title>2026-03-02: 1</title>');
    expect(text).toContain('Unused roles (2)');
    expect(text).toContain('Developer in Payments Development (012345678901)');
    expect((await browser.get('/admin/activity', accept)).status).toBe(303);
  });

  test('has the entries of one user, and each look is recorded before it is answered', async () => {
    const { app, browser } = await administrator();
    await app.browser().signIn('bob');
    const query = new URLSearchParams({ user: ' bob@corp.example ', idp: '' });
    const { text } = await browser.get(`/admin/activity?${query}`, accept);
    expect(text).toContain('Recent activity of bob@corp.example');
    expect(text.match(/>Sign-in</g)).toHaveLength(1);
    const unknown = await browser.get('/admin/activity?user=carol', accept);
    expect(unknown.text).toContain('Check the user name and the identity provider');
    const looks = app.audit.lines().filter(({ event }) => event === 'activity_viewed');
    expect(looks).toMatchObject([{ about: 'bob@corp.example', aboutIdp: 'adfs', days: 7 }, { about: 'carol' }]);
    app.audit.fail();
    expect((await browser.get('/admin/activity', accept)).status).toBe(503);
  });

  test.each(['days=8', 'days=x', 'user=a&user=b'])('refuses %s', async (query) => {
    const { browser } = await administrator();
    expect((await browser.get(`/admin/activity?${query}`, accept)).status).toBe(400);
  });
});
