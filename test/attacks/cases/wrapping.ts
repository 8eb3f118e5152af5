// Signature wrapping: the signed element stays in the message, validly, while a forged copy for another user is where a
// reader looks. Numbers are those of "On Breaking SAML"; crewjam/saml's nine fixtures are the same eight and a wrapper.
import { nsSaml, type SigningMode } from '../../saml/support/response-builder.ts';
import type { Attack } from '../support/attack.ts';
import { type Pieces, takeApart, toEvil } from '../support/evil.ts';

const afterIssuer = (xml: string, insert: string) => xml.replace('</Issuer>', `</Issuer>${insert}`);
const beforeEnd = (xml: string, insert: string) => xml.replace(/<\/([\w:]+)>$/, `${insert}</$1>`);
const intoSignature = (signature: string, insert: string) =>
  signature.replace(/<\/ds:Signature>$/, `${insert}</ds:Signature>`);
const anySignature = /<ds:Signature .*?<\/ds:Signature>/gs;
const inPlace = (p: Pieces, replacement: string) => p.xml.replace(p.assertion, replacement);

/** A Response of the attacker's own around an evil assertion. */
function evilResponse(p: Pieces): string {
  return toEvil(p.xml.replace(p.assertion, 'EVIL').replace(anySignature, '')).replace('EVIL', p.evil);
}

const unsigned = (p: Pieces) => p.xml.replace(p.signature, '');
const evilWithSignature = (p: Pieces) => afterIssuer(p.evil, p.signature);
const wrapper = (xml: string) => `<wrapper xmlns="urn:wrapper">${xml}</wrapper>`;

const permutations: readonly (readonly [string, (p: Pieces) => string])[] = [
  [
    'XSW 1: the original Response inside the Signature of a forged one',
    (p) => afterIssuer(evilResponse(p), intoSignature(p.signature, unsigned(p))),
  ],
  [
    'XSW 2: the original Response before a detached Signature in a forged one',
    (p) => afterIssuer(evilResponse(p), unsigned(p) + p.signature),
  ],
  ['XSW 3: a forged Assertion before the original', (p) => inPlace(p, p.evil + p.assertion)],
  ['XSW 4: the original Assertion inside a forged one', (p) => inPlace(p, beforeEnd(p.evil, p.assertion))],
  [
    'XSW 5: the Signature on a forged Assertion, the original behind it',
    (p) => inPlace(p, evilWithSignature(p) + p.bare),
  ],
  [
    'XSW 6: the original inside the Signature of a forged Assertion',
    (p) => inPlace(p, afterIssuer(p.evil, intoSignature(p.signature, p.bare))),
  ],
  [
    'XSW 7: a forged Assertion in Extensions',
    (p) => inPlace(p, `<samlp:Extensions>${p.evil}</samlp:Extensions>${p.assertion}`),
  ],
  [
    'XSW 8: the original in an Object of the Signature of a forged Assertion',
    (p) => inPlace(p, afterIssuer(p.evil, intoSignature(p.signature, `<ds:Object>${p.bare}</ds:Object>`))),
  ],
  [
    'XSW 9: the Signature on a forged Assertion, the original in an unknown wrapper',
    (p) => inPlace(p, evilWithSignature(p) + wrapper(p.bare)),
  ],
];

