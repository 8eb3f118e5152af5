// The Subject: one bearer confirmation has to hold in every respect, and the name has to be one name.
import { acsUrl, at, confirmation, element, nsSaml } from '../../saml/support/response-builder.ts';
import type { Attack } from '../support/attack.ts';

const holderOfKey = 'urn:oasis:names:tc:SAML:2.0:cm:holder-of-key';
const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const elsewhere = 'https://other.example.com/saml/acs';

const confirmations: readonly (readonly [string, string, string, Attack['reason']])[] = [
  ['another Recipient', 'G2', confirmation({ Recipient: elsewhere }), 'recipient'],
  ['no Recipient', 'G2', confirmation({ Recipient: undefined }), 'recipient'],
  ['an empty Recipient', 'G2', confirmation({ Recipient: '' }), 'recipient'],
  [
    'a Recipient in another case',
    'G2',
    confirmation({ Recipient: acsUrl.replace('rolegate', 'Rolegate') }),
    'recipient',
  ],
  ['a Recipient with a query', 'G2', confirmation({ Recipient: `${acsUrl}?a=b` }), 'recipient'],
  ['a Recipient of AWS', 'G2', confirmation({ Recipient: 'https://signin.aws.amazon.com/saml' }), 'recipient'],
  ['holder-of-key', 'G2', confirmation({}, holderOfKey), 'subject'],
  ['sender-vouches', 'G2', confirmation({}, 'urn:oasis:names:tc:SAML:2.0:cm:sender-vouches'), 'subject'],
  ['bearer of SAML 1', 'G2', confirmation({}, 'urn:oasis:names:tc:SAML:1.0:cm:bearer'), 'subject'],
  ['bearer with white space', 'G2', confirmation({}, ` ${bearer}`), 'subject'],
  ['no Method', 'G2', confirmation({}, '').replace(' Method=""', ''), 'subject'],
  ['no NotOnOrAfter', 'G2', confirmation({ NotOnOrAfter: undefined }), 'subject'],
  ['NotOnOrAfter now', 'CVE-2026-1190', confirmation({ NotOnOrAfter: at(0) }), 'expired'],
  ['NotOnOrAfter a moment ago', 'CVE-2026-1190', confirmation({ NotOnOrAfter: at(-0.001) }), 'expired'],
  ['NotOnOrAfter without zone', 'G10', confirmation({ NotOnOrAfter: '2026-03-02T23:00:00' }), 'malformed'],
  ['NotOnOrAfter in words', 'G10', confirmation({ NotOnOrAfter: 'Mon, 02 Mar 2026 23:00:00 GMT' }), 'malformed'],
  ['NotOnOrAfter in the year 0', 'G10', confirmation({ NotOnOrAfter: '0000-12-31T23:59:59Z' }), 'malformed'],
  ['NotBefore', 'Profiles §4.1.4.2', confirmation({ NotBefore: at(-60) }), 'subject'],
  ['InResponseTo of another request', 'G3', confirmation({ InResponseTo: '_other' }), 'correlation'],
  ['no InResponseTo', 'CVE-2026-49284', confirmation({ InResponseTo: undefined }), 'correlation'],
  ['an empty InResponseTo', 'G3', confirmation({ InResponseTo: '' }), 'correlation'],
  ['InResponseTo with white space', 'G3', confirmation({ InResponseTo: ' _request' }), 'correlation'],
  ['no data', 'G2', element('SubjectConfirmation', { Method: bearer }), 'subject'],
  [
    'data twice',
    'G2',
    confirmation().replace(/<SubjectConfirmationData.*<\/SubjectConfirmationData>/, '$&$&'),
    'malformed',
  ],
  [
    'data of another namespace',
    'G19',
    confirmation().replace('<SubjectConfirmationData', '<SubjectConfirmationData xmlns="urn:x"'),
    'subject',
  ],
  [
    'a confirmation of another namespace',
    'G19',
    confirmation().replace('<SubjectConfirmation ', '<SubjectConfirmation xmlns="urn:x" '),
    'subject',
  ],
  ['none at all', 'G2', '', 'subject'],
];

/** .NET writes year 9999 for "without end". It is an instant like any other: the message's age limits it all the same. */
const endless = confirmation({ NotOnOrAfter: '9999-12-31T23:59:59Z' });

