import { describe, expect, test } from 'vitest';
import type { SamlReason } from '../../../src/errors.ts';
import { readPostedLogout } from '../../../src/saml/logout/logout-message.ts';
import {
  type LogoutExpectations,
  logoutRequestXml,
  validateLogoutRequest,
} from '../../../src/saml/logout/logout-request.ts';
import { logoutResponseXml, validateLogoutResponse } from '../../../src/saml/logout/logout-response.ts';
import { readRedirectedLogout } from '../../../src/saml/redirect-message.ts';
import { messageLimits, readXml } from '../../../src/saml/xml/xml-reader.ts';
import type { XmlElement } from '../../../src/saml/xml/xml-tree.ts';
import { keyPair } from '../../support/key-pairs.ts';
import {
  type LogoutParts,
  logoutExpectations,
  logoutRequest,
  logoutResponse,
  postedMessage,
  redirectedQuery,
  sloUrl,
} from '../support/logout-builder.ts';
import { thrownBy } from '../support/redirected.ts';
import { refusal } from '../support/refusals.ts';
import { at, idpEntityId, now, nsSaml, spEntityId, statusElement } from '../support/response-builder.ts';

const key = keyPair('idp-signing');

/** The same message by both bindings, verified. */
const bindings: Readonly<Record<string, (xml: string) => XmlElement>> = {
  Redirect: (xml) => readRedirectedLogout(redirectedQuery(key, xml)).verified([key.cert]),
  POST: (xml) => {
    const field = xml.includes('LogoutResponse') ? 'SAMLResponse' : 'SAMLRequest';
    return readPostedLogout({ [field]: postedMessage(key, xml) }).verified([key.cert]);
  },
};

interface Case {
  readonly name: string;
  readonly parts?: LogoutParts;
  readonly expected?: Partial<LogoutExpectations>;
}
interface RefusedCase extends Case {
  readonly reason: SamlReason;
}

const header: readonly RefusedCase[] = [
  { name: 'another Version', reason: 'malformed', parts: { message: { Version: '2.1' } } },
  { name: 'an ID that begins with a digit', reason: 'malformed', parts: { message: { ID: '1a' } } },
  { name: 'no IssueInstant', reason: 'malformed', parts: { message: { IssueInstant: undefined } } },
  {
    name: 'an IssueInstant without zone',
    reason: 'malformed',
    parts: { message: { IssueInstant: '2026-03-02T09:00:00' } },
  },
  { name: 'an IssueInstant in the future', reason: 'not_yet_valid', parts: { message: { IssueInstant: at(1) } } },
  { name: 'an IssueInstant too long ago', reason: 'expired', parts: { message: { IssueInstant: at(-601) } } },
  { name: 'no Destination', reason: 'destination', parts: { message: { Destination: undefined } } },
  { name: 'our ACS as Destination', reason: 'destination', parts: { message: { Destination: `${sloUrl}/../acs` } } },
  {
    name: 'a Destination that begins like ours',
    reason: 'destination',
    parts: { message: { Destination: `${sloUrl}/` } },
  },
  { name: 'no Issuer', reason: 'issuer', parts: { issuer: '' } },
  { name: 'another Issuer', reason: 'issuer', parts: { issuer: `<Issuer xmlns="${nsSaml}">${idpEntityId}/</Issuer>` } },
  {
    name: 'an Issuer of another Format',
    reason: 'issuer',
    parts: { issuer: `<Issuer xmlns="${nsSaml}" Format="urn:x">${idpEntityId}</Issuer>` },
  },
  { name: 'another namespace for Issuer', reason: 'issuer', parts: { issuer: `<Issuer>${idpEntityId}</Issuer>` } },
];

const nameId = (content: string, attributes = '') => `<NameID xmlns="${nsSaml}"${attributes}>${content}</NameID>`;
const index = (content: string) => `<samlp:SessionIndex>${content}</samlp:SessionIndex>`;

