// Keycloak as it comes, which knows the broker from its metadata: both protocols, both bindings, sign-out and new keys on
// either side.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { TestDemo } from '../app/support/demo.ts';
import { answerOf, postAnswer } from '../app/support/sign-in.ts';
import type { HtmlForm } from '../support/http-browser/html-forms.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import type { Page } from '../support/http-browser/navigation.ts';
import { freeConsecutivePorts } from '../support/ports.ts';
import { encryptionKeys, type ForeignIdp, refusals, serviceProvider, startBrokerFor } from './support/broker.ts';
import { type Keycloak, startKeycloak } from './support/keycloak.ts';
import {
  attributes,
  convertMetadata,
  importClient,
  openidClient,
  realm,
  updateClient,
} from './support/keycloak-clients.ts';

let keycloak: Keycloak;
let browser: HttpBrowser;
let demo: TestDemo | undefined;

beforeAll(async () => {
  keycloak = await startKeycloak(realm);
}, 600_000);
afterAll(() => keycloak?.stop());
beforeEach(() => {
  browser = createHttpBrowser();
});
afterEach(async () => {
  browser.close();
  await stopBroker();
});

const both = { assertionsSigned: true, responseSigned: true };

async function startBroker(idp: Partial<ForeignIdp> = {}): Promise<TestDemo> {
  const metadata = await (await fetch(keycloak.metadataUrl)).text();
  const entry = { metadata: { url: keycloak.metadataUrl }, attributes };
  demo = await startBrokerFor({ metadata, want: both, entry, ...idp });
  return demo;
}

async function stopBroker(): Promise<void> {
  await demo?.close();
  demo = undefined;
}

const hasField = (name: string) => (form: HtmlForm) => form.fields.some(([field]) => field === name);

/** Up to the answer, which waits to be posted. */
async function reachAnswer({ brokerUrl }: TestDemo): Promise<Page> {
  let page = await browser.get(`${brokerUrl}/login`);
  if (page.forms.some(hasField('SAMLRequest'))) page = await browser.submit(page, hasField('SAMLRequest'));
  const person = { username: 'alice@corp.example', password: 'password' };
  return browser.submit(page, ({ id }) => id === 'kc-form-login', person);
}

async function signIn(started: TestDemo): Promise<Page> {
  return postAnswer(browser, await reachAnswer(started));
}

const answerXml = (page: Page) => Buffer.from(answerOf(page)['SAMLResponse'] ?? '', 'base64').toString();

async function expectAlice(started: TestDemo, page: Page): Promise<void> {
  expect([refusals(started), page.status, page.url]).toEqual([[], 200, `${started.brokerUrl}/`]);
  expect(page.body).toContain('payments-dev');
  const me = await browser.json('GET', `${started.brokerUrl}/api/v1/me`);
  expect(me.json()).toMatchObject({ user: 'alice@corp.example', displayName: 'Alice' });
}

async function isSignedIn({ brokerUrl }: TestDemo): Promise<boolean> {
  return (await browser.json('GET', `${brokerUrl}/api/v1/me`)).status === 200;
}

/** Whether Keycloak would sign in again without asking for a password. */
async function isSignedInThere({ brokerUrl }: TestDemo): Promise<boolean> {
  return (await browser.get(`${brokerUrl}/login`)).forms.some(hasField('SAMLResponse'));
}

test('alice signs in, with the client made from our metadata', async () => {
  const started = await startBroker();
  const id = await importClient(keycloak, started);
  const client = await keycloak.admin('GET', `clients/${id}`);
  expect(client).toMatchObject({
    clientId: started.config.serviceProvider.entityId,
    attributes: { 'saml.client.signature': 'true', 'saml.assertion.signature': 'true' },
  });
  await expectAlice(started, await signIn(started));
});

test('the AuthnRequest goes by HTTP-POST where the metadata has nothing else', async () => {
  const published = await (await fetch(keycloak.metadataUrl)).text();
  const metadata = published.replace(
    /<md:SingleSignOnService [^>]*HTTP-Redirect[^>]*>(<.md:SingleSignOnService>)?/,
    '',
  );
  expect(metadata).not.toBe(published);
  const started = await startBroker({ metadata, entry: { attributes } });
  await importClient(keycloak, started);
  await expectAlice(started, await signIn(started));
});