/** Two halves do not make a whole: no single one of these holds in every respect. */
const halves: readonly (readonly [string, string, Attack['reason']])[] = [
  [
    'expired, and one for another party',
    confirmation({ NotOnOrAfter: at(-1) }) + confirmation({ Recipient: elsewhere }),
    'expired',
  ],
  [
    'for another party, and one expired',
    confirmation({ Recipient: elsewhere }) + confirmation({ NotOnOrAfter: at(-1) }),
    'recipient',
  ],
  [
    'expired, and a live holder-of-key',
    confirmation({ NotOnOrAfter: at(-1) }) + confirmation({}, holderOfKey),
    'expired',
  ],
  [
    'for another request, and one without',
    confirmation({ InResponseTo: '_o' }) + confirmation({ InResponseTo: undefined }),
    'correlation',
  ],
  [
    'without data, and one expired',
    element('SubjectConfirmation', { Method: bearer }) + confirmation({ NotOnOrAfter: at(-1) }),
    'subject',
  ],
];

const nameId = (content: string, attributes = {}) => element('NameID', attributes, content);

const names: readonly (readonly [string, string, Attack['reason']])[] = [
  ['two NameIDs', nameId('alice@corp.example') + nameId('admin@corp.example'), 'malformed'],
  ['an empty NameID', nameId(''), 'subject'],
  ['a NameID of white space', nameId(' \t '), 'subject'],
  ['a NameID of 257 characters', nameId('a'.repeat(257)), 'subject'],
  ['a NameID with an element', nameId('<x xmlns="urn:x"/>'), 'subject'],
  ['a NameID with text around an element', nameId('ali<x xmlns="urn:x"/>ce'), 'malformed'],
  ['a BaseID', '<BaseID></BaseID>', 'subject'],
  ['a BaseID beside the NameID', `<BaseID></BaseID>${nameId('alice@corp.example')}`, 'subject'],
  ['an EncryptedID beside the NameID', `<EncryptedID></EncryptedID>${nameId('alice@corp.example')}`, 'encryption'],
];

/** Good messages without a NameID: they fail only where the NameID is who the person is. */
const nameless: readonly (Pick<Attack, 'name' | 'rule' | 'parts'> & Partial<Pick<Attack, 'reason'>>)[] = [
  { name: 'no NameID, where it is who the person is', rule: 'G17', parts: { nameId: '' } },
  {
    name: 'a NameID of another namespace',
    rule: 'G19',
    reason: 'malformed',
    parts: { nameId: '<NameID xmlns="urn:x">admin@corp.example</NameID>' },
  },
  {
    name: 'no NameID, and an attribute of that name',
    rule: 'G16',
    parts: {
      nameId: '',
      attributes:
        '<AttributeStatement><Attribute Name="nameID"><AttributeValue>admin@corp.example</AttributeValue></Attribute></AttributeStatement>',
    },
  },
  {
    name: 'a second Subject in another namespace, before the one that counts, and no name in that',
    rule: 'G19',
    reason: 'malformed',
    parts: {
      subject: `<x:Subject xmlns:x="urn:x"><NameID xmlns="${nsSaml}">admin@corp.example</NameID></x:Subject>${element('Subject', {}, confirmation())}`,
    },
  },
];

export const subjects: readonly Attack[] = [
  ...confirmations.map(
    ([name, rule, element, reason]): Attack => ({
      name: `a confirmation with ${name}`,
      rule,
      reason,
      parts: { confirmations: element },
    }),
  ),
  {
    name: 'a confirmation without end, in an old assertion',
    rule: 'G10',
    reason: 'expired',
    parts: { confirmations: endless, assertion: { IssueInstant: at(-660) } },
    twin: { parts: { confirmations: endless } },
  },
  ...halves.map(
    ([name, both, reason]): Attack => ({
      name: `two confirmations, one ${name}`,
      rule: 'Profiles §4.1.4.3',
      reason,
      parts: { confirmations: both },
      // One valid confirmation is enough, whatever the others contain.
      twin: { parts: { confirmations: both + confirmation() } },
    }),
  ),
  ...names.map(([name, element, reason]): Attack => ({ name, rule: 'G17', reason, parts: { nameId: element } })),
  { name: 'no Subject', rule: 'G2', reason: 'subject', parts: { subject: '' } },
  {
    name: 'two Subjects',
    rule: 'G17',
    reason: 'malformed',
    parts: { subject: element('Subject', {}, nameId('alice@corp.example') + confirmation()).repeat(2) },
  },
  ...nameless.map((row): Attack => ({ reason: 'subject', ...row })),
];
