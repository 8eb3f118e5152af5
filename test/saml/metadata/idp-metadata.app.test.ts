import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Adfs } from '../../../emulators/adfs/server.ts';
import { makeKeyPair } from '../../../emulators/keys.ts';
import { keys, startFixture } from '../../../emulators/test/adfs/fixture.ts';
import { base64FromPem } from '../../../src/saml/metadata/certificate.ts';
import { readIdpMetadata } from '../../../src/saml/metadata/idp-metadata.ts';
import type { KeyPair } from '../../support/key-pairs.ts';
import { refusal } from '../support/refusals.ts';

let idp: Adfs;
let weak: KeyPair;
beforeAll(async () => {
  weak = await makeKeyPair('weak', { bits: 1024 });
  ({ idp } = await startFixture(keys, { secondarySigning: keys.secondarySigning }));
});
afterAll(() => idp.close());

const der = (pem: string) => new X509Certificate(pem).raw.toString('base64');
const nsMd = 'urn:oasis:names:tc:SAML:2.0:metadata';

function keyDescriptor(pair: KeyPair, use: string | undefined): string {
  const attribute = use === undefined ? '' : ` use="${use}"`;
  return (
    `<KeyDescriptor${attribute}><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>\n` +
    `${base64FromPem(pair.cert).replace(/.{64}/g, '$&\n')}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`
  );
}

const service = (name: string, binding: string, location: string) =>
  `<${name} Binding="urn:oasis:names:tc:SAML:2.0:bindings:${binding}" Location="${location}"/>`;

interface EntityParts {
  readonly keys?: string;
  readonly services?: string;
  readonly protocols?: string;
  readonly attributes?: string;
}

function entity(id: string, parts: EntityParts = {}): string {
  const services = parts.services ?? service('SingleSignOnService', 'HTTP-Redirect', `https://${id}/sso`);
  const protocols = parts.protocols ?? 'urn:oasis:names:tc:SAML:2.0:protocol';
  return (
    `<EntityDescriptor xmlns="${nsMd}" entityID="https://${id}"${parts.attributes ?? ''}>` +
    `<IDPSSODescriptor protocolSupportEnumeration="${protocols}">` +
    `${parts.keys ?? keyDescriptor(keys.signing, 'signing')}${services}</IDPSSODescriptor></EntityDescriptor>`
  );
}

function entities(...content: readonly string[]): string {
  return `<EntitiesDescriptor xmlns="${nsMd}">${content.join('')}</EntitiesDescriptor>`;
}

describe("AD FS's metadata", () => {
  test('gives entityID, endpoints and both signing certificates, though the encryption certificate comes first', () => {
    const xml = idp.metadata();
    expect(xml.indexOf(der(keys.encryption.cert))).toBeLessThan(
      xml.indexOf(der(keys.signing.cert), xml.indexOf('<IDPSSODescriptor')),
    );
    const metadata = readIdpMetadata(xml);
    expect(metadata).toMatchObject({ entityId: idp.entityId, ssoRedirectUrl: idp.ssoUrl, sloRedirectUrl: idp.ssoUrl });
    expect(metadata.signingCertificates.map(der)).toEqual([keys.signing.cert, keys.secondarySigning.cert].map(der));
    expect(metadata.validUntil).toBeUndefined();
  });

  test('may begin with a byte order mark and a declaration', () => {
    const xml = `\ufeff<?xml version="1.0" encoding="utf-8"?>${idp.metadata()}`;
    expect(readIdpMetadata(xml).entityId).toBe(idp.entityId);
  });
});