const variants: readonly (readonly [string, string, (p: Pieces) => string])[] = [
  ['a forged Assertion behind the original', 'CVE-2026-25922', (p) => inPlace(p, p.assertion + p.evil)],
  [
    'the original in Extensions, a forged one in its place',
    'WRAP',
    (p) => inPlace(p, `<samlp:Extensions>${p.assertion}</samlp:Extensions>${p.evil}`),
  ],
  [
    'the original in Status, a forged one in its place',
    'WRAP',
    (p) =>
      inPlace(p, p.evil).replace(
        '</samlp:Status>',
        `<samlp:StatusDetail>${p.assertion}</samlp:StatusDetail></samlp:Status>`,
      ),
  ],
  [
    'a forged Assertion in the Advice of another',
    'WRAP',
    (p) => inPlace(p, p.evil.replace('<Conditions', `<Advice>${p.assertion}</Advice><Conditions`)),
  ],
  [
    'the original in an AttributeValue of a forged one',
    'WRAP',
    (p) => inPlace(p, p.evil.replace('<AttributeValue>', `<AttributeValue>${p.assertion}`)),
  ],
  [
    'the original in the SubjectConfirmationData of a forged one',
    'WRAP',
    (p) =>
      inPlace(p, p.evil.replace(/(<SubjectConfirmationData[^>]*)\/>/, `$1>${p.assertion}</SubjectConfirmationData>`)),
  ],
  ['a forged Assertion in place of the original, with its Signature', 'EXCL', (p) => inPlace(p, evilWithSignature(p))],
  [
    'a forged Assertion with the Signature, and the original behind it',
    'WRAP',
    (p) => inPlace(p, evilWithSignature(p) + p.assertion),
  ],
  [
    'a forged Assertion under the ID of the original before it',
    'WRAP',
    (p) => inPlace(p, toEvil(p.bare, { keepIds: true }) + p.assertion),
  ],
  [
    'a forged Assertion under the ID of the original behind it',
    'WRAP',
    (p) => inPlace(p, p.assertion + toEvil(p.bare, { keepIds: true })),
  ],
  [
    'a forged Assertion whose Id is the ID of the original',
    'CVE-2025-23369',
    (p) => inPlace(p, toEvil(p.bare, { keepIds: true }).replace(' ID=', ' Id=') + p.assertion),
  ],
  [
    'a forged Assertion whose xml:id is the ID of the original',
    'WRAP',
    (p) => inPlace(p, toEvil(p.bare, { keepIds: true }).replace(' ID=', ' xml:id=') + p.assertion),
  ],
  [
    'a forged Subject before the original',
    'EXCL',
    (p) => p.xml.replace('<Subject>', `${/<Subject>.*?<\/Subject>/s.exec(p.evil)![0]}<Subject>`),
  ],
  [
    'a forged AttributeStatement behind the original',
    'EXCL',
    (p) =>
      p.xml.replace(
        '</AttributeStatement>',
        `</AttributeStatement>${/<AttributeStatement>.*?<\/AttributeStatement>/s.exec(p.evil)![0]}`,
      ),
  ],
  [
    'a forged Assertion of another namespace before the original',
    'G19',
    (p) => inPlace(p, p.evil.replace(nsSaml, 'urn:evil') + p.assertion),
  ],
  [
    'a forged Assertion of SAML 1.1 before the original',
    'G19',
    (p) => inPlace(p, p.evil.replace(nsSaml, 'urn:oasis:names:tc:SAML:1.0:assertion') + p.assertion),
  ],
  [
    'a forged EncryptedAssertion beside the original',
    'WRAP',
    (p) => inPlace(p, `${p.assertion}<EncryptedAssertion xmlns="${nsSaml}"/>`),
  ],
  ['two Responses in a wrapper of no name', 'WRAP', (p) => wrapper(evilResponse(p) + p.xml)],
  [
    'the original Response inside the Extensions of a forged one',
    'WRAP',
    (p) => evilResponse(p).replace('<samlp:Status>', `<samlp:Extensions>${p.xml}</samlp:Extensions><samlp:Status>`),
  ],
  [
    'a forged Response inside the Extensions of the original',
    'CVE-2024-8698',
    (p) => p.xml.replace('<samlp:Status>', `<samlp:Extensions>${evilResponse(p)}</samlp:Extensions><samlp:Status>`),
  ],
  [
    'an Object in the Signature with a forged Assertion',
    'WRAP',
    (p) => p.xml.replace(p.signature, intoSignature(p.signature, `<ds:Object>${p.evil}</ds:Object>`)),
  ],
  [
    'a Signature hidden in the Subject',
    'CVE-2024-45409',
    (p) => inPlace(p, p.evil.replace('<Subject>', `<Subject>${p.signature}`)),
  ],
  [
    'a second DigestValue elsewhere in the document',
    'CVE-2024-45409',
    (p) =>
      toEvil(p.xml, { keepIds: true }).replace(
        '<samlp:Status>',
        `<samlp:Extensions>${/<ds:DigestValue.*?<\/ds:DigestValue>/s.exec(p.xml)![0].replace('<ds:DigestValue', '<ds:DigestValue xmlns:ds="http://www.w3.org/2000/09/xmldsig#"')}</samlp:Extensions><samlp:Status>`,
      ),
  ],
];

const modes: readonly SigningMode[] = ['assertion', 'both', 'response'];
const reason = ['malformed', 'signature'] as const;

export const wrapping: readonly Attack[] = [
  ...permutations.map(
    ([name, wrap]): Attack => ({ name, rule: 'WRAP', reason, modes, forge: (xml) => wrap(takeApart(xml)) }),
  ),
  ...variants.map(
    ([name, rule, wrap]): Attack => ({
      name,
      rule,
      reason,
      modes,
      forge: (xml) => wrap(takeApart(xml)),
    }),
  ),
];
