import { describe, expect, test } from 'vitest';
import { keyPair } from '../support/key-pairs.ts';
import { judge, testRefusals, validated } from './support/refusals.ts';
import {
  at,
  expectationsFor,
  groupClaim,
  idpEntityId,
  now,
  passwordContext,
  signedResponse,
  signingModes,
} from './support/response-builder.ts';

const key = keyPair('idp-signing');

describe('validateResponse', () => {
  for (const mode of signingModes) {
    test(`reads a valid message with ${mode} signed`, async () => {
      const assertion = await judge(key, { options: { mode } });
      expect(assertion).toEqual({
        id: '_assertion',
        responseId: '_response',
        issuer: idpEntityId,
        issueInstant: now,
        issuedAt: now,
        isEncrypted: false,
        nameId: {
          value: 'alice@corp.example',
          format: undefined,
          nameQualifier: undefined,
          spNameQualifier: undefined,
        },
        attributes: new Map([[groupClaim, ['CORP\\AWS-Dev', 'CORP\\AWS-Ops']]]),
        elementValues: new Map(),
        authn: {
          authnInstant: new Date(at(-5)),
          contexts: [passwordContext],
          sessionIndex: '_assertion',
          sessionNotOnOrAfter: undefined,
        },
        expiresAt: expect.any(Date),
      });
    });
  }

  test.each([
    ['response', { response: { IssueInstant: at(-60) } }],
    ['assertion', { assertion: { IssueInstant: at(-60) } }],
  ])('was issued when the earlier of the two was: the %s', async (_, parts) => {
    expect((await judge(key, { parts })).issuedAt).toEqual(new Date(at(-60)));
  });

  test('reads the same message with line breaks in its base64 [RFC 2045 §6.8]', async () => {
    const lines = signedResponse(key).replace(/.{76}/g, '$&\r\n');
    await expect(validated(lines, expectationsFor(key), now)).resolves.toMatchObject({ id: '_assertion' });
  });

  test('judges the same message the same way each time: it keeps no state', async () => {
    const message = signedResponse(key);
    const first = await validated(message, expectationsFor(key), now);
    await expect(validated(message, expectationsFor(key), now)).resolves.toEqual(first);
  });
});

describe('the header of the Assertion [Core §2.3.3]', () => {
  testRefusals(
    () => key,
    [
      { name: 'another Issuer', parts: { issuer: '<Issuer>http://evil.example.com/</Issuer>' }, reason: 'issuer' },
      {
        name: 'an Issuer that differs by a slash',
        parts: { issuer: `<Issuer>${idpEntityId}/</Issuer>` },
        reason: 'issuer',
      },
      { name: 'an empty Issuer', parts: { issuer: '<Issuer></Issuer>' }, reason: 'issuer' },
      { name: 'no Issuer', parts: { issuer: '' }, reason: 'issuer' },
      {
        name: 'an Issuer of another format [Profiles §4.1.4.2]',
        parts: {
          issuer: `<Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">${idpEntityId}</Issuer>`,
        },
        reason: 'issuer',
      },
      {
        name: 'an Issuer with markup inside',
        parts: { issuer: `<Issuer>${idpEntityId}<x xmlns="urn:x"/></Issuer>` },
        reason: 'malformed',
      },
      {
        name: 'two Issuers',
        parts: { issuer: `<Issuer>${idpEntityId}</Issuer><Issuer>${idpEntityId}</Issuer>` },
        reason: 'malformed',
      },
      { name: 'Version 1.1', parts: { assertion: { Version: '1.1' } }, reason: 'malformed' },
      { name: 'no Version', parts: { assertion: { Version: undefined } }, reason: 'malformed' },
      { name: 'an ID that begins with a digit', parts: { assertion: { ID: '1assertion' } }, reason: 'malformed' },
      { name: 'no IssueInstant', parts: { assertion: { IssueInstant: undefined } }, reason: 'malformed' },
      { name: 'IssueInstant in the future', parts: { assertion: { IssueInstant: at(1) } }, reason: 'not_yet_valid' },
      {
        name: 'IssueInstant more than ten minutes ago',
        parts: { assertion: { IssueInstant: at(-601) } },
        reason: 'expired',
      },
      {
        name: 'IssueInstant without zone',
        parts: { assertion: { IssueInstant: '2026-03-02T09:00:00' } },
        reason: 'malformed',
      },
      {
        name: 'IssueInstant as RFC 2822 has it',
        parts: { assertion: { IssueInstant: 'Mon, 02 Mar 2026 09:00:00 GMT' } },
        reason: 'malformed',
      },
    ],
  );
});
