// Conditions, times, statements and the assertion's own header.
import {
  at,
  attributeElement,
  attributeStatement,
  audienceRestriction,
  authnStatement,
  conditionsElement,
  element,
  groupClaim,
  idpEntityId,
  spEntityId,
} from '../../saml/support/response-builder.ts';
import type { Attack } from '../support/attack.ts';
import { entityIds } from '../support/target.ts';

type Row = readonly [name: string, xml: string, reason: Attack['reason']];

const other = 'https://other.example.com/saml/metadata';
const ours = audienceRestriction(spEntityId);
const content = (inner: string) => conditionsElement({}, inner);

const conditionRows: readonly Row[] = [
  ['NotOnOrAfter now', conditionsElement({ NotBefore: at(-60), NotOnOrAfter: at(0) }), 'expired'],
  ['NotOnOrAfter an hour ago', conditionsElement({ NotBefore: at(-7200), NotOnOrAfter: at(-3600) }), 'expired'],
  ['NotBefore in a second', conditionsElement({ NotBefore: at(1) }), 'not_yet_valid'],
  ['NotBefore in a millisecond', conditionsElement({ NotBefore: at(0.001) }), 'not_yet_valid'],
  ['no NotOnOrAfter', conditionsElement({ NotOnOrAfter: undefined }), 'malformed'],
  ['no times', conditionsElement({ NotBefore: undefined, NotOnOrAfter: undefined }), 'malformed'],
  [
    'an end before the beginning',
    conditionsElement({ NotBefore: at(0), NotOnOrAfter: at(-1) }),
    ['malformed', 'expired'],
  ],
  ['a time without zone', conditionsElement({ NotOnOrAfter: '2026-03-02T23:00:00' }), 'malformed'],
  ['a time in another zone', conditionsElement({ NotOnOrAfter: '2026-03-02T23:00:00-11:00' }), 'malformed'],
  ['30 February', conditionsElement({ NotOnOrAfter: '2026-02-30T23:00:00Z' }), 'malformed'],
  ['hour 24', conditionsElement({ NotOnOrAfter: '2026-03-02T24:00:00Z' }), 'malformed'],
  ['a leap second', conditionsElement({ NotOnOrAfter: '2026-03-02T23:59:60Z' }), 'malformed'],
  ['the year 0000', conditionsElement({ NotBefore: '0000-01-01T00:00:00Z' }), 'malformed'],
  ['a year of five digits', conditionsElement({ NotOnOrAfter: '12026-03-02T23:00:00Z' }), 'malformed'],
  ['a time as a number', conditionsElement({ NotOnOrAfter: '1900000000' }), 'malformed'],
  ['an empty time', conditionsElement({ NotOnOrAfter: '' }), 'malformed'],
  ['another audience', content(audienceRestriction(other)), 'audience'],
  ['the audience of AWS', content(audienceRestriction('urn:amazon:webservices')), 'audience'],
  ['an audience that begins like ours', content(audienceRestriction(`${spEntityId}.evil.example`)), 'audience'],
  ['an audience in another case', content(audienceRestriction(spEntityId.toUpperCase())), 'audience'],
  [
    'an audience with white space inside',
    content(audienceRestriction(spEntityId.replace('/saml', '/ saml'))),
    'audience',
  ],
  ['an audience without text', content(audienceRestriction('')), 'audience'],
  [
    'our audience in markup',
    content(`<AudienceRestriction><Audience><x xmlns="urn:x">${spEntityId}</x></Audience></AudienceRestriction>`),
    'audience',
  ],
  [
    'our audience in another namespace',
    content(`<AudienceRestriction><Audience xmlns="urn:x">${spEntityId}</Audience></AudienceRestriction>`),
    'audience',
  ],
  ['a restriction without audience', content(audienceRestriction()), 'audience'],
  ['two restrictions, one of them for somebody else', content(ours + audienceRestriction(other)), 'audience'],
  ['no restriction', content(''), 'audience'],
  ['a condition nobody knows', content(`${ours}<Delegation/>`), 'malformed'],
  ['a condition of another namespace', content(`${ours}<AudienceRestriction xmlns="urn:x"/>`), 'malformed'],
  [
    'an extension of Condition',
    content(`${ours}<Condition xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="x"/>`),
    'malformed',
  ],
  ['ProxyRestriction that forbids what we do', content(`${ours}<ProxyRestriction Count="0"/>`), 'audience'],
  ['ProxyRestriction that forbids it as 000', content(`${ours}<ProxyRestriction Count="000"/>`), 'audience'],
  [
    'ProxyRestriction that names others only',
    content(`${ours}<ProxyRestriction Count="2"><Audience>${other}</Audience></ProxyRestriction>`),
    'audience',
  ],
  ['two Conditions', conditionsElement() + conditionsElement(), 'malformed'],
  ['none', '', 'audience'],
];