describe('readIdpMetadata [Metadata §2]', () => {
  test('reads the smallest document there is', () => {
    expect(readIdpMetadata(entity('idp'))).toMatchObject({
      entityId: 'https://idp',
      ssoRedirectUrl: 'https://idp/sso',
      sloRedirectUrl: undefined,
      validUntil: undefined,
    });
  });

  test('takes a key without use for signing as well, and each certificate once [Metadata §2.4.1.1]', () => {
    const descriptors = [keyDescriptor(keys.signing, undefined), keyDescriptor(keys.signing, 'signing')].join('');
    const all = `${keyDescriptor(keys.encryption, 'encryption')}${descriptors}${keyDescriptor(keys.party, 'signing')}`;
    const { signingCertificates } = readIdpMetadata(entity('idp', { keys: all }));
    expect(signingCertificates.map(der)).toEqual([keys.signing.cert, keys.party.cert].map(der));
  });

  test('takes the endpoint of the Redirect binding, in any position', () => {
    const services =
      service('SingleSignOnService', 'HTTP-POST', 'https://idp/post') +
      service('SingleSignOnService', 'HTTP-Redirect', 'https://idp/redirect') +
      service('SingleLogoutService', 'HTTP-POST', 'https://idp/slo-post');
    expect(readIdpMetadata(entity('idp', { services }))).toMatchObject({
      ssoRedirectUrl: 'https://idp/redirect',
      sloRedirectUrl: undefined,
    });
  });

  test('sends logout answers to ResponseLocation where there is one [Metadata §2.2.2]', () => {
    const plain = service('SingleSignOnService', 'HTTP-Redirect', 'https://idp/sso');
    const slo = service('SingleLogoutService', 'HTTP-Redirect', 'https://idp/slo');
    expect(readIdpMetadata(entity('idp', { services: plain + slo }))).toMatchObject({
      sloRedirectUrl: 'https://idp/slo',
      sloResponseUrl: 'https://idp/slo',
    });
    const apart = (url: string) => slo.replace(' Location=', ` ResponseLocation="${url}" Location=`);
    expect(readIdpMetadata(entity('idp', { services: plain + apart('https://idp/answer') }))).toMatchObject({
      sloRedirectUrl: 'https://idp/slo',
      sloResponseUrl: 'https://idp/answer',
    });
    const harmful = entity('idp', { services: plain + apart('javascript:alert(1)') });
    expect(readIdpMetadata(harmful).sloRedirectUrl).toBeUndefined();
    expect(readIdpMetadata(harmful).warnings).toEqual([expect.stringContaining('not an http or https URL')]);
  });

  test('may hold comments and processing instructions, as people write them', () => {
    const xml = `<?xml version="1.0"?><!-- x --><?xml-stylesheet href="x"?>${entity('idp').replace('<IDPSSO', '<!-- y --><IDPSSO')}`;
    expect(readIdpMetadata(xml).entityId).toBe('https://idp');
  });

  test('picks the named entity of several, and the only one that is an identity provider', () => {
    const federation = entities(entity('one'), entities(entity('two')));
    expect(readIdpMetadata(federation, 'https://two').ssoRedirectUrl).toBe('https://two/sso');
    const party = `<EntityDescriptor entityID="https://sp"><SPSSODescriptor protocolSupportEnumeration="x"/></EntityDescriptor>`;
    expect(readIdpMetadata(entities(party, entity('idp'))).entityId).toBe('https://idp');
  });

  test('knows until when it is valid, by the earliest date above it', () => {
    const until = (date: string) => ` validUntil="${date}"`;
    const own = entity('idp', { attributes: until('2027-01-01T00:00:00Z') });
    expect(readIdpMetadata(own).validUntil).toEqual(new Date('2027-01-01T00:00:00Z'));
    const earlier = entities(own).replace('<EntitiesDescriptor', `<EntitiesDescriptor${until('2026-06-01T00:00:00Z')}`);
    expect(readIdpMetadata(earlier).validUntil).toEqual(new Date('2026-06-01T00:00:00Z'));
  });
});

describe('metadata that is refused', () => {
  const rows: readonly (readonly [string, () => string, string?])[] = [
    ['nothing', () => ''],
    ['text', () => 'not found'],
    ['HTML', () => '<!DOCTYPE html><html></html>'],
    ['a DOCTYPE', () => `<!DOCTYPE x [<!ENTITY a "b">]>${entity('idp')}`],
    ['another root', () => '<x/>'],
    ['an EntityDescriptor in another namespace', () => entity('idp').replace(nsMd, 'urn:x')],
    ['no identity provider', () => `<EntityDescriptor xmlns="${nsMd}" entityID="x"/>`],
    [
      'an identity provider of SAML 1.1 only',
      () => entity('idp', { protocols: 'urn:oasis:names:tc:SAML:1.1:protocol' }),
    ],
    ['several identity providers, none of them named', () => entities(entity('one'), entity('two'))],
    ['several identity providers, none of that name', () => entities(entity('one'), entity('two')), 'https://three'],
    ['a name that only begins alike', () => entity('idp'), 'https://idp/'],
    ['one name twice', () => entities(entity('idp'), entity('idp')), 'https://idp'],
    ['an empty entityID', () => entity('idp').replace('entityID="https://idp"', 'entityID=""')],
    ['no endpoint', () => entity('idp', { services: '' })],
    [
      'no endpoint with a binding of browsers',
      () => entity('idp', { services: service('SingleSignOnService', 'SOAP', 'https://idp/') }),
    ],
    [
      'an endpoint that is a script',
      () => entity('idp', { services: service('SingleSignOnService', 'HTTP-Redirect', 'javascript:alert(1)') }),
    ],
    ['no certificate', () => entity('idp', { keys: '' })],
    ['an encryption certificate only', () => entity('idp', { keys: keyDescriptor(keys.signing, 'encryption') })],
    ['an unknown use', () => entity('idp', { keys: keyDescriptor(keys.signing, 'Signing') })],
    ['a key without certificate', () => entity('idp', { keys: '<KeyDescriptor use="signing"/>' })],
    [
      'a certificate that is none',
      () => entity('idp', { keys: keyDescriptor(keys.signing, 'signing').replace(/MII/, 'AAA') }),
    ],
    ['a weak key', () => entity('idp', { keys: keyDescriptor(weak, 'signing') })],
    ['validUntil without zone', () => entity('idp', { attributes: ' validUntil="2027-01-01T00:00:00"' })],
  ];
  for (const [name, make, entityId] of rows) {
    test(`has ${name}`, () => {
      expect(() => readIdpMetadata(make(), entityId)).toThrow(expect.objectContaining(refusal('malformed')));
    });
  }

  test('is above 2 MiB', () => {
    const padded = (bytes: number) =>
      entity('idp').replace('<IDPSSO', `${' '.repeat(bytes - entity('idp').length)}<IDPSSO`);
    expect(readIdpMetadata(padded(2 * 1024 * 1024)).entityId).toBe('https://idp');
    expect(() => readIdpMetadata(padded(2 * 1024 * 1024 + 1))).toThrow(expect.objectContaining(refusal('too_large')));
  });
});