const requests: readonly RefusedCase[] = [
  { name: 'a NotOnOrAfter that is now', reason: 'expired', parts: { message: { NotOnOrAfter: at(0) } } },
  { name: 'a NotOnOrAfter that is not a time', reason: 'malformed', parts: { message: { NotOnOrAfter: 'soon' } } },
  { name: 'no NameID', reason: 'subject', parts: { nameId: '' } },
  { name: 'two NameIDs', reason: 'malformed', parts: { nameId: nameId('alice') + nameId('bob') } },
  { name: 'a blank NameID', reason: 'subject', parts: { nameId: nameId(' ') } },
  { name: 'markup in the NameID', reason: 'subject', parts: { nameId: nameId('<b xmlns="urn:x">alice</b>') } },
  { name: 'an EncryptedID', reason: 'encryption', parts: { nameId: `<EncryptedID xmlns="${nsSaml}"/>` } },
  { name: 'a BaseID', reason: 'subject', parts: { nameId: `<BaseID xmlns="${nsSaml}"/>` } },
  { name: 'a NameID outside the namespace', reason: 'subject', parts: { nameId: '<NameID>alice</NameID>' } },
  { name: 'a blank SessionIndex', reason: 'malformed', parts: { sessionIndexes: index(' ') } },
  { name: 'a SessionIndex that is too long', reason: 'malformed', parts: { sessionIndexes: index('x'.repeat(257)) } },
  { name: 'markup in a SessionIndex', reason: 'malformed', parts: { sessionIndexes: index('<b xmlns="urn:x">x</b>') } },
  {
    name: 'a SessionIndex outside the namespace, which would widen the request to all sessions',
    reason: 'malformed',
    parts: { sessionIndexes: '<SessionIndex>_session</SessionIndex>' },
  },
];

const good: readonly Case[] = [
  { name: 'as AD FS sends it' },
  { name: 'without NotOnOrAfter', parts: { message: { NotOnOrAfter: undefined } } },
  { name: 'with a NotOnOrAfter just ahead', parts: { message: { NotOnOrAfter: at(1) } } },
  {
    name: 'with a NotOnOrAfter within the allowed skew',
    parts: { message: { NotOnOrAfter: at(-59) } },
    expected: { clockSkewMs: 60_000 },
  },
  { name: 'at the end of its age', parts: { message: { IssueInstant: at(-600) } } },
  {
    name: 'ahead within the allowed skew',
    parts: { message: { IssueInstant: at(60) } },
    expected: { clockSkewMs: 60_000 },
  },
  {
    name: 'with Consent, Reason and Extensions',
    parts: {
      message: { Reason: 'urn:oasis:names:tc:SAML:2.0:logout:admin', Consent: 'urn:x' },
      extra: '<samlp:Extensions><x:y xmlns:x="urn:x"/></samlp:Extensions>',
    },
  },
];

