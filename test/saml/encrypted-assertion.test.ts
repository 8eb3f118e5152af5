import { createPrivateKey, type KeyObject } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { encryptAssertion } from '../../emulators/adfs/encryption.ts';
import { keyPair } from '../support/key-pairs.ts';
import { judge, refusal } from './support/refusals.ts';
import {
  audienceRestriction,
  type BuildOptions,
  conditionsElement,
  type ResponseParts,
} from './support/response-builder.ts';

const [key, other, ourPair] = [keyPair('idp-signing'), keyPair('stranger'), keyPair('sp-decryption')];
let ours: KeyObject;
let earlier: KeyObject;
beforeAll(async () => {
  ours = createPrivateKey(ourPair.key);
  earlier = createPrivateKey(keyPair('sp-decryption-earlier').key);
});

interface EncryptedCase {
  readonly parts?: Partial<ResponseParts>;
  readonly options?: BuildOptions;
  readonly algorithm?: 'aes256-cbc' | 'aes256-gcm';
  /** Changes the assertion before it is encrypted. */
  readonly editPlain?: (assertion: string) => string;
  /** Changes the EncryptedAssertion before the Response is signed. */
  readonly editEncrypted?: (encrypted: string) => string;
  readonly keys?: readonly KeyObject[];
  readonly idp?: object;
}

function judgeEncrypted({
  parts,
  options,
  algorithm = 'aes256-gcm',
  editPlain = same,
  editEncrypted = same,
  keys,
  idp,
}: EncryptedCase) {
  const editInside = (xml: string) =>
    xml.replace(/<Assertion.*<\/Assertion>/, (assertion) =>
      editEncrypted(encryptAssertion(editPlain(assertion), { certificate: ourPair.cert, algorithm })).replaceAll(
        '$',
        '$$$$',
      ),
    );
  const expected = { idp: { decryptionKeys: keys ?? [ours], ...idp } };
  return judge(key, { ...(parts ? { parts } : {}), options: { mode: 'response', ...options, editInside }, expected });
}

const same = (xml: string) => xml;

describe('an encrypted assertion', () => {
  for (const algorithm of ['aes256-cbc', 'aes256-gcm'] as const) {
    for (const mode of ['response', 'both'] as const) {
      test(`is opened with ${algorithm} (${mode} signed)`, async () => {
        const plain = await judge(key, { options: { mode } });
        await expect(judgeEncrypted({ algorithm, options: { mode } })).resolves.toEqual({
          ...plain,
          isEncrypted: true,
        });
      });
    }
  }

  test('is opened by whichever of our keys it was made for', async () => {
    await expect(judgeEncrypted({ keys: [earlier, ours] })).resolves.toMatchObject({ id: '_assertion' });
  });

  const refused: readonly (readonly [string, EncryptedCase, Parameters<typeof refusal>[0]])[] = [
    ['without a key of ours', { keys: [] }, 'encryption'],
    [
      'in a Response that is not signed: only the IdP may submit ciphertexts',
      { options: { mode: 'assertion' } },
      'signature',
    ],
    ['that is not signed itself where that is wanted', { idp: { wantAssertionsSigned: true } }, 'signature'],
    ['with RSA 1.5', { editEncrypted: (xml) => xml.replace('rsa-oaep-mgf1p', 'rsa-1_5') }, 'algorithm'],
    [
      'with triple DES',
      {
        editEncrypted: (xml) =>
          xml.replace(/xmlenc11#aes256-gcm|http:\/\/www.w3.org\/2009\/xmlenc11#aes256-gcm/, 'x#tripledes-cbc'),
      },
      'algorithm',
    ],
    [
      'with another digest inside OAEP',
      { editEncrypted: (xml) => xml.replace('xmldsig#sha1', 'xmldsig#md5') },
      'algorithm',
    ],
    ['without its key', { editEncrypted: (xml) => xml.replace(/<KeyInfo.*<\/KeyInfo>(?=<xenc)/, '') }, 'encryption'],
    [
      'with a changed ciphertext',
      { editEncrypted: (xml) => xml.replace(/(<xenc:CipherValue>.{40})./, (_, head) => `${head}*`) },
      'encryption',
    ],
    ['with a changed key', { editEncrypted: (xml) => xml.replace(/(<e:CipherValue>)..../, '$1AAAA') }, 'encryption'],
    ['without ciphertext', { editEncrypted: (xml) => xml.replace(/(<xenc:CipherValue>)[^<]*/, '$1') }, 'encryption'],
    ['twice', { editEncrypted: (xml) => xml + xml }, 'malformed'],
    ['that is empty inside', { editPlain: () => '' }, 'malformed'],
    ['that is something else inside', { editPlain: () => '<x xmlns="urn:x"/>' }, 'malformed'],
    ['that is two assertions inside', { editPlain: (xml) => xml + xml }, 'malformed'],
    [
      'with an assertion inside the assertion',
      {
        editPlain: (xml) =>
          xml.replace('<Conditions', `<Advice>${xml.replace('_assertion', '_b')}</Advice><Conditions`),
      },
      'malformed',
    ],
    ['with a comment inside', { editPlain: (xml) => xml.replace('@corp', '<!---->@corp') }, 'malformed'],
    ['with a DOCTYPE inside', { editPlain: (xml) => `<!DOCTYPE x>${xml}` }, 'malformed'],
    [
      'for another audience',
      { parts: { conditions: conditionsElement({}, audienceRestriction('urn:other')) } },
      'audience',
    ],
  ];
  for (const [name, options, reason] of refused) {
    test(`is refused ${name}`, async () => {
      await expect(judgeEncrypted({})).resolves.toMatchObject({ id: '_assertion' });
      await expect(judgeEncrypted(options)).rejects.toMatchObject(refusal(reason));
    });
  }

  test('is refused with a foreign key, as if it were damaged', async () => {
    await expect(judgeEncrypted({ keys: [earlier] })).rejects.toMatchObject(refusal('encryption'));
  });

  test('is refused with a signature inside that is not the identity provider’s', async () => {
    const options = { mode: 'both', responseKey: other } as const;
    await expect(judgeEncrypted({ options })).rejects.toMatchObject(refusal('signature'));
    const changed = (xml: string) => xml.replace('>alice@', '>admin@');
    await expect(judgeEncrypted({ options: { mode: 'both' }, editPlain: changed })).rejects.toMatchObject(
      refusal('signature'),
    );
  });
});
