// Signature wrapping: the signed element stays in the message, validly, while something else is where a reader looks.
// The evil copy names another person and another group, so that an acceptance shows who got in.
import { describe, expect, test } from 'vitest';
import { keyPair } from '../support/key-pairs.ts';
import { validated } from './support/refusals.ts';
import {
  acsUrl,
  at,
  conditionsElement,
  confirmation,
  expectationsFor,
  idpEntityId,
  now,
  nsSaml,
  responseXml,
  type SigningMode,
  signedXml,
  toBase64,
} from './support/response-builder.ts';
import { signElement } from './support/sign-element.ts';

const key = keyPair('idp-signing');

/** The signed message in pieces. */
interface Pieces {
  readonly xml: string;
  /** The Assertion as it is in the message, with its Signature where it has one. */
  readonly assertion: string;
  /** The Assertion without Signature. */
  readonly bare: string;
  /** The Assertion's Signature, or that of the Response. */
  readonly signature: string;
  /** A copy of the Assertion for another user, with another ID. */
  readonly evil: string;
}

const signaturePattern = /<ds:Signature .*?<\/ds:Signature>/;

function takeApart(mode: SigningMode): Pieces {
  const xml = signedXml(key, {}, { mode });
  const assertion = /<Assertion.*<\/Assertion>/.exec(xml)![0];
  const bare = assertion.replace(signaturePattern, '');
  const signature = (signaturePattern.exec(assertion) ?? signaturePattern.exec(xml))![0];
  return { xml, assertion, bare, signature, evil: toEvil(bare) };
}

function toEvil(xml: string): string {
  return xml
    .replaceAll('_assertion', '_evil')
    .replaceAll('_response', '_evil-response')
    .replaceAll('alice@', 'admin@')
    .replaceAll('AWS-Dev', 'AWS-Admin');
}

const afterIssuer = (xml: string, insert: string) => xml.replace('</Issuer>', `</Issuer>${insert}`);
const beforeEnd = (xml: string, insert: string) => xml.replace(/<\/([\w:]+)>$/, `${insert}</$1>`);
const intoSignature = (signature: string, insert: string) =>
  signature.replace(/<\/ds:Signature>$/, `${insert}</ds:Signature>`);
const object = (xml: string) => `<ds:Object>${xml}</ds:Object>`;

function evilResponse({ xml, assertion, evil }: Pieces): string {
  return toEvil(xml.replace(assertion, '').replace(signaturePattern, '')).replace(
    '</samlp:Response>',
    `${evil}</samlp:Response>`,
  );
}

/** "On Breaking SAML" (USENIX Security 2012), in its numbering, and variants that toolkits fell for since. */
const attacks: readonly (readonly [string, (pieces: Pieces) => string])[] = [
  [
    '1: the original Response inside the Signature of a forged one',
    (p) => afterIssuer(evilResponse(p), intoSignature(p.signature, p.xml.replace(p.signature, ''))),
  ],
  [
    '2: the original Response beside the Signature of a forged one',
    (p) => afterIssuer(evilResponse(p), p.xml.replace(p.signature, '') + p.signature),
  ],
  ['3: a forged Assertion before the original', (p) => p.xml.replace(p.assertion, p.evil + p.assertion)],
  ['4: the original inside the forged Assertion', (p) => p.xml.replace(p.assertion, beforeEnd(p.evil, p.assertion))],
  [
    '5: the Signature on the forged Assertion, the original behind',
    (p) => p.xml.replace(p.assertion, afterIssuer(p.evil, p.signature) + p.bare),
  ],
  [
    '6: the original inside the Signature of the forged one',
    (p) => p.xml.replace(p.assertion, afterIssuer(p.evil, intoSignature(p.signature, p.bare))),
  ],
  [
    '7: the forged Assertion inside Extensions',
    (p) => p.xml.replace(p.assertion, `<samlp:Extensions>${p.evil}</samlp:Extensions>${p.assertion}`),
  ],
  [
    '8: the original inside an Object of the Signature',
    (p) => p.xml.replace(p.assertion, afterIssuer(p.evil, intoSignature(p.signature, object(p.bare)))),
  ],
  ['the forged Assertion behind the original', (p) => p.xml.replace(p.assertion, p.assertion + p.evil)],
  [
    'the original inside Extensions, the forged one in its place',
    (p) => p.xml.replace(p.assertion, `<samlp:Extensions>${p.assertion}</samlp:Extensions>${p.evil}`),
  ],
  [
    'the forged Assertion under the ID of the original',
    (p) => p.xml.replace(p.assertion, p.evil.replaceAll('_evil', '_assertion') + p.assertion),
  ],
  [
    'the forged Assertion under the ID of the original, spelled Id',
    (p) => p.xml.replace(p.assertion, p.evil.replace('ID="_evil"', 'Id="_assertion"') + p.assertion),
  ],
  [
    'the original inside an attribute value of the forged one',
    (p) => p.xml.replace(p.assertion, p.evil.replace('<AttributeValue>', `<AttributeValue>${p.assertion}`)),
  ],
  [
    'the forged Assertion in place of the original, with its Signature',
    (p) => p.xml.replace(p.assertion, afterIssuer(p.evil, p.signature)),
  ],
  [
    'the forged Assertion with its Reference to the original',
    (p) => p.xml.replace(p.assertion, afterIssuer(p.evil, p.signature) + p.assertion),
  ],
  [
    'a forged Subject before the original',
    (p) => p.xml.replace('<Subject>', `${/<Subject>.*<\/Subject>/.exec(p.evil)![0]}<Subject>`),
  ],
  [
    'a forged Assertion of another namespace before the original',
    (p) => p.xml.replace(p.assertion, p.evil.replace(nsSaml, 'urn:evil') + p.assertion),
  ],
  [
    'a forged Assertion of another namespace behind the original',
    (p) => p.xml.replace(p.assertion, p.assertion + p.evil.replace(nsSaml, 'urn:evil')),
  ],
];

