// Five thousand roles: the page is small on the way, written once, and not sent again while nothing changed.
import { expect, test } from 'vitest';
import { largeEstate, roleNames } from '../../../bench/large-estate.ts';
import { en } from '../../../src/http/page/messages/en.ts';
import { ko } from '../../../src/http/page/messages/ko.ts';
import { createRoleLists } from '../../../src/http/portal/role-lists.ts';
import type { Raw } from '../../config/support/workplace.ts';
import { useApp } from '../support/app.ts';

const createApp = useApp();
const accountCount = 1000;
const large = (raw: Raw): Raw => ({ ...raw, ...largeEstate(accountCount, 'CORP\\Engineers') });
const accept = { Accept: 'text/html' };

test('a browser that has the page gets 304 until something on it changes', async () => {
  const { browser } = await createApp(large);
  const alice = browser();
  await alice.signIn('alice');
  const first = await alice.get('/', accept);
  const [compressed, plain] = await Promise.all(
    ['gzip', 'identity'].map((encoding) => alice.get('/', { ...accept, 'Accept-Encoding': encoding })),
  );
  expect(compressed!.get('Content-Encoding')).toBe('gzip');
  expect(Number(compressed!.get('Content-Length'))).toBeLessThan(150_000);
  expect(compressed!.text).toBe(plain!.text);
  expect(plain!.text.match(/<li class="role">/g)).toHaveLength(accountCount * roleNames.length);
  expect(first.get('Cache-Control')).toBe('private, no-cache');

  const known = { ...accept, 'If-None-Match': first.get('ETag')! };
  const second = await alice.get('/', known);
  expect([second.status, second.text]).toEqual([304, '']);
  const korean = await alice.get('/', { ...known, 'Accept-Language': 'ko' });
  expect([korean.status, korean.text.includes('내 계정')]).toEqual([200, true]);
  const roleArn = 'arn:aws:iam::100000000001:role/Admin';
  await alice.postForm('/portal/favourites', { roleArn, favourite: 'on' });
  const third = await alice.get('/', known);
  expect([third.status, third.text.match(/aria-pressed="true"/g)?.length]).toEqual([200, 2]);
});

test('the page of one person is not fresh for another, nor for nobody', async () => {
  const { browser } = await createApp(large);
  const [alice, other] = [browser(), browser()];
  await alice.signIn('alice');
  const known = { ...accept, 'If-None-Match': (await alice.get('/', accept)).get('ETag')! };
  expect((await other.get('/', known)).status).toBe(303);
  await other.signIn('alice');
  // The same person and roles: the page names the end of another session.
  expect([200, 304]).toContain((await other.get('/', known)).status);
});

test('a list is written once for a decision, a language and favourites', async () => {
  const { config } = await createApp(large);
  const { person } = await import('../../access/support.ts');
  const { resolveRoles } = await import('../../../src/access/resolve.ts');
  const identity = person({ groups: ['CORP\\Engineers'] });
  const origin = { session: 'one' };
  const roles = resolveRoles(identity, config.policy, new Date(), origin);
  const lists = createRoleLists();
  const part = lists.listOf(roles, [], en);
  expect(lists.listOf(resolveRoles(identity, config.policy, new Date(), origin), [], en)).toBe(part);
  expect(lists.listOf(roles, [], ko).digest).not.toBe(part.digest);
  expect(lists.listOf(roles, [roles[7]!.roleArn], en).digest).not.toBe(part.digest);
});
