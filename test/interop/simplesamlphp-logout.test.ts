// Single logout with SimpleSAMLphp over the Redirect binding, begun on either side. It verifies our messages, we its.
import { expect, test } from 'vitest';
import type { TestDemo } from '../app/support/demo.ts';
import { signOut as signOutInChromium } from '../browser/support/person.ts';
import { useChromium } from '../support/chromium.ts';
import type { HtmlForm } from '../support/http-browser/html-forms.ts';
import type { Page } from '../support/http-browser/navigation.ts';
import { keyPair } from '../support/key-pairs.ts';
import { type Trusted, useSimpleSamlPhp } from './support/ssp-fixture.ts';

const { ssp, browser, start, signIn } = useSimpleSamlPhp();
const chromium = useChromium();

const trusted = ({ brokerUrl, config }: TestDemo): Trusted => ({
  logout: { url: `${brokerUrl}/saml/slo`, certificate: config.serviceProvider.signing!.certificate },
});

const signsOut = (form: HtmlForm) => new URL(form.action).pathname === '/logout';

/** From the portal to the identity provider, by the link that the page in between shows. */
async function signOut(portal: Page): Promise<Page> {
  const between = await browser().submit(portal, signsOut);
  const [, href = ''] = /<a class="button" href="([^"]+)"/.exec(between.body) ?? [];
  return browser().follow(between, href.replaceAll('&amp;', '&'));
}

async function isSignedIn({ brokerUrl }: TestDemo): Promise<boolean> {
  return (await browser().json('GET', `${brokerUrl}/api/v1/me`)).status === 200;
}

/** Whether SimpleSAMLphp would sign in again without asking for a password. */
async function isSignedInThere({ brokerUrl }: TestDemo): Promise<boolean> {
  const { forms } = await browser().get(`${brokerUrl}/login`);
  return forms.some(({ fields }) => fields.some(([name]) => name === 'SAMLResponse'));
}

test('begun here: the session ends here, then there, and the answer comes back', async () => {
  const started = await start(trusted);
  const portal = await signIn(started, 'alice');
  expect(await isSignedInThere(started)).toBe(true);
  const page = await signOut(portal);
  expect(page.url).toBe(`${started.brokerUrl}/signed-out`);
  expect(await isSignedIn(started)).toBe(false);
  expect(await isSignedInThere(started)).toBe(false);
});

test('begun there: the session here ends, and SimpleSAMLphp takes our answer', async () => {
  const started = await start(trusted);
  await signIn(started, 'alice');
  expect(await isSignedIn(started)).toBe(true);
  const after = `${ssp().url}/saml2/idp/metadata.php`;
  const url = new URL('/saml2/idp/SingleLogoutService.php', ssp().url);
  url.searchParams.set('ReturnTo', after);
  const page = await browser().get(url.href);
  expect(page.hops.some((hop) => hop.url.startsWith(`${started.brokerUrl}/saml/slo?SAMLRequest=`))).toBe(true);
  expect(page.url).toBe(after);
  expect(await isSignedIn(started)).toBe(false);
});

test('SimpleSAMLphp refuses our LogoutRequest when it has another key for us', async () => {
  const { cert } = keyPair('stranger');
  const started = await start((demo) => ({ logout: { ...trusted(demo).logout!, certificate: cert } }));
  const page = await signOut(await signIn(started, 'alice'));
  expect(new URL(page.url).origin).toBe(ssp().url);
  expect(page.body).toContain('Unable to validate signature on query string');
  expect(await isSignedIn(started)).toBe(false);
});

test('in Chromium: signing out goes round by itself', async () => {
  const started = await start(trusted);
  const page = await chromium.open();
  await page.goto(started.brokerUrl);
  await page.fill('input[name=username]', 'alice');
  await page.fill('input[name=password]', 'password');
  await Promise.all([page.waitForURL((url) => url.origin === started.brokerUrl), page.keyboard.press('Enter')]);
  await signOutInChromium(page);
  await page.waitForURL(`${started.brokerUrl}/signed-out`);
  expect(await page.textContent('h1')).toBe('You are signed out');
  await page.goto(`${started.brokerUrl}/login`);
  expect(new URL(page.url()).origin).toBe(ssp().url);
  expect(await page.isVisible('input[name=password]')).toBe(true);
});