for (const [binding, verified] of Object.entries(bindings)) {
  const request = ({ parts, expected }: Omit<Case, 'name'>) =>
    validateLogoutRequest(verified(logoutRequest(parts)), logoutExpectations(expected), now);
  const pending = { inResponseTo: '_pending' };
  const response = ({ parts, expected }: Omit<Case, 'name'>) =>
    validateLogoutResponse(verified(logoutResponse(parts)), { ...logoutExpectations(expected), ...pending }, now);

  describe(`a LogoutRequest by ${binding}`, () => {
    for (const { name, ...rest } of good) {
      test(`is accepted ${name}`, () => {
        expect(request(rest)).toMatchObject({ id: '_logout', nameId: { value: 'alice@corp.example' } });
      });
    }
    for (const { name, reason, ...rest } of [...header, ...requests]) {
      test(`is refused with ${name}`, () => {
        expect(thrownBy(() => request(rest))).toMatchObject(refusal(reason));
      });
    }

    test('names the sessions that it means: some, or all', () => {
      const parts = { sessionIndexes: index('_one') + index('two &amp; a half') };
      expect(request({ parts }).sessionIndexes).toEqual(['_one', 'two & a half']);
      expect(request({ parts: { sessionIndexes: '' } }).sessionIndexes).toBeUndefined();
    });

    test('keeps the NameID with its attributes', () => {
      const parts = { nameId: nameId('a&amp;b', ' Format="urn:f" NameQualifier="q" SPNameQualifier="s"') };
      const read = { value: 'a&b', format: 'urn:f', nameQualifier: 'q', spNameQualifier: 's' };
      expect(request({ parts }).nameId).toEqual(read);
    });

    test('is to be remembered for as long as it would be accepted', () => {
      expect(request({ expected: { clockSkewMs: 60_000 } }).expiresAt).toEqual(new Date(now.getTime() + 660_001));
    });
  });

  describe(`a LogoutResponse by ${binding}`, () => {
    for (const { name, reason, ...rest } of header) {
      test(`is refused with ${name}`, () => {
        expect(thrownBy(() => response(rest))).toMatchObject(refusal(reason));
      });
    }
    test.each([
      ['no InResponseTo', { message: { InResponseTo: undefined } }, 'correlation'],
      ['another InResponseTo', { message: { InResponseTo: '_other' } }, 'correlation'],
      ['no Status', { status: '' }, 'malformed'],
      ['two Statuses', { status: statusElement() + statusElement() }, 'malformed'],
    ] as const)('is refused with %s', (_, parts, reason) => {
      expect(thrownBy(() => response({ parts }))).toMatchObject(refusal(reason));
    });
    const partial = '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:PartialLogout"/>';
    test.each([
      ['Success', 'complete', statusElement()],
      ['PartialLogout below Success', 'partial', statusElement('Success', partial)],
      ['PartialLogout below Responder', 'partial', statusElement('Responder', partial)],
      ['Requester', 'failed', statusElement('Requester')],
      ['an unknown code', 'failed', statusElement('Successful')],
    ])('that says %s means %s', (_, outcome, status) => {
      expect(response({ parts: { status } }).outcome).toBe(outcome);
    });
  });
}

test('a redirected LogoutRequest without ID is refused; a posted one could not be signed', () => {
  const message = bindings['Redirect']!(logoutRequest({ message: { ID: undefined } }));
  expect(thrownBy(() => validateLogoutRequest(message, logoutExpectations(), now))).toMatchObject(refusal('malformed'));
});

describe('what we send', () => {
  const common = { issueInstant: now, destination: sloUrl, issuer: idpEntityId };
  const read = (xml: string) => readXml(xml, messageLimits);

  test('is a LogoutRequest with the NameID as it was given, and nothing that it did not have', () => {
    const request = { ...common, id: '_1', notOnOrAfter: new Date(at(300)), sessionIndex: '_"<&>' };
    const full = { value: 'a<&>"b', format: 'urn:f', nameQualifier: 'q"', spNameQualifier: spEntityId };
    const xml = logoutRequestXml({ ...request, nameId: full });
    const judged = validateLogoutRequest(read(xml), logoutExpectations(), now);
    expect(judged).toMatchObject({ id: '_1', nameId: full, sessionIndexes: ['_"<&>'] });
    const bare = { value: 'alice', format: undefined, nameQualifier: undefined, spNameQualifier: undefined };
    const plain = logoutRequestXml({ ...request, nameId: bare, sessionIndex: undefined });
    expect(plain).toContain('<saml:NameID>alice</saml:NameID></samlp:LogoutRequest>');
    expect(plain).toContain('Reason="urn:oasis:names:tc:SAML:2.0:logout:user"');
    expect(plain).toContain('NotOnOrAfter="2026-03-02T09:05:00Z"');
  });

  test('is a LogoutResponse that says Success to this request', () => {
    const xml = logoutResponseXml({ ...common, id: '_2', inResponseTo: '_asked', isDone: true });
    const expected = { ...logoutExpectations(), inResponseTo: '_asked' };
    expect(validateLogoutResponse(read(xml), expected, now).outcome).toBe('complete');
  });
});