test('an assertion encrypted with the defaults of Keycloak is opened', async () => {
  const started = await startBroker({ adjust: serviceProvider({ encryption: encryptionKeys.slice(0, 1) }) });
  await importClient(keycloak, started, { 'saml.encrypt': 'true' });
  const answer = await reachAnswer(started);
  const xml = answerXml(answer);
  expect(xml).not.toContain('<saml:Assertion');
  for (const algorithm of ['xmlenc11#aes256-gcm', 'xmlenc11#rsa-oaep', 'xmlenc#sha256', 'xmlenc11#mgf1sha256']) {
    expect(xml).toContain(algorithm);
  }
  await expectAlice(started, await postAnswer(browser, answer));
});

test('sign-out begun here ends the session here and there', async () => {
  const started = await startBroker();
  await importClient(keycloak, started);
  const portal = await signIn(started);
  expect(await isSignedInThere(started)).toBe(true);
  const between = await browser.submit(portal, ({ action }) => new URL(action).pathname === '/logout');
  const [, href = ''] = /<a class="button" href="([^"]+)"/.exec(between.body) ?? [];
  let page = await browser.follow(between, href.replaceAll('&amp;', '&'));
  if (page.forms.some(hasField('SAMLResponse'))) page = await postAnswer(browser, page);
  expect(page.url).toBe(`${started.brokerUrl}/signed-out`);
  expect([await isSignedIn(started), await isSignedInThere(started)]).toEqual([false, false]);
});

test('sign-out begun there ends the session here', async () => {
  const started = await startBroker();
  await importClient(keycloak, started);
  await signIn(started);
  expect(await isSignedIn(started)).toBe(true);
  const question = await browser.get(`${keycloak.realmUrl}/protocol/openid-connect/logout`);
  const request = await browser.submit(question);
  const answer = await browser.submit(request, hasField('SAMLRequest'));
  const page = answer.forms.some(hasField('SAMLResponse')) ? await postAnswer(browser, answer) : answer;
  expect(page.url.startsWith(keycloak.realmUrl)).toBe(true);
  expect(page.status).toBe(200);
  expect(await isSignedIn(started)).toBe(false);
});

test('a new key of the realm signs at once, and the broker follows', async () => {
  const started = await startBroker();
  await importClient(keycloak, started);
  await expectAlice(started, await signIn(started));
  await keycloak.admin('POST', 'components', {
    name: 'next',
    providerId: 'rsa-generated',
    providerType: 'org.keycloak.keys.KeyProvider',
    config: { priority: ['1000'], keySize: ['2048'], algorithm: ['RS256'] },
  });
  browser.clearCookies();
  await expectAlice(started, await signIn(started));
  expect(started.audit).toContainEqual(expect.objectContaining({ event: 'idp_metadata_changed' }));
});

test('our key is replaced as the documentation says', async () => {
  const port = await freeConsecutivePorts(4);
  const next = { key: 'sp-next.key', cert: 'sp-next.crt' };
  const before = await startBroker({ port, adjust: serviceProvider({ nextSigning: [next] }) });
  const client = await importClient(keycloak, before);
  // Our metadata has both certificates, the one in use last, and Keycloak keeps the last.
  await expectAlice(before, await signIn(before));
  await stopBroker();
  const after = await startBroker({ port, adjust: serviceProvider({ signing: next }) });
  browser.clearCookies();
  const refused = await browser.get(`${after.brokerUrl}/login`);
  expect([refused.status, refused.body]).toEqual([400, expect.stringContaining('Invalid requester')]);
  await updateClient(keycloak, client, { 'saml.client.signature': 'false' });
  await expectAlice(after, await signIn(after));
  await updateClient(keycloak, client, (await convertMetadata(keycloak, after)).attributes);
  browser.clearCookies();
  await expectAlice(after, await signIn(after));
});

test('alice signs in over OpenID Connect', async () => {
  const client = { clientId: 'rolegate', clientSecret: 'a secret of the client' };
  const provider = {
    id: 'keycloak',
    label: 'Keycloak',
    openid: { issuer: keycloak.realmUrl, ...client },
    attributes: { user: 'preferred_username', displayName: 'given_name' },
  };
  const started = await startBroker({ adjust: (config) => ({ ...config, identityProviders: [provider] }) });
  await keycloak.admin('POST', 'clients', openidClient(started, client.clientId, client.clientSecret));
  // No page in between: the answer comes by redirect.
  await expectAlice(started, await reachAnswer(started));
});
