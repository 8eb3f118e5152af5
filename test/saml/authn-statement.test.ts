import { describe, expect, test } from 'vitest';
import { keyPair } from '../support/key-pairs.ts';
import { judge, testAcceptances, testRefusals } from './support/refusals.ts';
import {
  at,
  attributeElement,
  attributeStatement,
  authnStatement,
  passwordContext,
} from './support/response-builder.ts';

const key = keyPair('idp-signing');

const methods = 'http://schemas.microsoft.com/claims/authnmethodsreferences';
const mfa = 'http://schemas.microsoft.com/claims/multipleauthn';
const startedAt = new Date(at(-60));
const withStatement = (...args: Parameters<typeof authnStatement>) => ({ authnStatements: authnStatement(...args) });

describe('the AuthnStatement [Core §2.7.2]', () => {
  testAcceptances(
    () => key,
    [
      { name: 'an old sign-in where no fresh one was asked for', parts: withStatement({ AuthnInstant: at(-30_000) }) },
      { name: 'no SessionIndex', parts: withStatement({ SessionIndex: undefined }) },
      { name: 'a session that still lasts', parts: withStatement({ SessionNotOnOrAfter: at(1) }) },
      { name: 'a fresh sign-in after ForceAuthn', expected: { authenticatedAfter: startedAt } },
      {
        name: 'a sign-in in the very second of ForceAuthn',
        parts: withStatement({ AuthnInstant: at(-60) }),
        expected: { authenticatedAfter: startedAt },
      },
    ],
  );

  testRefusals(
    () => key,
    [
      { name: 'no AuthnStatement [Profiles §4.1.4.2]', parts: { authnStatements: '' }, reason: 'authn_context' },
      { name: 'two AuthnStatements', parts: { authnStatements: authnStatement().repeat(2) }, reason: 'authn_context' },
      { name: 'no AuthnInstant', parts: withStatement({ AuthnInstant: undefined }), reason: 'authn_context' },
      { name: 'AuthnInstant in the future', parts: withStatement({ AuthnInstant: at(1) }), reason: 'authn_context' },
      {
        name: 'AuthnInstant without zone',
        parts: withStatement({ AuthnInstant: '2026-03-02T08:00:00' }),
        reason: 'malformed',
      },
      {
        name: 'no AuthnContext',
        parts: { authnStatements: `<AuthnStatement AuthnInstant="${at(-5)}"/>` },
        reason: 'authn_context',
      },
      { name: 'no AuthnContextClassRef', parts: withStatement({}, ''), reason: 'authn_context' },
      { name: 'a blank AuthnContextClassRef', parts: withStatement({}, '  '), reason: 'authn_context' },
      {
        name: 'SessionNotOnOrAfter that is reached',
        parts: withStatement({ SessionNotOnOrAfter: at(0) }),
        reason: 'expired',
      },
      {
        name: 'SessionNotOnOrAfter on 30 February',
        parts: withStatement({ SessionNotOnOrAfter: '2027-02-30T00:00:00Z' }),
        reason: 'malformed',
      },
      {
        name: 'an earlier sign-in reused despite ForceAuthn [Core §3.4.1]',
        parts: withStatement({ AuthnInstant: at(-61) }),
        expected: { authenticatedAfter: startedAt },
        reason: 'authn_context',
      },
    ],
  );

  test('is read with its bounds', async () => {
    const parts = withStatement({ AuthnInstant: at(-5), SessionIndex: '_s', SessionNotOnOrAfter: at(900) });
    expect((await judge(key, { parts })).authn).toEqual({
      authnInstant: new Date(at(-5)),
      contexts: [passwordContext],
      sessionIndex: '_s',
      sessionNotOnOrAfter: new Date(at(900)),
    });
  });
});

describe('how the person signed in', () => {
  const contextsWith = async (...values: string[]) => {
    const parts = { attributes: attributeStatement(attributeElement(methods, ...values)) };
    return (await judge(key, { parts })).authn.contexts;
  };

  test('is the class and the methods that AD FS names, each once', async () => {
    expect(await contextsWith(mfa, passwordContext, mfa)).toEqual([passwordContext, mfa]);
  });

  test('is never read out of a value with markup inside', async () => {
    expect(await contextsWith(`${mfa}<x xmlns="urn:x"/>`, `<x xmlns="urn:x">${mfa}</x>`)).toEqual([passwordContext]);
  });

  test('has no empty entry', async () => {
    expect(await contextsWith('', ' ', mfa)).toEqual([passwordContext, mfa]);
  });
});
