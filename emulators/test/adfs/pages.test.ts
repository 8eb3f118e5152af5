// The pages in a real browser: accessible, and the answer posts itself to the relying party.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessibilityProblems } from '../../../test/support/accessibility.ts';
import { useChromium } from '../../../test/support/chromium.ts';
import { type PageServer, type SeenRequest, servePages } from '../../../test/support/page-server.ts';
import type { Adfs } from '../../adfs/server.ts';
import { aliceCredentials, authnRequest, keys, party, redirectUrl, startFixture } from './fixture.ts';

const seen: SeenRequest[] = [];
const chromium = useChromium();
let idp: Adfs;
let relyingParty: PageServer;
let acsUrl: string;

beforeAll(async () => {
  relyingParty = await servePages({ '/acs': [200, { 'content-type': 'text/html' }, 'arrived'] }, seen);
  acsUrl = `http://127.0.0.1:${relyingParty.port}/acs`;
  ({ idp } = await startFixture(keys, { relyingParties: [{ ...party, acsUrl }], hint: 'Try alice.' }));
});

afterAll(async () => {
  await idp.close();
  await relyingParty.stop();
});

test('sign-in with a second factor is accessible at each step and ends at the relying party by itself', async () => {
  const page = await chromium.open();
  const content =
    '<samlp:RequestedAuthnContext><saml:AuthnContextClassRef>https://refeds.org/profile/mfa' +
    '</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>';
  await page.goto(redirectUrl(idp, authnRequest(idp, { acsUrl, content }), { relayState: 'relay' }));
  expect(await page.textContent('header')).toContain('Sample identity provider');
  await page.getByLabel('User name').fill('alice');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  expect(await page.getByRole('alert').textContent()).toContain('Incorrect user ID or password');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByLabel('User name').fill(aliceCredentials.UserName);
  await page.getByLabel('Password').fill(aliceCredentials.Password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('One-time code').fill('123456');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Verify' }).click();
  await page.waitForURL(acsUrl);
  expect(seen.at(-1)?.line).toBe('POST /acs');
  expect(new URLSearchParams(seen.at(-1)?.body).get('RelayState')).toBe('relay');
  // Cookies know no port: the path alone keeps the identity provider's from the party on the same host.
  expect(seen.at(-1)?.cookies).toBe('');
  await page.close();
});

test('the party list and the error page are accessible too', async () => {
  const page = await chromium.open();
  await page.goto(idp.url);
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.goto(idp.ssoUrl);
  expect(await page.textContent('main')).toContain('MSIS7065');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.close();
});
