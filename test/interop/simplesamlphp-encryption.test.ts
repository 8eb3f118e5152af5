// SimpleSAMLphp encrypts its assertions for the broker.
import { describe, expect, test } from 'vitest';
import { postAnswer } from '../app/support/sign-in.ts';
import { keyPair } from '../support/key-pairs.ts';
import { encryptionKeys, type ForeignIdp, refusals, serviceProvider } from './support/broker.ts';
import { answerXml, useSimpleSamlPhp } from './support/ssp-fixture.ts';

const { browser, start, reachAnswer, signIn } = useSimpleSamlPhp();

const cbc = (bits: number) => `http://www.w3.org/2001/04/xmlenc#aes${bits}-cbc`;
const gcm = (bits: number) => `http://www.w3.org/2009/xmlenc11#aes${bits}-gcm`;
const tripleDes = 'http://www.w3.org/2001/04/xmlenc#tripledes-cbc';

/** The ciphers of an answer that has no readable assertion. */
function ciphersOf(xml: string): (string | undefined)[] {
  expect(xml.includes('<saml:Assertion')).toBe(false);
  const data = /<xenc:EncryptedData[^>]*>\s*<xenc:EncryptionMethod Algorithm="([^"]+)"/g;
  return [...xml.matchAll(data)].map(([, cipher]) => cipher);
}

/** A broker with that many decryption keys, the newest first, which wants the response signed. */
function decrypting(keys: number): Partial<ForeignIdp> {
  return {
    want: { assertionsSigned: false, responseSigned: true },
    adjust: serviceProvider({ encryption: encryptionKeys.slice(0, keys) }),
  };
}

describe('an encrypted assertion in a signed response opens the session', () => {
  test.each([cbc(128), cbc(256), gcm(128), gcm(256)])('%s', async (cipher) => {
    const started = await start(
      ({ config }) => ({
        signResponse: true,
        signAssertion: false,
        encryption: { certificate: config.serviceProvider.encryption[0]!.certificate, cipher },
      }),
      decrypting(1),
    );
    const answer = await reachAnswer(started, 'alice');
    expect(ciphersOf(answerXml(answer))).toEqual([cipher]);
    expect((await postAnswer(browser(), answer)).body).toContain('Your accounts');
    expect(refusals(started)).toEqual([]);
    const me = await browser().json('GET', `${started.brokerUrl}/api/v1/me`);
    expect(me.json()).toMatchObject({ user: 'alice@corp.example' });
  });

  test('with its own signature inside as well', async () => {
    const started = await start(
      ({ config }) => ({
        signResponse: true,
        signAssertion: true,
        encryption: { certificate: config.serviceProvider.encryption[0]!.certificate, cipher: gcm(256) },
      }),
      { ...decrypting(1), want: { assertionsSigned: true, responseSigned: true } },
    );
    expect((await signIn(started, 'alice')).body).toContain('Your accounts');
  });

  test('made for the older of two keys, while they change', async () => {
    const started = await start(
      ({ config }) => ({
        signResponse: true,
        encryption: { certificate: config.serviceProvider.encryption[1]!.certificate, cipher: gcm(256) },
      }),
      decrypting(2),
    );
    expect((await signIn(started, 'alice')).body).toContain('Your accounts');
  });
});

describe('an encrypted assertion is refused', () => {
  test('with triple DES', async () => {
    const started = await start(
      ({ config }) => ({
        signResponse: true,
        encryption: { certificate: config.serviceProvider.encryption[0]!.certificate, cipher: tripleDes },
      }),
      decrypting(1),
    );
    const answer = await reachAnswer(started, 'alice');
    expect(ciphersOf(answerXml(answer))).toEqual([tripleDes]);
    expect((await postAnswer(browser(), answer)).status).toBe(403);
    expect(refusals(started)).toEqual(['algorithm']);
  });

  test('in a response that is not signed', async () => {
    const started = await start(
      ({ config }) => ({
        signResponse: false,
        signAssertion: true,
        encryption: { certificate: config.serviceProvider.encryption[0]!.certificate, cipher: gcm(256) },
      }),
      { ...decrypting(1), want: { assertionsSigned: true, responseSigned: false } },
    );
    expect((await signIn(started, 'alice')).status).toBe(403);
    expect(refusals(started)).toEqual(['signature']);
  });

  test.each([
    { name: 'made for another key', keys: 1 },
    { name: 'where the broker has no key at all', keys: 0 },
  ])('$name', async ({ keys }) => {
    const { cert } = keyPair('stranger');
    const trusted = { signResponse: true, encryption: { certificate: cert, cipher: gcm(256) } };
    const started = await start(trusted, decrypting(keys));
    expect((await signIn(started, 'alice')).status).toBe(403);
    expect(refusals(started)).toEqual(['encryption']);
  });
});
