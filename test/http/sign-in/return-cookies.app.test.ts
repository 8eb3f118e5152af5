// A long address to come back to is in a sealed cookie of the browser, not in the store.
import { expect, test } from 'vitest';
import { useApp } from '../support/app.ts';

const createApp = useApp();
const long = (text: string) => `/console?role=Developer&destination=${text.repeat(900)}`;
const loginTo = (path: string) => `?${new URLSearchParams({ return_to: path })}`;

test('two tabs come back to their long addresses, and the cookies are gone then', async () => {
  const browser = (await createApp()).browser();
  const [one, two] = [await browser.startLogin(loginTo(long('a'))), await browser.startLogin(loginTo(long('b')))];
  expect((await browser.answer(two, 'alice')).get('Location')).toBe(long('b'));
  expect((await browser.answer(one, 'alice')).get('Location')).toBe(long('a'));
  const left = [...browser.cookies].filter(([name, value]) => name.includes('return') && value !== '');
  expect(left).toEqual([]);
});

test('a third replaces the first, which comes back to the portal', async () => {
  const browser = (await createApp()).browser();
  const tabs = [];
  for (const letter of ['a', 'b', 'c']) tabs.push(await browser.startLogin(loginTo(long(letter))));
  const locations = [];
  for (const tab of tabs) locations.push((await browser.answer(tab, 'alice')).get('Location'));
  expect(locations).toEqual(['/', long('b'), long('c')]);
});

test('a cookie that was changed, or belongs to another sign-in, leads nowhere', async () => {
  const app = await createApp();
  const [browser, other] = [app.browser(), app.browser()];
  const started = await browser.startLogin(loginTo(long('a')));
  await other.startLogin(loginTo(long('b')));
  for (const [name, value] of other.cookies) if (name.includes('return')) browser.cookies.set(name, value);
  expect((await browser.answer(started, 'alice')).get('Location')).toBe('/');
});

test('a short address needs none, and none comes from a query that looks like a reference', async () => {
  const browser = (await createApp()).browser();
  const started = await browser.startLogin(loginTo('/why?role=x'));
  expect([...browser.cookies.keys()].filter((name) => name.includes('return'))).toEqual([]);
  expect((await browser.answer(started, 'alice')).get('Location')).toBe('/why?role=x');
  const planted = await browser.startLogin(loginTo('~abcdefgh'));
  expect((await browser.answer(planted, 'alice')).get('Location')).toBe('/');
});
