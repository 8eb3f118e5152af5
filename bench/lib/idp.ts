// The identity provider of all subjects: AD FS's messages, signed without a library so that minting costs the load
// generator little.
import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { claimTypes } from '../../emulators/adfs/names.ts';
import { buildResponse } from '../../emulators/adfs/response.ts';
import { certificateBase64 } from '../../emulators/adfs/signing.ts';
import { type KeyPair, makeKeyPair } from '../../emulators/keys.ts';
import { systemClock } from '../../src/clock.ts';
import { canonicalAssertion, canonicalSignedInfo } from './canonical.ts';

export const idpEntityId = 'http://adfs.corp.example/adfs/services/trust';
export const groupClaim = claimTypes.group;
export const upnClaim = claimTypes.upn;
const ssoUrl = 'http://127.0.0.1:9/adfs/ls/';
const dsig = 'http://www.w3.org/2000/09/xmldsig#';
const exclusiveC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';

export interface Idp {
  readonly certificate: string;
  readonly publicKey: KeyObject;
  readonly metadata: string;
  /** A signed Response as base64, for another user each time. */
  respond(input: ResponseInput): string;
}

interface ResponseInput {
  readonly acsUrl: string;
  readonly spEntityId: string;
  /** Undefined: unsolicited. */
  readonly inResponseTo?: string | undefined;
  /** A number, or the groups themselves. */
  readonly groups: number | readonly string[];
  /** Changes the Response after it was signed. */
  readonly edit?: (xml: string) => string;
}

export async function createIdp(): Promise<Idp> {
  const keys = await makeKeyPair('ADFS Signing - adfs.corp.example');
  let users = 0;
  return {
    certificate: keys.cert,
    publicKey: createPublicKey(keys.cert),
    metadata: metadataXml(keys.cert),
    respond: ({ acsUrl, spEntityId, inResponseTo, groups, edit = same }) => {
      const now = systemClock.now();
      const { xml } = buildResponse({
        issuer: idpEntityId,
        signing: keys,
        user: userWith(users++, typeof groups === 'number' ? groupNames(groups) : groups),
        trust: { entityId: spEntityId, acsUrl },
        now,
        authnInstant: now,
        hasSecondFactor: false,
        inResponseTo,
        overrides: { signature: 'None', editAssertion: (assertion) => signAssertion(assertion, keys) },
      });
      return Buffer.from(edit(xml)).toString('base64');
    },
  };
}

/** As long as those of a large company; the first is the one that the bench's policy grants roles to. */
export function groupNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `CORP\\AWS-Payments-Developers-${String(index).padStart(4, '0')}`);
}

// Shibboleth's session index grows with the sessions of one NameID, so each sign-in is another user's.
function userWith(number: number, groups: readonly string[]) {
  const name = `user-${String(number).padStart(6, '0')}`;
  return {
    ...{ username: name, password: '', upn: `${name}@corp.example`, displayName: `User ${number}`, givenName: 'User' },
    ...{ surname: `${number}`, email: `${name}@corp.example`, windowsAccountName: `CORP\\${name}`, groups },
  };
}

function signAssertion(assertion: string, { key, cert }: KeyPair): string {
  const id = /ID="([^"]*)"/.exec(assertion)![1];
  const digest = createHash('sha256').update(canonicalAssertion(assertion)).digest('base64');
  const signedInfo =
    `<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="${exclusiveC14n}" />` +
    `<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" />` +
    `<ds:Reference URI="#${id}"><ds:Transforms><ds:Transform Algorithm="${dsig}enveloped-signature" />` +
    `<ds:Transform Algorithm="${exclusiveC14n}" /></ds:Transforms>` +
    `<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256" />` +
    `<ds:DigestValue>${digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>`;
  const value = sign('sha256', Buffer.from(canonicalSignedInfo(signedInfo)), key).toString('base64');
  const keyInfo = `<KeyInfo xmlns="${dsig}"><ds:X509Data><ds:X509Certificate>${certificateBase64(cert)}</ds:X509Certificate></ds:X509Data></KeyInfo>`;
  const signature = `<ds:Signature xmlns:ds="${dsig}">${signedInfo}<ds:SignatureValue>${value}</ds:SignatureValue>${keyInfo}</ds:Signature>`;
  return assertion.replace('</Issuer>', `</Issuer>${signature}`);
}

function metadataXml(cert: string): string {
  return (
    `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${idpEntityId}">` +
    `<IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">` +
    `<KeyDescriptor use="signing"><KeyInfo xmlns="${dsig}"><X509Data><X509Certificate>${certificateBase64(cert)}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>` +
    `<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${ssoUrl}"/>` +
    `</IDPSSODescriptor></EntityDescriptor>`
  );
}

function same(xml: string): string {
  return xml;
}
