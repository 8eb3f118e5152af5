// Metadata under a pinned key: only what that key signed counts, and all of it or nothing.
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildMetadata } from '../../../emulators/adfs/metadata.ts';
import { signElement } from '../../../emulators/adfs/signing.ts';
import { BrokerError, type SamlReason } from '../../../src/errors.ts';
import { readIdpMetadata } from '../../../src/saml/metadata/idp-metadata.ts';
import { verifiedMetadata } from '../../../src/saml/metadata/metadata-signature.ts';
import { type KeyPair, keyPair } from '../../support/key-pairs.ts';
import { refusal } from '../support/refusals.ts';

let keys: Record<'idp' | 'encryption' | 'federation' | 'attacker', KeyPair>;
let adfs: string;
beforeAll(async () => {
  const [idp, encryption, federation, attacker] = [
    keyPair('idp-signing'),
    keyPair('idp-encryption'),
    keyPair('federation'),
    keyPair('stranger'),
  ];
  keys = { idp: idp!, encryption: encryption!, federation: federation!, attacker: attacker! };
  adfs = adfsMetadata(keys.idp);
});

function adfsMetadata(signing: KeyPair): string {
  return buildMetadata({
    entityId: 'http://adfs.example/adfs/services/trust',
    url: 'https://adfs.example',
    signing,
    secondarySigning: undefined,
    encryption: keys.encryption,
  });
}

const unsigned = (xml: string) => xml.replace(/<ds:Signature[\s\S]*?<\/ds:Signature>/, '');

/** An aggregate of a federation with two entities, signed by its operator. */
function aggregate(options: Parameters<typeof signElement>[1] = { id: '_federation', key: keys.federation }): string {
  const entities = [adfs, adfsMetadata(keys.attacker).replaceAll('adfs.example', 'other.example')].map(unsigned);
  const xml = `<EntitiesDescriptor ID="_federation" xmlns="urn:oasis:names:tc:SAML:2.0:metadata">${entities.join('\n')}</EntitiesDescriptor>`;
  return signElement(xml, options);
}

function refused(xml: string, key: KeyPair, reason: SamlReason): void {
  expect(() => verifiedMetadata(xml, [key.cert])).toThrow(expect.objectContaining(refusal(reason)));
}

describe('metadata is verified', () => {
  test('as AD FS signs it, whatever else the document has around', () => {
    const verified = verifiedMetadata(`\ufeff<?xml version="1.0" encoding="utf-8"?>\n${adfs}`, [keys.idp.cert]);
    expect(readIdpMetadata(verified)).toEqual(readIdpMetadata(adfs));
    expect(verified).not.toContain('SignatureValue');
  });

  test('by any of the pinned keys, so that they can be renewed', () => {
    const both = [keys.federation.cert, keys.idp.cert];
    expect(verifiedMetadata(adfs, both)).toBe(verifiedMetadata(adfs, [keys.idp.cert]));
  });

  test("over a federation's aggregate", () => {
    const verified = verifiedMetadata(aggregate(), [keys.federation.cert]);
    const entityId = 'http://adfs.example/adfs/services/trust';
    expect(readIdpMetadata(verified, entityId)).toEqual(readIdpMetadata(adfs));
  });

  for (const added of ['<!-- a word of the operator -->', '<?word of the="operator"?>']) {
    test(`with ${added}, which is outside the signed element`, () => {
      const commented = adfs.replace('<IDPSSODescriptor', `${added}<IDPSSODescriptor`);
      expect(verifiedMetadata(commented, [keys.idp.cert])).toBe(verifiedMetadata(adfs, [keys.idp.cert]));
    });
  }
});

