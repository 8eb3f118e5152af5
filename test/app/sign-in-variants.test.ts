// Sign-ins that a configuration has to allow: encrypted assertions, and unsolicited responses.
import { afterEach, expect, test } from 'vitest';
import type { RelyingPartyTrust } from '../../emulators/adfs/server.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import { startTestDemo, type TestDemo } from './support/demo.ts';
import { answerOf, reachAnswer, signIn } from './support/sign-in.ts';

const ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

type Change = (config: Record<string, unknown>) => Record<string, unknown>;

async function start(
  adjust: Change,
  trust: Partial<RelyingPartyTrust> = {},
): Promise<{ demo: TestDemo; browser: HttpBrowser }> {
  const demo = await startTestDemo({ adjust });
  const browser = createHttpBrowser();
  ends.push(
    () => demo.close(),
    () => browser.close(),
  );
  const { serviceProvider, acsUrl } = demo.config;
  const { entityId, signing, encryption } = serviceProvider;
  const certificate = encryption.at(-1)?.certificate;
  demo.adfs.setRelyingParties([
    {
      entityId,
      acsUrl,
      signingCertificates: [signing!.certificate],
      ...(certificate === undefined ? {} : { encryptionCertificate: certificate }),
      ...trust,
    },
  ]);
  return { demo, browser };
}

const keyPair = (name: string) => ({ key: `${name}.key`, cert: `${name}.crt` });

/** AD FS encrypts to the last of these, the broker publishes the first: the middle of a rollover. */
const withDecryption: Change = (config) => ({
  ...config,
  serviceProvider: { ...(config['serviceProvider'] as object), encryption: [keyPair('enc-new'), keyPair('enc-old')] },
});

const withIdp =
  (change: object): Change =>
  (config) => ({ ...config, identityProviders: [{ ...(config['identityProviders'] as object[])[0], ...change }] });

for (const encryptionAlgorithm of ['aes256-cbc', 'aes256-gcm'] as const) {
  test(`an assertion encrypted with ${encryptionAlgorithm} in a signed Response opens with either key`, async () => {
    const { demo, browser } = await start(withDecryption, {
      encryptionAlgorithm,
      samlResponseSignature: 'MessageAndAssertion',
    });
    const page = await signIn(browser, demo.brokerUrl, 'alice');
    expect(page.body).toContain('Your accounts');
  });
}

test('an encrypted assertion in an unsigned Response is refused before any key is used [IIP-SP13]', async () => {
  const { demo, browser } = await start(withDecryption, { samlResponseSignature: 'AssertionOnly' });
  expect((await signIn(browser, demo.brokerUrl, 'alice')).status).toBe(403);
  expect(demo.audit.at(-1)).toMatchObject({ event: 'sign_in_refused', reason: 'signature' });
});

test('an encrypted assertion is refused where no key is configured', async () => {
  const other = await start(withDecryption);
  const encryptionCertificate = other.demo.config.serviceProvider.encryption[0]!.certificate;
  const trust = { encryptionCertificate, samlResponseSignature: 'MessageAndAssertion' } as const;
  const { demo, browser } = await start((config) => config, trust);
  expect((await signIn(browser, demo.brokerUrl, 'alice')).status).toBe(403);
  expect(demo.audit.at(-1)).toMatchObject({ event: 'sign_in_refused', reason: 'encryption' });
});

const consolePath = '/console?role=payments-dev/Developer';
const unsolicited = withIdp({ unsolicited: { allowed: true, returnTo: [consolePath] } });

function postUnsolicited(demo: TestDemo, browser: HttpBrowser, relayState: string, overrides = {}) {
  const relyingParty = demo.config.serviceProvider.entityId;
  const SAMLResponse = demo.adfs.issueResponse({ username: 'alice', relyingParty, overrides });
  const headers = { origin: demo.idpUrl };
  return {
    SAMLResponse,
    answer: browser.post(`${demo.brokerUrl}/saml/acs`, { SAMLResponse, RelayState: relayState }, headers),
  };
}

test('an unsolicited response signs in where it is allowed, once, and goes only where the list says', async () => {
  const { demo, browser } = await start(unsolicited);
  expect((await postUnsolicited(demo, browser, 'https://evil.example/').answer).url).toBe(`${demo.brokerUrl}/`);
  const { SAMLResponse, answer } = postUnsolicited(demo, browser, consolePath);
  expect((await answer).body).toContain('Open the AWS console?');
  const again = await browser.post(
    `${demo.brokerUrl}/saml/acs`,
    { SAMLResponse, RelayState: '' },
    { origin: demo.idpUrl },
  );
  expect(again.status).toBe(403);
  expect(demo.audit.at(-1)).toMatchObject({ event: 'sign_in_refused', reason: 'replay' });
});

test('an unsolicited response is refused by default', async () => {
  const { demo, browser } = await start((config) => config);
  expect((await postUnsolicited(demo, browser, '').answer).status).toBe(403);
  expect(demo.audit.at(-1)).toMatchObject({ event: 'sign_in_refused', reason: 'correlation' });
});

test('the answer to a request of another browser is not accepted as unsolicited', async () => {
  const { demo, browser } = await start(unsolicited);
  const stolen = answerOf(await reachAnswer(browser, demo.brokerUrl, 'alice'));
  const other = createHttpBrowser();
  ends.push(() => other.close());
  const refused = await other.post(`${demo.brokerUrl}/saml/acs`, stolen, { origin: demo.idpUrl });
  expect(refused.status).toBe(403);
  expect(demo.audit.at(-1)).toMatchObject({ event: 'sign_in_refused', reason: 'correlation' });
});

test('the page of the identity provider that starts a sign-in works as people use it', async () => {
  const { demo, browser } = await start(unsolicited);
  const party = encodeURIComponent(demo.config.serviceProvider.entityId);
  const page = await browser.get(`${demo.idpUrl}/adfs/ls/idpinitiatedsignon.aspx?loginToRp=${party}`);
  const answered = await browser.submit(page, (form) => form.fields.some(([name]) => name === 'UserName'), {
    UserName: 'bob',
    Password: 'password',
  });
  const signedIn = await browser.submit(answered, (form) => form.fields.some(([name]) => name === 'SAMLResponse'));
  expect(signedIn.body).toContain('Your accounts');
});