describe('signature wrapping', () => {
  for (const mode of ['assertion', 'response', 'both'] as const) {
    test(`begins with a message that is accepted (${mode} signed)`, async () => {
      const assertion = await validated(toBase64(takeApart(mode).xml), expectationsFor(key), now);
      expect(assertion.nameId?.value).toBe('alice@corp.example');
    });

    for (const [name, attack] of attacks) {
      test(`${name} (${mode} signed) is refused`, async () => {
        const pieces = takeApart(mode);
        const message = attack(pieces);
        expect(message).not.toBe(pieces.xml);
        const outcome = await validated(toBase64(message), expectationsFor(key), now).catch((error: unknown) => error);
        expect(outcome).not.toHaveProperty('nameId');
        expect(outcome).toMatchObject({
          code: 'saml_refused',
          reason: expect.stringMatching(/^(malformed|signature)$/),
        });
      });
    }
  }
});

describe('a Signature in the wrong place', () => {
  const others = { assertion: '_response', response: '_assertion' } as const;
  for (const mode of ['assertion', 'response'] as const) {
    test(`does not sign the other element (${mode} signed)`, async () => {
      const { xml, signature } = takeApart(mode);
      const moved = xml
        .replace(signature, '')
        .replace(new RegExp(`ID="${others[mode]}".*?</Issuer>`), `$&${signature}`);
      expect(moved).toHaveLength(xml.length);
      const judged = validated(toBase64(moved), expectationsFor(key), now);
      await expect(judged).rejects.toMatchObject({ code: 'saml_refused', reason: 'signature' });
    });
  }
});

describe('documents of another kind that the same key signed', () => {
  const judge = (xml: string) => validated(toBase64(xml), expectationsFor(key), now);

  test('a token of another protocol is refused: it has no Recipient and answers no request', async () => {
    const confirmations = confirmation({ Recipient: undefined, InResponseTo: undefined });
    const token = /<Assertion.*<\/Assertion>/.exec(signedXml(key, { confirmations }))![0];
    const wrapped = responseXml().replace(/<Assertion.*<\/Assertion>/, token);
    await expect(judge(wrapped)).rejects.toMatchObject({ code: 'saml_refused', reason: 'recipient' });
  });

  test('an assertion for another party in a Response of our own making is refused', async () => {
    const parts = {
      confirmations: confirmation({ Recipient: 'https://other.example.com/acs' }),
      conditions: conditionsElement({}, '<AudienceRestriction><Audience>urn:other</Audience></AudienceRestriction>'),
    };
    const token = /<Assertion.*<\/Assertion>/.exec(signedXml(key, parts))![0];
    const wrapped = responseXml().replace(/<Assertion.*<\/Assertion>/, token);
    await expect(judge(wrapped)).rejects.toMatchObject({ code: 'saml_refused', reason: 'recipient' });
  });

  test('a signed LogoutResponse is refused', async () => {
    const logout = signElement(responseXml(), 'Response', key).replaceAll('samlp:Response', 'samlp:LogoutResponse');
    await expect(judge(logout)).rejects.toMatchObject({ code: 'saml_refused', reason: 'malformed' });
  });

  test('a signed Assertion without a Response around it is refused', async () => {
    const assertion = /<Assertion.*<\/Assertion>/.exec(signedXml(key))![0];
    await expect(judge(assertion)).rejects.toMatchObject({ code: 'saml_refused', reason: 'malformed' });
  });

  test('signed metadata around a forged Assertion is refused', async () => {
    const { signature, evil } = takeApart('assertion');
    const response =
      `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r" Version="2.0" IssueInstant="${at(0)}"` +
      ` Destination="${acsUrl}"><Issuer xmlns="${nsSaml}">${idpEntityId}</Issuer>${signature}<samlp:Status>` +
      `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>${evil}</samlp:Response>`;
    await expect(judge(response)).rejects.toMatchObject({ code: 'saml_refused', reason: 'signature' });
  });
});
