// Our messages and metadata as other software validates them: the OASIS schemas, and xmlsec1 for signatures. Messages on
// the wire are captured there; the rest is written with values that have to be escaped.
import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mintResponse } from '../../src/aws/mint-assertion.ts';
import { authnRequestXml } from '../../src/saml/authn-request.ts';
import { logoutRequestXml } from '../../src/saml/logout/logout-request.ts';
import { logoutResponseXml } from '../../src/saml/logout/logout-response.ts';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { answerOf, reachAnswer } from '../app/support/sign-in.ts';
import { mintingKey, mintRequest } from '../aws/support/minting.ts';
import { createHttpBrowser } from '../support/http-browser/http-browser.ts';
import { keyPair } from '../support/key-pairs.ts';
import { verifyWithXmlsec1 } from '../support/xmlsec1.ts';
import { validateWithXsd } from '../support/xsd.ts';

let demo: TestDemo;

beforeAll(async () => {
  demo = await startTestDemo();
});

afterAll(() => demo?.close());

const awkward = `https://sp.example/?a=1&b="<'>`;
const header = { id: '_1', issueInstant: new Date('2026-03-02T09:00:00Z'), destination: awkward, issuer: awkward };

/** The message in the Location of a redirect to the identity provider. */
async function redirectedRequest(path: string): Promise<string> {
  const answer = await fetch(demo.brokerUrl + path, { redirect: 'manual' });
  const message = new URL(answer.headers.get('location')!).searchParams.get('SAMLRequest');
  return inflateRawSync(Buffer.from(message!, 'base64')).toString('utf8');
}

describe('by the schema of protocol messages, valid are', () => {
  test('the AuthnRequest that a browser carries', async () => {
    const xml = await redirectedRequest('/login');
    expect(xml).toContain('AuthnRequest');
    await validateWithXsd(xml, 'protocol');
  });

  test('an AuthnRequest that asks for a fresh sign-in and a method', () =>
    validateWithXsd(
      authnRequestXml({ ...header, acsUrl: awkward, forceAuthn: true, requestedContexts: ['urn:a', awkward] }),
      'protocol',
    ));

  test('a LogoutRequest', () =>
    validateWithXsd(
      logoutRequestXml({
        ...header,
        notOnOrAfter: new Date('2026-03-02T09:05:00Z'),
        nameId: {
          value: 'Ålice & <Bob>',
          format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
          nameQualifier: awkward,
          spNameQualifier: awkward,
        },
        sessionIndex: '_<&>',
      }),
      'protocol',
    ));

  test('a LogoutResponse', () =>
    validateWithXsd(logoutResponseXml({ ...header, inResponseTo: '_2', isDone: true }), 'protocol'));

  test('the Response that is minted for AWS, and xmlsec1 verifies its assertion', async () => {
    const pair = keyPair('minting');
    const xml = await mintResponse(mintRequest({ roleSessionName: 'alice@example.com' }), mintingKey(pair));
    await validateWithXsd(xml, 'protocol');
    await verifyWithXmlsec1(xml, pair.cert);
  });

  test("the AD FS emulator's Response, so that what the other tests post is a Response", async () => {
    const browser = createHttpBrowser();
    try {
      const form = answerOf(await reachAnswer(browser, demo.brokerUrl, 'alice'));
      await validateWithXsd(Buffer.from(form['SAMLResponse']!, 'base64').toString('utf8'), 'protocol');
    } finally {
      browser.close();
    }
  });

  test('not: an AuthnRequest whose ID starts with a digit', async () => {
    const wrong = authnRequestXml({ ...header, id: '1', acsUrl: awkward, forceAuthn: false, requestedContexts: [] });
    await expect(validateWithXsd(wrong, 'protocol')).rejects.toThrow(/'ID'/);
  });
});

describe('by the schema of metadata, valid are', () => {
  test.each(['/saml/metadata', '/aws/saml-metadata.xml'])('the document at %s', async (path) => {
    const answer = await fetch(demo.brokerUrl + path);
    expect(answer.headers.get('content-type')).toMatch(/^application\/samlmetadata\+xml/);
    await validateWithXsd(await answer.text(), 'metadata');
  });
});
