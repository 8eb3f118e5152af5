// pysaml2 left to its defaults does not sign, and signs with RSA-SHA1 when it is told to: both are refused. Told to use
// RSA-SHA256 it is taken, prefixes like ns0: and all.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestDemo } from '../app/support/demo.ts';
import { answerOf, postAnswer } from '../app/support/sign-in.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';
import type { Page } from '../support/http-browser/navigation.ts';
import {
  claims,
  encryptionKeys,
  type ForeignIdp,
  refusals,
  serviceProvider,
  startBrokerFor,
} from './support/broker.ts';
import { type Pysaml2Idp, type Pysaml2Signing, startPysaml2Idp } from './support/pysaml2-idp.ts';

const sha256 = {
  sign_alg: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  digest_alg: 'http://www.w3.org/2001/04/xmlenc#sha256',
};
const attributes = {
  [claims.upn]: ['alice@corp.example'],
  [claims.name]: ['Ålice & 日本'],
  [claims.group]: ['CORP\\Domain Users', 'CORP\\AWS-Payments-Dev'],
};

let idp: Pysaml2Idp;
let demo: TestDemo | undefined;
let browser: HttpBrowser;

beforeAll(async () => {
  idp = await startPysaml2Idp();
});

afterAll(() => idp?.stop());

beforeEach(() => {
  browser = createHttpBrowser();
});

afterEach(async () => {
  browser.close();
  await demo?.close();
  demo = undefined;
});

interface Attempt {
  readonly answer: string;
  readonly page: Page;
  readonly started: TestDemo;
}

async function signIn(signing: Pysaml2Signing, foreign: Partial<ForeignIdp> = {}): Promise<Attempt> {
  const started = await startBrokerFor({ metadata: idp.metadata, ...foreign });
  demo = started;
  const serviceProvider = await (await fetch(`${started.brokerUrl}/saml/metadata`)).text();
  await idp.answer({ serviceProvider, nameId: 'alice', attributes, signing });
  const form = await browser.get(`${started.brokerUrl}/login`);
  if (form.forms.length === 0) throw new Error(form.body);
  const answer = Buffer.from(answerOf(form)['SAMLResponse'] ?? '', 'base64').toString('utf8');
  return { answer, page: await postAnswer(browser, form), started };
}

describe('pysaml2 left to its defaults is refused', () => {
  test('an answer without any signature', async () => {
    const { answer, page, started } = await signIn({});
    expect(answer).toContain('Assertion');
    expect(answer).not.toContain('Signature');
    expect(page.status).toBe(403);
    expect(refusals(started)).toEqual(['signature']);
  });

  test.each([
    { name: 'the assertion', signing: { sign_assertion: true } },
    { name: 'the response', signing: { sign_response: true } },
  ])('a signature of $name, which is RSA-SHA1', async ({ signing }) => {
    const { answer, page, started } = await signIn(signing);
    expect(answer).toContain('http://www.w3.org/2000/09/xmldsig#rsa-sha1');
    expect(page.status).toBe(403);
    expect(refusals(started)).toEqual(['algorithm']);
  });
});

test('triple DES, which pysaml2 encrypts with for the key in our metadata, is refused', async () => {
  const { answer, page, started } = await signIn(
    { sign_response: true, encrypt_assertion: true, ...sha256 },
    {
      want: { assertionsSigned: false, responseSigned: true },
      adjust: serviceProvider({ encryption: encryptionKeys }),
    },
  );
  expect(answer).toContain('EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#tripledes-cbc"');
  expect(page.status).toBe(403);
  expect(refusals(started)).toEqual(['algorithm']);
});

describe('pysaml2 told to sign with RSA-SHA256 is taken', () => {
  test.each([
    {
      name: 'the assertion',
      signing: { sign_assertion: true },
      want: { assertionsSigned: true, responseSigned: false },
    },
    { name: 'the response', signing: { sign_response: true }, want: { assertionsSigned: false, responseSigned: true } },
    {
      name: 'both',
      signing: { sign_assertion: true, sign_response: true },
      want: { assertionsSigned: true, responseSigned: true },
    },
  ])('$name', async ({ signing, want }) => {
    const { answer, page, started } = await signIn({ ...signing, ...sha256 }, { want });
    expect(answer).toMatch(/<ns0:Response/);
    expect(refusals(started)).toEqual([]);
    expect(page.body).toContain('Your accounts');
    const me = await browser.json('GET', `${started.brokerUrl}/api/v1/me`);
    expect(me.json()).toMatchObject({ user: 'alice@corp.example', displayName: 'Ålice & 日本' });
  });
});
