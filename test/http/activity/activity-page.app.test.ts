// The page of a person's own activity: what they did and what was refused, in their language.
import { describe, expect, test } from 'vitest';
import type { SignedInSession } from '../../../src/broker/sign-in/session.ts';
import { activityPage } from '../../../src/http/activity/activity-page.ts';
import { en } from '../../../src/http/page/messages/en.ts';
import { ko } from '../../../src/http/page/messages/ko.ts';
import { person } from '../../access/support.ts';
import { useApp } from '../support/app.ts';

const createApp = useApp();
const accept = { Accept: 'text/html' };

describe('the activity page', () => {
  test('shows sign-ins and refusals of this person with reason, request id and account, the newest first', async () => {
    const app = await createApp();
    const [browser, other] = [app.browser(), app.browser()];
    await browser.signIn('alice');
    await other.signIn('bob');
    app.clock.advance(60_000);
    const roleArn = 'arn:aws:iam::111122223333:role/Nothing';
    const { body: problem } = await browser.postJson('/api/v1/credentials', { roleArn });
    const { text } = await browser.get('/activity', accept);
    expect(text).toContain('Nothing in payments-prod (111122223333)');
    expect(text).toContain('You don’t have access to this role');
    expect(text).toContain('href="/why?role=Nothing"');
    expect(text.indexOf(problem.requestId)).toBeGreaterThan(0);
    expect(text.indexOf('>Sign-in<')).toBeGreaterThan(text.indexOf(problem.requestId));
    expect(text).toContain('aria-current="page">Activity</a>');
    expect((await other.get('/activity', accept)).text).not.toContain(problem.requestId);
    const korean = await browser.get('/activity', { ...accept, 'Accept-Language': 'ko' });
    expect(korean.text).toContain(ko.activity.kinds.refused);
  });

  test('says what to do next when there is nothing', async () => {
    const context = {
      portalName: 'Portal',
      help: '',
      text: en,
      theme: 'system',
      density: 'compact',
      path: '/',
    } as const;
    const session = { identity: person({}) } as SignedInSession;
    const { config } = await createApp();
    const page = activityPage(context, { session, entries: [], policy: config.policy });
    expect(page).toContain(en.activity.none);
    expect(page).toContain('<a class="button" href="/">');
    expect(page).not.toContain('<table');
  });

  test('asks for a sign-in first', async () => {
    const { browser } = await createApp();
    const answer = await browser().get('/activity', accept);
    expect(answer.get('Location')).toBe('/login?return_to=%2Factivity');
  });
});
