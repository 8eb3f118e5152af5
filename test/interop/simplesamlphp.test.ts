// SimpleSAMLphp signs people in to the broker: every way it signs, what it says of people, signed requests. It lives on
// another site than the broker, so that its answer is a cross-site post.
import { describe, expect, test } from 'vitest';
import { postAnswer } from '../app/support/sign-in.ts';
import { useChromium } from '../support/chromium.ts';
import { keyPair } from '../support/key-pairs.ts';
import { refusals } from './support/broker.ts';
import { answerXml, useSimpleSamlPhp } from './support/ssp-fixture.ts';
import { aliceName, zurichRule } from './support/ssp-people.ts';

const { ssp, browser, start, reachAnswer, signIn } = useSimpleSamlPhp();
const chromium = useChromium();

/** Which elements of an answer hold a Signature. */
function signedElements(xml: string): string[] {
  const isSigned = (element: string) =>
    new RegExp(`<${element}[^>]*><saml:Issuer[^>]*>[^<]*</saml:Issuer><ds:Signature`).test(xml);
  return ['samlp:Response', 'saml:Assertion'].filter(isSigned);
}

const assertion = { signAssertion: true, signResponse: false };
const response = { signAssertion: false, signResponse: true };
const both = { signAssertion: true, signResponse: true };

describe('SimpleSAMLphp signs', () => {
  test.each([
    {
      name: 'the assertion, as AD FS does unless told otherwise',
      trusted: assertion,
      want: { assertionsSigned: true, responseSigned: false },
      signed: ['saml:Assertion'],
    },
    {
      name: 'the response',
      trusted: response,
      want: { assertionsSigned: false, responseSigned: true },
      signed: ['samlp:Response'],
    },
    {
      name: 'both',
      trusted: both,
      want: { assertionsSigned: true, responseSigned: true },
      signed: ['samlp:Response', 'saml:Assertion'],
    },
  ])('$name: alice is signed in', async ({ trusted, want, signed }) => {
    const started = await start(trusted, { want });
    const answer = await reachAnswer(started, 'alice');
    expect(signedElements(answerXml(answer))).toEqual(signed);
    const page = await postAnswer(browser(), answer);
    expect(page.body).toContain('Your accounts');
    const me = await browser().json('GET', `${started.brokerUrl}/api/v1/me`);
    expect(me.json()).toMatchObject({ user: 'alice@corp.example', identityProvider: 'foreign' });
    expect(refusals(started)).toEqual([]);
  });

  test.each([
    {
      name: 'the assertion where the response is wanted',
      trusted: assertion,
      want: { assertionsSigned: false, responseSigned: true },
    },
    {
      name: 'the response where the assertion is wanted',
      trusted: response,
      want: { assertionsSigned: true, responseSigned: false },
    },
  ])('$name: refused', async ({ trusted, want }) => {
    const started = await start(trusted, { want });
    expect((await signIn(started, 'alice')).status).toBe(403);
    expect(refusals(started)).toEqual(['signature']);
  });
});

describe('what SimpleSAMLphp says of people', () => {
  test('names and groups outside ASCII arrive as they are, and grant', async () => {
    const started = await start(both, { adjust: (config) => ({ ...config, rules: [zurichRule] }) });
    const api = `${started.brokerUrl}/api/v1`;
    await signIn(started, 'alice');
    expect((await browser().json('GET', `${api}/me`)).json()).toMatchObject({ displayName: aliceName });
    const roleArn = 'arn:aws:iam::555566667777:role/Operator';
    const { roles } = (await browser().json('GET', `${api}/roles`)).json() as { roles: unknown[] };
    expect(roles).toMatchObject([{ roleArn, rule: zurichRule.name }]);
    const credentials = await browser().json('POST', `${api}/credentials`, { roleArn });
    expect(credentials.json()).toMatchObject({
      AssumedRoleArn: 'arn:aws:sts::555566667777:assumed-role/Operator/alice@corp.example',
    });
  });

  test('bob, of whom no group is said, is signed in and gets the explanation', async () => {
    const started = await start(assertion);
    const page = await signIn(started, 'bob');
    expect(page.status).toBe(200);
    expect(page.body).toContain('You have no AWS roles yet');
    expect(refusals(started)).toEqual([]);
  });
});

describe('SimpleSAMLphp that wants requests signed', () => {
  test('accepts our signed AuthnRequest', async () => {
    const started = await start(({ config }) => ({
      ...assertion,
      requestSigner: config.serviceProvider.signing!.certificate,
    }));
    expect((await signIn(started, 'alice')).body).toContain('Your accounts');
  });

  test('refuses one signed by another key', async () => {
    const started = await start({ ...assertion, requestSigner: keyPair('stranger').cert });
    const page = await browser().get(`${started.brokerUrl}/login`);
    expect(page.body).toContain('Unable to validate signature on query string');
    expect(page.body).not.toContain('type="password"');
  });

  test('takes none that is not signed', async () => {
    const { cert } = keyPair('stranger');
    const unsigned = ({ entityId }: { entityId: string }) => ({ entityId });
    const started = await start(
      { ...assertion, requestSigner: cert },
      {
        adjust: (config) => ({
          ...config,
          serviceProvider: unsigned(config['serviceProvider'] as { entityId: string }),
        }),
      },
    );
    const page = await browser().get(`${started.brokerUrl}/login`);
    expect(page.body).toContain('no signature found on message');
    expect(page.body).not.toContain('type="password"');
  });
});

test('in Chromium: the cross-site answer finds the login that asked for it', async () => {
  const started = await start(both);
  const page = await chromium.open();
  await page.goto(started.brokerUrl);
  expect(new URL(page.url()).origin).toBe(ssp().url);
  await page.fill('input[name=username]', 'alice');
  await page.fill('input[name=password]', 'password');
  await Promise.all([page.waitForURL((url) => url.origin === started.brokerUrl), page.keyboard.press('Enter')]);
  expect(await page.textContent('h1')).toBe('Your accounts');
});
