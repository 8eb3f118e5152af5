// What others make of our metadata: the OASIS schemas, and xmlsec1 for its signature.
import { createPrivateKey } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { verifiedMetadata } from '../../../src/saml/metadata/metadata-signature.ts';
import { type SpMetadata, spMetadataXml } from '../../../src/saml/metadata/sp-metadata.ts';
import { ns } from '../../../src/saml/names.ts';
import { metadataLimits, readXml } from '../../../src/saml/xml/xml-reader.ts';
import { attributeOf, childrenOf, onlyChild, walk } from '../../../src/saml/xml/xml-tree.ts';
import { createFileSigner } from '../../../src/signer.ts';
import { type KeyPair, keyPair } from '../../support/key-pairs.ts';
import { verifyWithXmlsec1 } from '../../support/xmlsec1.ts';
import { validateWithXsd } from '../../support/xsd.ts';
import { refusal } from '../support/refusals.ts';

let keys: KeyPair[];
let complete: SpMetadata;
beforeAll(async () => {
  keys = [keyPair('sp-signing'), keyPair('sp-signing-next'), keyPair('sp-decryption')];
  complete = {
    entityId: 'https://rolegate.example.com/saml/metadata?a=1&b=<2>',
    acsUrl: 'https://rolegate.example.com/saml/acs',
    sloUrl: 'https://rolegate.example.com/saml/slo',
    signingCertificates: [keys[0]!.cert, keys[1]!.cert],
    encryptionCertificate: keys[2]!.cert,
    wantAssertionsSigned: true,
    displayName: 'Rolegate <for> "AWS" & more',
    organization: { name: 'Corp & Söhne', url: 'https://corp.example/?a&b' },
    contact: { name: 'Cloud team', email: 'cloud@corp.example' },
    validUntil: new Date('2026-03-09T09:00:00Z'),
    signer: signer(),
  };
});

function signer(pair: KeyPair = keys[0]!) {
  return { signer: createFileSigner(createPrivateKey(pair.key)), certificate: pair.cert };
}

describe('our metadata is valid by the OASIS schema [Metadata §2.4.4]', () => {
  const without = (...names: (keyof SpMetadata)[]) => {
    const rest = Object.entries(complete).filter(([name]) => !names.includes(name as keyof SpMetadata));
    return Object.fromEntries(rest) as unknown as SpMetadata;
  };
  const documents: [string, () => SpMetadata][] = [
    ['with everything', () => complete],
    ['unsigned', () => without('signer')],
    ['without single logout and encryption', () => without('sloUrl', 'encryptionCertificate')],
    ['without words for people', () => without('displayName', 'organization', 'contact', 'validUntil')],
    ['with no key at all', () => ({ ...without('signer', 'encryptionCertificate'), signingCertificates: [] })],
  ];
  for (const [name, make] of documents)
    test(name, async () => validateWithXsd(await spMetadataXml(make()), 'metadata'));

  test('and the schema would notice a mistake', async () => {
    const wrong = (await spMetadataXml(complete)).replace(' isDefault="true"', ' isDefault="perhaps"');
    await expect(validateWithXsd(wrong, 'metadata')).rejects.toThrow(/isDefault/);
  });
});

describe('our metadata says', () => {
  test('both signing keys in order, the encryption key with GCM only, both logout bindings', async () => {
    const role = onlyChild(readXml(await spMetadataXml(complete), metadataLimits), ns.metadata, 'SPSSODescriptor')!;
    const uses = childrenOf(role, ns.metadata, 'KeyDescriptor').map((key) => attributeOf(key, 'use'));
    expect(uses).toEqual(['signing', 'signing', 'encryption']);
    const methods = [...walk(role)].filter((each) => each.name === 'EncryptionMethod');
    expect(methods.map((each) => attributeOf(each, 'Algorithm')?.split('#')[1])).toEqual([
      'aes256-gcm',
      'aes128-gcm',
      'rsa-oaep',
      'rsa-oaep-mgf1p',
    ]);
    const digests = methods.map((each) => each.children.map((digest) => attributeOf(digest, 'Algorithm')));
    expect(digests).toEqual([[], [], [`${ns.encryption}sha256`], [`${ns.signature}sha1`]]);
    const logout = childrenOf(role, ns.metadata, 'SingleLogoutService');
    expect(logout.map((each) => attributeOf(each, 'Binding')?.split(':').at(-1))).toEqual([
      'HTTP-Redirect',
      'HTTP-POST',
    ]);
  });

  test('names and contacts as they are, whatever characters they have', async () => {
    const texts = new Map(
      [...walk(readXml(await spMetadataXml(complete), metadataLimits))].map((e) => [e.name, e.text]),
    );
    expect(texts.get('DisplayName')).toBe('Rolegate <for> "AWS" & more');
    expect(texts.get('OrganizationName')).toBe('Corp & Söhne');
    expect(texts.get('OrganizationURL')).toBe('https://corp.example/?a&b');
    expect(texts.get('EmailAddress')).toBe('mailto:cloud@corp.example');
  });
});

describe('signed metadata', () => {
  test('verifies with xmlsec1 and with ourselves, and carries its Signature first', async () => {
    const xml = await spMetadataXml(complete);
    await verifyWithXmlsec1(xml, keys[0]!.cert);
    expect(readXml(xml, metadataLimits).children[0]?.name).toBe('Signature');
    const verified = verifiedMetadata(xml, [keys[0]!.cert]);
    expect(verified).toContain('entityID=');
    expect(verified).not.toContain('Signature>');
  });

  test('does not verify with the next key, nor after a change', async () => {
    const xml = await spMetadataXml(complete);
    await expect(verifyWithXmlsec1(xml, keys[1]!.cert)).rejects.toThrow(/does not verify/);
    const changed = xml.replace('/saml/acs', '/saml/acx');
    await expect(verifyWithXmlsec1(changed, keys[0]!.cert)).rejects.toThrow(/does not verify/);
    expect(() => verifiedMetadata(changed, [keys[0]!.cert])).toThrow(expect.objectContaining(refusal('signature')));
  });

  // xmldom, on which the signing library is built, takes U+2028 for the end of a line.
  test('verifies with characters that parsers and canonical forms treat differently', async () => {
    const name = 'a\u2028b\u2029c 😀 é e\u0301 "q" \'a\' > &#10; ]]>';
    const entityId = 'https://rolegate.example.com/?a="1"&b=>\u2028';
    const xml = await spMetadataXml({ ...complete, entityId, displayName: name });
    await verifyWithXmlsec1(xml, keys[0]!.cert);
    expect(xml).toContain('a\u2028b');
  });

  test('is the same document each time: the ID comes from the content', async () => {
    expect(await spMetadataXml(complete)).toBe(await spMetadataXml({ ...complete, signer: signer() }));
    const id = async (metadata: SpMetadata) =>
      attributeOf(readXml(await spMetadataXml(metadata), metadataLimits), 'ID');
    const first = await id(complete);
    expect(first).toMatch(/^_[0-9a-f]{40}$/);
    expect(first).not.toBe(await id({ ...complete, validUntil: new Date('2026-03-10T09:00:00Z') }));
  });
});
