// The npm package samlp signs alice in, and is refused where it signs with what it should not.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestDemo } from '../app/support/demo.ts';
import { postAnswer } from '../app/support/sign-in.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import type { Page } from '../support/http-browser/navigation.ts';
import { encryptionKeys, type ForeignIdp, refusals, serviceProvider, startBrokerFor } from './support/broker.ts';
import { type SamlpAnswer, type SamlpIdp, startSamlpIdp } from './support/samlp-idp.ts';

type Want = NonNullable<ForeignIdp['want']>;
type Signing = Omit<SamlpAnswer, 'acsUrl'>;

const wantAssertion: Want = { assertionsSigned: true, responseSigned: false };
const wantResponse: Want = { assertionsSigned: false, responseSigned: true };
const wantBoth: Want = { assertionsSigned: true, responseSigned: true };

let idp: SamlpIdp;
let demo: TestDemo | undefined;
let browser: HttpBrowser;

beforeAll(async () => {
  idp = await startSamlpIdp();
});

afterAll(() => idp?.close());

beforeEach(() => {
  browser = createHttpBrowser();
});

afterEach(async () => {
  browser.close();
  await demo?.close();
  demo = undefined;
});

interface Attempt {
  readonly page: Page;
  readonly started: TestDemo;
}

async function signIn(want: Want, signing: Signing, cipher?: string): Promise<Attempt> {
  const started = await startBrokerFor({
    metadata: idp.metadata,
    want,
    adjust: serviceProvider({ encryption: encryptionKeys }),
  });
  demo = started;
  const { certificate } = started.config.serviceProvider.encryption[0]!;
  idp.answer({ acsUrl: started.config.acsUrl, ...signing, ...(cipher && { encryption: { certificate, cipher } }) });
  return { page: await postAnswer(browser, await browser.get(`${started.brokerUrl}/login`)), started };
}

describe('samlp signs with RSA-SHA256', () => {
  test.each([
    { name: 'the assertion', want: wantAssertion, signAssertion: true, signResponse: false },
    { name: 'the response', want: wantResponse, signAssertion: false, signResponse: true },
    { name: 'both', want: wantBoth, signAssertion: true, signResponse: true },
  ])('$name: alice is signed in', async ({ want, signAssertion, signResponse }) => {
    const { page, started } = await signIn(want, { signAssertion, signResponse });
    expect(refusals(started)).toEqual([]);
    expect(page.body).toContain('Your accounts');
    const me = await browser.json('GET', `${started.brokerUrl}/api/v1/me`);
    expect(me.json()).toMatchObject({ user: 'alice@corp.example', displayName: 'Alice & Ålice 日本' });
  });
});

describe('samlp signs the response and encrypts the assertion', () => {
  test.each([
    'http://www.w3.org/2001/04/xmlenc#aes256-cbc',
    'http://www.w3.org/2009/xmlenc11#aes128-gcm',
    'http://www.w3.org/2009/xmlenc11#aes256-gcm',
  ])('%s: alice is signed in', async (cipher) => {
    const { page, started } = await signIn(wantBoth, { signAssertion: true, signResponse: true }, cipher);
    expect(refusals(started)).toEqual([]);
    expect(page.body).toContain('Your accounts');
  });

  test('with triple DES, and is refused', async () => {
    const tripleDes = 'http://www.w3.org/2001/04/xmlenc#tripledes-cbc';
    const { page, started } = await signIn(wantBoth, { signAssertion: true, signResponse: true }, tripleDes);
    expect(page.status).toBe(403);
    expect(refusals(started)).toEqual(['algorithm']);
  });
});

describe('samlp is refused', () => {
  test.each([
    { name: 'nothing signed', signing: { signAssertion: false, signResponse: false }, reason: 'signature' },
    {
      name: 'RSA-SHA1',
      signing: { signAssertion: true, signResponse: false, signatureAlgorithm: 'rsa-sha1' },
      reason: 'algorithm',
    },
    {
      name: 'a SHA-1 digest under RSA-SHA256',
      signing: { signAssertion: true, signResponse: false, digestAlgorithm: 'sha1' },
      reason: 'algorithm',
    },
    {
      name: 'response and assertion with RSA-SHA1',
      signing: { signAssertion: true, signResponse: true, signatureAlgorithm: 'rsa-sha1' },
      reason: 'algorithm',
    },
  ] as const)('$name', async ({ signing, reason }) => {
    const { page, started } = await signIn(wantAssertion, signing);
    expect(page.status).toBe(403);
    expect(refusals(started)).toEqual([reason]);
  });
});
