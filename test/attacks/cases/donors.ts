// Documents that the right key signed, and that do not answer this AuthnRequest: other kinds of message, and answers to
// other users. Anyone with an account at the identity provider can collect them.
import { nsSamlp } from '../../saml/support/response-builder.ts';
import type { Attack, Loot } from '../support/attack.ts';
import { takeApart, toEvil } from '../support/evil.ts';
import { answerXml } from '../support/login.ts';

const anySignature = /<ds:Signature .*?<\/ds:Signature>/gs;
const afterIssuer = (xml: string, insert: string) => xml.replace('</Issuer>', `</Issuer>${insert}`);

/** Other messages that the same key signs, and that an attacker with an account can get. */
const otherKinds: readonly Attack[] = [
  {
    name: 'a signed Assertion without a Response around it',
    rule: 'donor',
    reason: 'malformed',
    modes: ['assertion'],
    forge: (xml) => takeApart(xml).assertion,
  },
  ...['LogoutResponse', 'LogoutRequest', 'AuthnRequest', 'ArtifactResponse'].map(
    (kind): Attack => ({
      name: `a signed ${kind} in place of the Response`,
      rule: 'donor',
      reason: 'malformed',
      modes: ['response'],
      options: { editUnsigned: (xml) => xml.replaceAll('samlp:Response', `samlp:${kind}`) },
    }),
  ),
  {
    name: 'a signed error response with a forged assertion put in',
    rule: 'The Fragile Lock',
    reason: ['signature', 'status'],
    modes: ['response'],
    options: {
      editUnsigned: (xml) =>
        xml.replace(/<Assertion .*<\/Assertion>/s, '').replace('status:Success', 'status:Responder'),
    },
    forge: (xml, loot) => xml.replace('</samlp:Response>', `${takeApart(loot.xml).evil}</samlp:Response>`),
  },
  {
    name: 'a signed error response made a success, with a forged assertion put in',
    rule: 'The Fragile Lock',
    reason: 'signature',
    modes: ['response'],
    options: {
      editUnsigned: (xml) =>
        xml.replace(/<Assertion .*<\/Assertion>/s, '').replace('status:Success', 'status:Responder'),
    },
    forge: (xml, loot) =>
      xml
        .replace('status:Responder', 'status:Success')
        .replace('</samlp:Response>', `${takeApart(loot.xml).evil}</samlp:Response>`),
  },
  {
    name: 'the Signature of metadata on a forged Response',
    rule: 'The Fragile Lock',
    reason: 'signature',
    modes: ['response'],
    forge: (xml, loot) => afterIssuer(toEvil(xml.replace(anySignature, '')), takeApart(signedMetadata(loot)).signature),
  },
];

function signedMetadata({ target, login }: Loot): string {
  const editUnsigned = (xml: string) =>
    xml
      .replaceAll(nsSamlp, 'urn:oasis:names:tc:SAML:2.0:metadata')
      .replaceAll('samlp:Response', 'samlp:EntityDescriptor');
  return answerXml(target, login, 'response', {}, { editUnsigned });
}

/** Genuinely signed by the right identity provider, and not for this login. */
const otherLogins: readonly Attack[] = [
  {
    name: "an assertion of the attacker's own login in a fresh Response for the victim's",
    rule: 'G3',
    reason: 'correlation',
    modes: ['assertion'],
    forge: (xml, { target }) => {
      const other = { idp: 'adfs' as const, requestId: '_somebody-elses', relayState: '', cookies: new Map() };
      return xml.replace(takeApart(xml).assertion, takeApart(answerXml(target, other, 'assertion')).assertion);
    },
  },
  {
    name: 'an assertion without InResponseTo in a fresh Response that has it',
    rule: 'CVE-2026-49284',
    reason: 'correlation',
    modes: ['assertion'],
    forge: (xml, { target, login }) => {
      const edit = {
        editUnsigned: (text: string) => text.replace(/(<SubjectConfirmationData) InResponseTo="[^"]*"/, '$1'),
      };
      return xml.replace(
        takeApart(xml).assertion,
        takeApart(answerXml(target, login, 'assertion', {}, edit)).assertion,
      );
    },
  },
];

export const donors: readonly Attack[] = [...otherKinds, ...otherLogins];
