import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AuthnRequest, authnRequestXml } from '../../src/saml/authn-request.ts';
import { ns } from '../../src/saml/names.ts';
import { messageLimits, readXml } from '../../src/saml/xml/xml-reader.ts';
import { attributeOf, childrenOf, onlyChild, walk } from '../../src/saml/xml/xml-tree.ts';

const request: AuthnRequest = {
  id: '_4c1d',
  issueInstant: new Date('2026-03-02T09:00:00.123Z'),
  destination: 'https://adfs.example.com/adfs/ls/?a=1&b=2',
  issuer: 'https://rolegate.example.com/saml/metadata',
  acsUrl: 'https://rolegate.example.com/saml/acs',
  forceAuthn: false,
  requestedContexts: [],
};

const read = (overrides: Partial<AuthnRequest> = {}) =>
  readXml(authnRequestXml({ ...request, ...overrides }), messageLimits);

describe('authnRequestXml [Core §3.4.1]', () => {
  test('says who asks whom, when, and where the answer goes', () => {
    const root = read();
    expect([root.namespace, root.name]).toEqual([ns.protocol, 'AuthnRequest']);
    expect(Object.fromEntries(root.attributes.map(({ name, value }) => [name, value]))).toEqual({
      ID: '_4c1d',
      Version: '2.0',
      IssueInstant: '2026-03-02T09:00:00Z',
      Destination: 'https://adfs.example.com/adfs/ls/?a=1&b=2',
      ProtocolBinding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
      AssertionConsumerServiceURL: 'https://rolegate.example.com/saml/acs',
    });
    expect(onlyChild(root, ns.assertion, 'Issuer')?.text).toBe(request.issuer);
  });

  test('leaves the Format of the NameID to the identity provider: AD FS refuses those without a rule', () => {
    const policy = onlyChild(read(), ns.protocol, 'NameIDPolicy');
    expect(Object.fromEntries(policy!.attributes.map(({ name, value }) => [name, value]))).toEqual({
      AllowCreate: 'true',
    });
  });

  test('asks for no context unless a step-up does, and then for exactly those', () => {
    expect(onlyChild(read(), ns.protocol, 'RequestedAuthnContext')).toBeUndefined();
    const contexts = ['http://schemas.microsoft.com/claims/multipleauthn', 'https://refeds.org/profile/mfa'];
    const requested = onlyChild(read({ requestedContexts: contexts }), ns.protocol, 'RequestedAuthnContext')!;
    expect(attributeOf(requested, 'Comparison')).toBe('exact');
    const refs = childrenOf(requested, ns.assertion, 'AuthnContextClassRef').map((element) => element.text);
    expect(refs).toEqual(contexts);
  });

  test('has ForceAuthn only where a fresh sign-in is needed', () => {
    expect(attributeOf(read(), 'ForceAuthn')).toBeUndefined();
    expect(attributeOf(read({ forceAuthn: true }), 'ForceAuthn')).toBe('true');
  });

  test('has its elements in the order of the schema', () => {
    const root = read({ requestedContexts: ['urn:x'] });
    expect(root.children.map((child) => child.name)).toEqual(['Issuer', 'NameIDPolicy', 'RequestedAuthnContext']);
  });

  test('carries any configured text without breaking out of its place', () => {
    // Our reader refuses these two in a message.
    const text = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((value) => !/[\u2028\u2029]/.test(value));
    fc.assert(
      fc.property(text, text, text, text, (destination, issuer, acsUrl, context) => {
        const make = () => read({ destination, issuer, acsUrl, requestedContexts: [context] });
        try {
          const root = make();
          expect([...walk(root)]).toHaveLength(5);
          expect(attributeOf(root, 'Destination')).toBe(destination);
          expect(attributeOf(root, 'AssertionConsumerServiceURL')).toBe(acsUrl);
          expect(root.children[0]?.text).toBe(issuer);
          expect(root.children[2]?.children[0]?.text).toBe(context);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});
