// A sibling host sets cookies for the whole domain: on https the broker reads none of them as its own.
import { expect, test } from 'vitest';
import { useApp } from '../../http/support/app.ts';

const start = useApp();
const https = { Host: 'broker.example', 'X-Forwarded-Proto': 'https', Accept: 'text/html' };
const onHttps = () =>
  start((raw) => ({
    ...raw,
    baseUrl: 'https://broker.example',
    listen: { port: 8080, trustProxy: ['127.0.0.1'] },
    identityProviders: [0, 1].map((index) => ({
      ...(raw['identityProviders'] as object[])[0],
      id: `idp-${index}`,
      label: `Provider ${index}`,
      metadata: { url: `https://idp.example/${index}` },
    })),
  }));

test('planted language, colours and identity provider have no effect; our own names do', async () => {
  const app = await onHttps();
  const page = async (cookie: string) =>
    (await app.browser().get('/login', { ...https, Cookie: cookie })).text.replaceAll(/request[^<]*<[^>]*>[^<]*/gi, '');
  const plain = await page('');
  const all = (prefix: string) =>
    `${prefix}rolegate-language=ko; ${prefix}rolegate-theme=dark; ${prefix}rolegate-idp=idp-1`;
  expect(await page(all(''))).toBe(plain);
  const own = await page(all('__Host-'));
  expect([own.includes('lang="ko"'), plain.includes('lang="ko"')]).toEqual([true, false]);
});

test('a cookie set on https carries the prefix, Secure, the path / and no domain', async () => {
  const app = await onHttps();
  const form = { 'Content-Type': 'application/x-www-form-urlencoded', Origin: 'https://broker.example' };
  const answer = await app.browser().send('POST', '/portal/appearance', {
    headers: { ...https, ...form },
    body: 'language=ko&theme=dark',
  });
  expect(answer.status).toBe(303);
  const cookies = (answer.get('Set-Cookie') ?? []).filter((line) => /rolegate-(language|theme)/.test(line));
  expect(cookies).toHaveLength(2);
  for (const cookie of cookies) {
    expect(cookie).toMatch(/^__Host-rolegate-(language|theme)=/);
    expect(cookie).toMatch(/; Path=\/(;|$).*; Secure/);
    expect(cookie).not.toMatch(/; Domain=/i);
  }
});