describe('metadata is refused', () => {
  test('without a signature', () => refused(unsigned(adfs), keys.idp, 'signature'));
  test('signed by another key, although the document carries its certificate', () =>
    refused(adfsMetadata(keys.attacker), keys.idp, 'signature'));

  const tampered: [string, (xml: string) => string][] = [
    ['an address changed', (xml) => xml.replaceAll('https://adfs.example/adfs/ls/', 'https://evil.example/adfs/ls/')],
    ['one byte of the digest changed', (xml) => xml.replace(/(<ds:DigestValue>)(.)/, (_, tag, c) => tag + flip(c))],
    ['one byte of the signature changed', (xml) => xml.replace(/(<ds:SignatureValue>)(.)/, (_, t, c) => t + flip(c))],
    [
      'an attribute added',
      (xml) => xml.replace('<IDPSSODescriptor ', '<IDPSSODescriptor validUntil="2099-01-01T00:00:00Z" '),
    ],
    [
      'a role added',
      (xml) => xml.replace('</EntityDescriptor>', '<IDPSSODescriptor></IDPSSODescriptor></EntityDescriptor>'),
    ],
  ];
  for (const [name, change] of tampered) {
    test(`with ${name}`, () => {
      expect(change(adfs)).not.toBe(adfs);
      refused(change(adfs), keys.idp, 'signature');
    });
  }

  test('where only a part of it is signed', () => {
    const inner = `<EntitiesDescriptor ID="_all" xmlns="urn:oasis:names:tc:SAML:2.0:metadata">${adfs}</EntitiesDescriptor>`;
    refused(inner, keys.idp, 'signature');
  });

  test('where the root is new and the signed document lies inside, its Signature moved up', () => {
    const [signature] = /<ds:Signature[\s\S]*?<\/ds:Signature>/.exec(adfs) ?? [];
    const wrapped =
      '<EntitiesDescriptor ID="_all" xmlns="urn:oasis:names:tc:SAML:2.0:metadata">' +
      `${signature}${unsigned(adfsMetadata(keys.attacker))}${unsigned(adfs)}</EntitiesDescriptor>`;
    refused(wrapped, keys.idp, 'signature');
  });

  test('where an ID is used twice', () => {
    const [, id] = / ID="([^"]+)"/.exec(adfs) ?? [];
    refused(adfs.replace('<IDPSSODescriptor', `<IDPSSODescriptor ID="${id}"`), keys.idp, 'malformed');
  });

  test('with two signatures', () => {
    const [signature] = /<ds:Signature[\s\S]*?<\/ds:Signature>/.exec(adfs) ?? [];
    refused(adfs.replace(signature!, signature! + signature!), keys.idp, 'malformed');
  });

  test('signed with SHA-1', () => {
    refused(
      aggregate({ id: '_federation', key: keys.federation, algorithm: 'rsa-sha1' }),
      keys.federation,
      'algorithm',
    );
  });

  test('with a DOCTYPE', () => refused(`<!DOCTYPE a [<!ENTITY b "c">]>${adfs}`, keys.idp, 'malformed'));
  test('that is a signed document of another kind', () => {
    const other = signElement('<a ID="_a"/>'.replace('/>', '></a>'), { id: '_a', key: keys.idp });
    refused(other, keys.idp, 'malformed');
  });
  test('that is a page', () => refused('<html><body>Sign in</body></html>', keys.idp, 'malformed'));
});

test('whichever byte is changed: the result equals the signed content, or reading fails', () => {
  const original = verifiedMetadata(adfs, [keys.idp.cert]);
  let refusals = 0;
  fc.assert(
    fc.property(fc.nat(adfs.length - 1), fc.constantFrom(...'aA0 <>"&/=-'), (at, character) => {
      const changed = adfs.slice(0, at) + character + adfs.slice(at + 1);
      try {
        expect(verifiedMetadata(changed, [keys.idp.cert])).toBe(original);
      } catch (error) {
        if (!(error instanceof BrokerError)) throw error;
        expect(error.code).toBe('saml_refused');
        refusals++;
      }
    }),
    { numRuns: 150 },
  );
  expect(refusals).toBeGreaterThan(75);
});

function flip(character: string): string {
  return character === 'A' ? 'B' : 'A';
}
