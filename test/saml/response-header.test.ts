import { describe, expect, test } from 'vitest';
import { keyPair } from '../support/key-pairs.ts';
import { judge, testAcceptances, testRefusals } from './support/refusals.ts';
import { acsUrl, at, confirmation, idpEntityId, nsSaml, statusElement } from './support/response-builder.ts';

const key = keyPair('idp-signing');

describe('the header of the Response [Core §3.2.2]', () => {
  testAcceptances(
    () => key,
    [
      {
        name: 'an unsigned Response without Destination',
        parts: { response: { Destination: undefined } },
        options: { mode: 'assertion' },
      },
      { name: 'a Response without InResponseTo', parts: { response: { InResponseTo: undefined } } },
      { name: 'a Response without Issuer', parts: { responseIssuer: '' }, options: { mode: 'assertion' } },
      {
        name: 'an Issuer with the entity format',
        parts: {
          responseIssuer: `<Issuer xmlns="${nsSaml}" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">${idpEntityId}</Issuer>`,
        },
      },
      { name: 'an ID of 256 characters', parts: { response: { ID: `_${'a'.repeat(255)}` } } },
      { name: 'an ID with letters of other scripts, digits, dots and dashes', parts: { response: { ID: 'Ä-1.2_π' } } },
      {
        name: 'an unsolicited response where one is expected',
        parts: { response: { InResponseTo: undefined }, confirmations: confirmation({ InResponseTo: undefined }) },
        expected: { inResponseTo: undefined },
      },
    ],
  );

  testRefusals(
    () => key,
    [
      {
        name: 'another Destination',
        parts: { response: { Destination: 'https://other.example.com/saml/acs' } },
        reason: 'destination',
      },
      {
        name: 'a Destination that differs in case',
        parts: { response: { Destination: acsUrl.replace('acs', 'ACS') } },
        reason: 'destination',
      },
      {
        name: 'a Destination that only begins like the ACS',
        parts: { response: { Destination: `${acsUrl}/x` } },
        reason: 'destination',
      },
      { name: 'an empty Destination', parts: { response: { Destination: '' } }, reason: 'destination' },
      {
        name: 'a signed Response without Destination [Bindings §3.5.5.2]',
        parts: { response: { Destination: undefined } },
        options: { mode: 'both' },
        reason: 'destination',
      },
      {
        name: 'a signed Response without Destination [Bindings §3.5.5.2]',
        parts: { response: { Destination: undefined } },
        options: { mode: 'response' },
        reason: 'destination',
      },
      {
        name: 'InResponseTo of another request',
        parts: { response: { InResponseTo: '_other' } },
        reason: 'correlation',
      },
      { name: 'an empty InResponseTo', parts: { response: { InResponseTo: '' } }, reason: 'correlation' },
      {
        name: 'InResponseTo in an unsolicited Response [Profiles §4.1.5]',
        parts: { confirmations: confirmation({ InResponseTo: undefined }) },
        expected: { inResponseTo: undefined },
        reason: 'correlation',
      },
      {
        name: 'another Issuer',
        parts: { responseIssuer: `<Issuer xmlns="${nsSaml}">http://evil.example.com/</Issuer>` },
        reason: 'issuer',
      },
      {
        name: 'an Issuer with white space around it',
        parts: { responseIssuer: `<Issuer xmlns="${nsSaml}"> ${idpEntityId} </Issuer>` },
        reason: 'issuer',
      },
      {
        name: 'an Issuer of another format',
        parts: {
          responseIssuer: `<Issuer xmlns="${nsSaml}" Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">${idpEntityId}</Issuer>`,
        },
        reason: 'issuer',
      },
      {
        name: 'two Issuers',
        parts: { beforeAssertion: `<Issuer xmlns="${nsSaml}">${idpEntityId}</Issuer>` },
        reason: 'malformed',
      },
      { name: 'Version 1.1', parts: { response: { Version: '1.1' } }, reason: 'malformed' },
      { name: 'no Version', parts: { response: { Version: undefined } }, reason: 'malformed' },
      { name: 'an ID that begins with a digit', parts: { response: { ID: '1response' } }, reason: 'malformed' },
      { name: 'an ID with a colon', parts: { response: { ID: 'a:b' } }, reason: 'malformed' },
      { name: 'an ID above 256 characters', parts: { response: { ID: `_${'a'.repeat(256)}` } }, reason: 'malformed' },
      { name: 'no ID', parts: { response: { ID: undefined } }, options: { mode: 'assertion' }, reason: 'malformed' },
      { name: 'no IssueInstant', parts: { response: { IssueInstant: undefined } }, reason: 'malformed' },
      { name: 'IssueInstant in the future', parts: { response: { IssueInstant: at(1) } }, reason: 'not_yet_valid' },
      {
        name: 'IssueInstant more than ten minutes ago',
        parts: { response: { IssueInstant: at(-601) } },
        reason: 'expired',
      },
      {
        name: 'no Assertion',
        parts: {},
        options: { mode: 'response', editUnsigned: (xml) => xml.replace(/<Assertion.*<\/Assertion>/, '') },
        reason: 'malformed',
      },
    ],
  );
});

describe('the Status [Core §3.2.2.1]', () => {
  const inner = (code: string) => `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${code}"/>`;
  testRefusals(
    () => key,
    [
      {
        name: 'Responder beside an assertion',
        parts: { status: statusElement('Responder') },
        reason: 'status',
        details: { status: 'Responder' },
      },
      {
        name: 'Requester with its second code',
        parts: { status: statusElement('Requester', inner('NoPassive')) },
        reason: 'status',
        details: { status: 'Requester', subStatus: 'NoPassive' },
      },
      {
        name: 'Success below an error',
        parts: { status: statusElement('Responder', inner('Success')) },
        reason: 'status',
        details: { status: 'Responder', subStatus: 'Success' },
      },
      { name: 'no Status', parts: { status: '' }, reason: 'status', details: { status: 'other' } },
      { name: 'a Status without StatusCode', parts: { status: '<samlp:Status></samlp:Status>' }, reason: 'status' },
      {
        name: 'two Status elements',
        parts: { status: statusElement() + statusElement('Responder') },
        reason: 'malformed',
      },
      {
        name: 'Success in another namespace',
        parts: { status: statusElement().replaceAll('samlp:', `x:`).replace('<x:Status', '<x:Status xmlns:x="urn:x"') },
        reason: 'status',
      },
      {
        name: 'a status text of its own, which stays out of the details',
        parts: {
          status:
            '<samlp:Status><samlp:StatusCode Value="&lt;script&gt;"/><samlp:StatusMessage>&lt;b&gt;</samlp:StatusMessage></samlp:Status>',
        },
        reason: 'status',
        details: { status: 'other' },
      },
    ],
  );

  test('refuses an answer without assertion by its status, not as malformed', async () => {
    const options = {
      mode: 'response' as const,
      editUnsigned: (xml: string) => xml.replace(/<Assertion.*<\/Assertion>/, ''),
    };
    const parts = { status: statusElement('Responder', inner('AuthnFailed')) };
    await expect(judge(key, { parts, options })).rejects.toMatchObject({
      code: 'sign_in_cancelled',
      reason: 'status',
      details: { status: 'Responder', subStatus: 'AuthnFailed' },
    });
  });
});
