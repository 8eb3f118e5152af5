import { describe, expect, test } from 'vitest';
import { base64FromPem } from '../../../src/saml/metadata/certificate.ts';
import { spMetadataXml } from '../../../src/saml/metadata/sp-metadata.ts';
import { ns } from '../../../src/saml/names.ts';
import { messageLimits, readXml } from '../../../src/saml/xml/xml-reader.ts';
import { attributeOf, childrenOf, onlyChild, walk } from '../../../src/saml/xml/xml-tree.ts';
import { keyPair } from '../../support/key-pairs.ts';

const keys = [keyPair('sp-signing'), keyPair('sp-signing-next')] as const;

const metadata = {
  entityId: 'urn:a&b<"c">',
  acsUrl: 'https://rolegate.example.com/saml/acs',
  wantAssertionsSigned: true,
};

async function read(certificates: readonly string[]) {
  const xml = await spMetadataXml({ ...metadata, signingCertificates: certificates });
  const root = readXml(xml, messageLimits);
  return { xml, root, role: onlyChild(root, ns.metadata, 'SPSSODescriptor')! };
}

describe('spMetadataXml [Metadata §2.4.4]', () => {
  test('names the entity and its one assertion consumer service', async () => {
    const { root, role } = await read([keys[0]!.cert]);
    expect([root.namespace, root.name]).toEqual([ns.metadata, 'EntityDescriptor']);
    expect(attributeOf(root, 'entityID')).toBe(metadata.entityId);
    const services = childrenOf(role, ns.metadata, 'AssertionConsumerService');
    expect(
      services.map((service) => Object.fromEntries(service.attributes.map(({ name, value }) => [name, value]))),
    ).toEqual([
      {
        Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
        Location: metadata.acsUrl,
        index: '0',
        isDefault: 'true',
      },
    ]);
  });

  test('shows every signing certificate, and no encryption key: AD FS would start to encrypt', async () => {
    const { role, xml } = await read(keys.map((key) => key.cert));
    const descriptors = childrenOf(role, ns.metadata, 'KeyDescriptor');
    expect(descriptors.map((descriptor) => attributeOf(descriptor, 'use'))).toEqual(['signing', 'signing']);
    const certificates = [...walk(role)].filter((e) => e.name === 'X509Certificate').map((e) => e.text);
    expect(certificates).toEqual(keys.map((key) => base64FromPem(key.cert)));
    expect(xml).not.toContain('PRIVATE');
  });

  test('says that requests are signed exactly when there is a key to verify them with', async () => {
    const flags = async (certificates: readonly string[]) => {
      const { role } = await read(certificates);
      return [attributeOf(role, 'AuthnRequestsSigned'), attributeOf(role, 'WantAssertionsSigned')];
    };
    expect(await flags([keys[0]!.cert])).toEqual(['true', 'true']);
    expect(await flags([])).toEqual(['false', 'true']);
  });

  test('is a complete document: a declaration first, no byte order mark', async () => {
    expect((await read([])).xml.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n<md:EntityDescriptor')).toBe(true);
  });
});
