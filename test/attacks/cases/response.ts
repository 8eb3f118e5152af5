// The Response around the assertion: version, id, time, destination, issuer, status. Signed or not, it can only refuse.
import { acsUrl, at, idpEntityId, nsSaml, statusElement } from '../../saml/support/response-builder.ts';
import type { Attack } from '../support/attack.ts';
import { entityIds } from '../support/target.ts';

type Row = readonly [name: string, attributes: Readonly<Record<string, string | undefined>>, reason: Attack['reason']];

const headers: readonly Row[] = [
  ['another Destination', { Destination: 'https://other.example.com/saml/acs' }, 'destination'],
  ['a Destination in another case', { Destination: acsUrl.toUpperCase() }, 'destination'],
  ['a Destination on plain http', { Destination: acsUrl.replace('https', 'http') }, 'destination'],
  ['a Destination with a port', { Destination: acsUrl.replace('.com', '.com:443') }, 'destination'],
  ['a Destination with a path behind', { Destination: `${acsUrl}/` }, 'destination'],
  ['a Destination with a query', { Destination: `${acsUrl}?x` }, 'destination'],
  [
    'a Destination with another host behind an @',
    { Destination: acsUrl.replace('https://', 'https://rolegate.example.com@') },
    'destination',
  ],
  ['an empty Destination', { Destination: '' }, 'destination'],
  ['a Destination with white space inside', { Destination: acsUrl.replace('/saml', '/ saml') }, 'destination'],
  ['Version 1.1', { Version: '1.1' }, 'malformed'],
  ['Version 2.1', { Version: '2.1' }, 'malformed'],
  ['Version 2', { Version: '2' }, 'malformed'],
  ['no Version', { Version: undefined }, 'malformed'],
  ['an ID that begins with a digit', { ID: '1x' }, 'malformed'],
  ['an ID with a colon', { ID: 'a:b' }, 'malformed'],
  ['an ID of 300 characters', { ID: `_${'a'.repeat(300)}` }, 'malformed'],
  ['an IssueInstant in the future', { IssueInstant: at(1) }, 'not_yet_valid'],
  ['an IssueInstant of eleven minutes ago', { IssueInstant: at(-660) }, 'expired'],
  ['an IssueInstant without zone', { IssueInstant: '2026-03-02T09:00:00' }, 'malformed'],
  ['an IssueInstant in another zone', { IssueInstant: '2026-03-02T10:00:00+01:00' }, 'malformed'],
  ['no IssueInstant', { IssueInstant: undefined }, 'malformed'],
  ['InResponseTo of another request', { InResponseTo: '_other' }, 'correlation'],
  ['an empty InResponseTo', { InResponseTo: '' }, 'correlation'],
];

const issuer = (name: string, attributes = '') => `<Issuer xmlns="${nsSaml}"${attributes}>${name}</Issuer>`;
const formatted = (format: string) => ` Format="urn:oasis:names:tc:SAML:${format}"`;

const issuers: readonly (readonly [string, string])[] = [
  ['of another identity provider here', issuer(entityIds.message)],
  ['of an unknown party', issuer('https://evil.example.com/')],
  ['empty', issuer('')],
  ['with white space around', issuer(` ${idpEntityId}\n`)],
  ['in another case', issuer(idpEntityId.toUpperCase())],
  ['with a slash more', issuer(`${idpEntityId}/`)],
  ['of another format', issuer(idpEntityId, formatted('1.1:nameid-format:unspecified'))],
  ['of the persistent format', issuer(idpEntityId, formatted('2.0:nameid-format:persistent'))],
];

const inner = (code: string) => `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${code}"/>`;
const status = (value: string) => `<samlp:Status><samlp:StatusCode Value="${value}"/></samlp:Status>`;

const statuses: readonly (readonly [string, string, Attack['reason']])[] = [
  ['Responder', statusElement('Responder'), 'status'],
  ['Requester', statusElement('Requester'), 'status'],
  ['VersionMismatch', statusElement('VersionMismatch'), 'status'],
  ['NoPassive below Responder', statusElement('Responder', inner('NoPassive')), 'status'],
  ['Success below Responder', statusElement('Responder', inner('Success')), 'status'],
  ['Success in another case', status('urn:oasis:names:tc:SAML:2.0:status:success'), 'status'],
  ['Success of SAML 1', status('samlp:Success'), 'status'],
  ['Success with white space', status(' urn:oasis:names:tc:SAML:2.0:status:Success '), 'status'],
  ['nothing in StatusCode', status(''), 'status'],
  ['no StatusCode', '<samlp:Status></samlp:Status>', 'status'],
  ['no Status', '', 'status'],
  [
    'a Status of another namespace',
    '<Status xmlns="urn:x"><StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></Status>',
    'status',
  ],
  ['two Status elements', statusElement() + statusElement('Responder'), 'malformed'],
  ['two StatusCodes', `<samlp:Status>${inner('Success')}${inner('Responder')}</samlp:Status>`, 'malformed'],
  [
    'a message with markup for the page that shows it',
    `<samlp:Status>${inner('Responder')}<samlp:StatusMessage>&lt;script&gt;alert(1)&lt;/script&gt;</samlp:StatusMessage></samlp:Status>`,
    'status',
  ],
];

export const responses: readonly Attack[] = [
  ...headers.map(([name, response, reason]): Attack => ({ name, rule: 'Core §3.2.2', reason, parts: { response } })),
  ...issuers.map(
    ([name, responseIssuer]): Attack => ({
      name: `a Response whose Issuer is ${name}`,
      rule: 'G5',
      reason: 'issuer',
      parts: { responseIssuer },
    }),
  ),
  {
    name: 'two Issuers',
    rule: 'Core §3.2.2',
    reason: 'malformed',
    parts: { responseIssuer: issuer(idpEntityId), beforeAssertion: issuer(idpEntityId) },
  },
  ...statuses.map(
    ([name, element, reason]): Attack => ({
      name: `the status ${name}, beside a good assertion`,
      rule: 'G7',
      reason,
      parts: { status: element },
    }),
  ),
  {
    name: 'a signed Response without Destination',
    rule: 'Bindings §3.5.5.2',
    reason: 'destination',
    modes: ['both', 'response'],
    parts: { response: { Destination: undefined } },
  },
  {
    name: 'a wrong Destination, where none in an unsigned Response is fine',
    rule: 'Bindings §3.5.5.2',
    reason: 'destination',
    modes: ['assertion'],
    parts: { response: { Destination: 'urn:x' } },
    twin: { parts: { response: { Destination: undefined } } },
  },
  {
    name: 'an unsigned Response without ID',
    rule: 'Core §3.2.2',
    reason: 'malformed',
    modes: ['assertion'],
    parts: { response: { ID: undefined } },
  },
  {
    name: 'a Response without assertion',
    rule: 'Profiles §4.1.4.2',
    reason: 'malformed',
    modes: ['response'],
    options: { editUnsigned: (xml) => xml.replace(/<Assertion .*<\/Assertion>/s, '') },
  },
  {
    name: 'an error without assertion, as an honest identity provider sends it',
    rule: 'SDP-SP11',
    reason: 'status',
    modes: ['response'],
    parts: { status: statusElement('Responder', inner('RequestUnsupported')) },
    options: { editUnsigned: (xml) => xml.replace(/<Assertion .*<\/Assertion>/s, '') },
  },
];