const statements: readonly Row[] = [
  ['no AuthnStatement', '', 'authn_context'],
  ['two AuthnStatements', authnStatement() + authnStatement(), 'authn_context'],
  ['no AuthnInstant', authnStatement({ AuthnInstant: undefined }), 'authn_context'],
  ['an AuthnInstant in the future', authnStatement({ AuthnInstant: at(1) }), 'authn_context'],
  ['an AuthnInstant without zone', authnStatement({ AuthnInstant: '2026-03-02T09:00:00' }), 'malformed'],
  ['a session that has ended', authnStatement({ SessionNotOnOrAfter: at(-1) }), 'expired'],
  ['a session that ends now', authnStatement({ SessionNotOnOrAfter: at(0) }), 'expired'],
  ['a session whose end is no time', authnStatement({ SessionNotOnOrAfter: 'never' }), 'malformed'],
  ['no AuthnContextClassRef', authnStatement({}, ''), 'authn_context'],
  ['an AuthnContextClassRef of white space', authnStatement({}, ' '), 'authn_context'],
  ['an AuthnStatement of another namespace', authnStatement({ xmlns: 'urn:x' }), 'malformed'],
];

const headers: readonly (readonly [string, Readonly<Record<string, string | undefined>>, Attack['reason']])[] = [
  ['Version 1.1', { Version: '1.1' }, 'malformed'],
  ['no Version', { Version: undefined }, 'malformed'],
  ['an IssueInstant in the future', { IssueInstant: at(1) }, 'not_yet_valid'],
  ['an IssueInstant of eleven minutes ago', { IssueInstant: at(-660) }, 'expired'],
  ['an IssueInstant without zone', { IssueInstant: '2026-03-02T09:00:00' }, 'malformed'],
  ['no IssueInstant', { IssueInstant: undefined }, 'malformed'],
  ['an ID with a slash', { ID: '_a/b' }, 'malformed'],
];

const issuers: readonly Row[] = [
  ['of another identity provider here', `<Issuer>${entityIds.message}</Issuer>`, 'issuer'],
  ['of an unknown party', '<Issuer>https://evil.example.com/</Issuer>', 'issuer'],
  ['with white space', `<Issuer> ${idpEntityId}</Issuer>`, 'issuer'],
  [
    'of another format',
    `<Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">${idpEntityId}</Issuer>`,
    'issuer',
  ],
  ['empty', '<Issuer></Issuer>', 'issuer'],
  ['missing', '', 'issuer'],
  ['there twice', `<Issuer>${idpEntityId}</Issuer>`.repeat(2), 'malformed'],
];

const groups = (...elements: readonly string[]) => attributeStatement(...elements);
const overage = 'http://schemas.microsoft.com/claims/groups.link';

/** Statements that would lose or change what policy reads: refused, never passed over. */
const attributes: readonly Row[] = [
  ['a link in place of the groups', groups(attributeElement(overage, 'https://graph.windows.net/x')), 'attributes'],
  [
    'a link beside the groups',
    groups(attributeElement(groupClaim, 'CORP\\AWS-Dev'), attributeElement(overage, 'x')),
    'attributes',
  ],
  ['a Name of nothing', groups(attributeElement('', 'x')), 'attributes'],
  [
    'no Name',
    groups(element('Attribute', { FriendlyName: groupClaim }, '<AttributeValue>CORP\\AWS-Admin</AttributeValue>')),
    'attributes',
  ],
  ['a Name of 300 characters', groups(attributeElement('n'.repeat(300), 'x')), 'attributes'],
  [
    'three hundred Names',
    groups(...Array.from({ length: 300 }, (_, i) => attributeElement(`n${i}`, 'x'))),
    'attributes',
  ],
];

export const conditions: readonly Attack[] = [
  ...conditionRows.map(
    ([name, xml, reason]): Attack => ({
      name: `Conditions with ${name}`,
      rule: 'Core §2.5.1',
      reason,
      parts: { conditions: xml },
    }),
  ),
  ...statements.map(
    ([name, authnStatements, reason]): Attack => ({ name, rule: 'G11', reason, parts: { authnStatements } }),
  ),
  ...headers.map(
    ([name, assertion, reason]): Attack => ({
      name: `an Assertion with ${name}`,
      rule: 'Core §2.3.3',
      reason,
      parts: { assertion },
    }),
  ),
  ...issuers.map(
    ([name, issuer, reason]): Attack => ({
      name: `an Assertion whose Issuer is ${name}`,
      rule: 'G5',
      reason,
      parts: { issuer },
    }),
  ),
  ...attributes.map(
    ([name, xml, reason]): Attack => ({
      name: `attributes with ${name}`,
      rule: 'G16',
      reason,
      parts: { attributes: xml },
    }),
  ),
];
