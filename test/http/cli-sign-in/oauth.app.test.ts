// Sign-in on the command line, from the pushed request to credentials: the way that works.
import { expect, test } from 'vitest';
import { baseUrl, useApp } from '../support/app.ts';
import {
  authorize,
  createOAuthClient,
  createProof,
  openInBrowser,
  readConfirm,
  signInCommandLine,
} from '../support/oauth.ts';

const start = useApp();

test('a person who is signed in confirms, and the command line acts for them without a browser session', async () => {
  const app = await start();
  const [browser, client, proof] = [app.browser(), createOAuthClient(app), createProof()];
  await browser.signIn('alice');
  const pushed = await client.push(proof);
  expect(pushed.status).toBe(201);
  const path = await openInBrowser(browser, pushed);
  expect(path).toMatch(/^\/oauth\/confirm\/[\w-]+$/);
  const { html } = await readConfirm(browser, path);
  for (const text of ['alice-laptop', 'Linux 6.8', '127.0.0.1']) expect(html).toContain(text);
  const url = await authorize(client, browser, proof);
  expect(url.origin + url.pathname).toBe('http://127.0.0.1:50123/callback');
  expect(url.searchParams.get('state')).toBe(proof.state);
  expect(url.searchParams.get('iss')).toBe(baseUrl);
  const tokens = await client.redeem(url.searchParams.get('code') ?? '', proof);
  expect(tokens.body).toMatchObject({ token_type: 'Bearer', expires_in: 600, scope: 'aws' });
  expect(tokens.body.id_token).toBeUndefined();
  const me = await client.get('/api/v1/me', tokens.body.access_token);
  expect(me.body).toMatchObject({ user: 'alice@corp.example' });
  expect(me.headers['set-cookie']).toBeUndefined();
  const roles = await client.get('/api/v1/roles', tokens.body.access_token);
  expect(roles.body.roles.map((role: { roleName: string }) => role.roleName)).toContain('Developer');
});

test('a refresh rotates both tokens', async () => {
  const app = await start();
  const [browser, client] = [app.browser(), createOAuthClient(app)];
  await browser.signIn('alice');
  const first = await signInCommandLine(client, browser);
  const second = await client.refresh(first.body.refresh_token);
  expect(second.status).toBe(200);
  expect(second.body.refresh_token).not.toBe(first.body.refresh_token);
  expect((await client.get('/api/v1/me', second.body.access_token)).status).toBe(200);
});
