import { describe, expect, test } from 'vitest';
import { validateWithXsd } from './xsd.ts';

const request = (issueInstant: string) =>
  '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" Version="2.0"' +
  ` IssueInstant="${issueInstant}"/>`;

const descriptor = (entityId: string) =>
  `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"${entityId}>` +
  '<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">' +
  '<md:AssertionConsumerService Binding="urn:b" Location="https://sp.example" index="0"/>' +
  '</md:SPSSODescriptor></md:EntityDescriptor>';

describe('validateWithXsd', () => {
  test('takes what the schemas allow', async () => {
    await validateWithXsd(request('2026-03-02T09:00:00Z'), 'protocol');
    await validateWithXsd(descriptor(' entityID="https://sp.example"'), 'metadata');
  });

  test('names the problem otherwise', async () => {
    await expect(validateWithXsd(request('yesterday'), 'protocol')).rejects.toThrow(/IssueInstant.*yesterday/s);
    await expect(validateWithXsd(descriptor(''), 'metadata')).rejects.toThrow(/entityID.*required/s);
    await expect(validateWithXsd('no xml', 'metadata')).rejects.toThrow(/not valid by the metadata schema/);
  });
});
