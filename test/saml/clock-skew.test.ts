import { describe, expect, test } from 'vitest';
import { keyPair } from '../support/key-pairs.ts';
import { refusal, validated } from './support/refusals.ts';
import {
  at,
  authnStatement,
  conditionsElement,
  confirmation,
  expectationsFor,
  now,
  type ResponseParts,
  signedResponse,
} from './support/response-builder.ts';

const key = keyPair('idp-signing');

const skewMs = 180_000;
const shifted = (milliseconds: number) => new Date(now.getTime() + milliseconds);

describe('clock skew', () => {
  // Each time is at its very edge: the last moment that is accepted, and the first that is not, a millisecond apart.
  const rows: readonly {
    name: string;
    parts: Partial<ResponseParts>;
    reason: 'not_yet_valid' | 'expired' | 'authn_context';
    last: Date;
    next: Date;
  }[] = [
    ...(['response', 'assertion'] as const).flatMap((header) => [
      {
        name: `IssueInstant of the ${header} ahead`,
        parts: {
          [header]: { IssueInstant: at(0) },
          conditions: conditionsElement({ NotBefore: undefined }),
          authnStatements: authnStatement({ AuthnInstant: at(-500) }),
          ...(header === 'response'
            ? { assertion: { IssueInstant: at(-400) } }
            : { response: { IssueInstant: at(-400) } }),
        },
        reason: 'not_yet_valid' as const,
        last: shifted(-skewMs),
        next: shifted(-skewMs - 1),
      },
      {
        name: `IssueInstant of the ${header} behind`,
        parts: {
          [header]: { IssueInstant: at(0) },
          confirmations: confirmation({ NotOnOrAfter: at(3000) }),
          ...(header === 'response'
            ? { assertion: { IssueInstant: at(100) } }
            : { response: { IssueInstant: at(100) } }),
        },
        reason: 'expired' as const,
        last: shifted(600_000 + skewMs),
        next: shifted(600_000 + skewMs + 1),
      },
    ]),
    {
      name: 'NotBefore of Conditions',
      parts: { conditions: conditionsElement({ NotBefore: at(30) }) },
      reason: 'not_yet_valid',
      last: shifted(30_000 - skewMs),
      next: shifted(30_000 - skewMs - 1),
    },
    {
      name: 'NotOnOrAfter of Conditions',
      parts: { conditions: conditionsElement({ NotOnOrAfter: at(60) }) },
      reason: 'expired',
      last: shifted(60_000 + skewMs - 1),
      next: shifted(60_000 + skewMs),
    },
    {
      name: 'NotOnOrAfter of the confirmation',
      parts: { confirmations: confirmation({ NotOnOrAfter: at(60) }) },
      reason: 'expired',
      last: shifted(60_000 + skewMs - 1),
      next: shifted(60_000 + skewMs),
    },
    {
      name: 'AuthnInstant',
      parts: { authnStatements: authnStatement({ AuthnInstant: at(90) }) },
      reason: 'authn_context',
      last: shifted(90_000 - skewMs),
      next: shifted(90_000 - skewMs - 1),
    },
  ];
  for (const { name, parts, reason, last, next } of rows) {
    test(`is allowed for on ${name}, to the millisecond`, async () => {
      const [message, expectations] = [signedResponse(key, parts), expectationsFor(key, { clockSkewMs: skewMs })];
      await expect(validated(message, expectations, last)).resolves.toMatchObject({ id: '_assertion' });
      await expect(validated(message, expectations, next)).rejects.toMatchObject(refusal(reason));
    });
  }

  test('is allowed for on ForceAuthn, to the millisecond', async () => {
    const message = signedResponse(key, { authnStatements: authnStatement({ AuthnInstant: at(-200) }) });
    const judge = (authenticatedAfter: Date) =>
      validated(message, expectationsFor(key, { clockSkewMs: skewMs, authenticatedAfter }), now);
    await expect(judge(shifted(-200_000 + skewMs))).resolves.toMatchObject({ id: '_assertion' });
    await expect(judge(shifted(-200_000 + skewMs + 1))).rejects.toMatchObject(refusal('authn_context'));
  });

  test('keeps the replay mark until the message is refused for its age', async () => {
    const message = signedResponse(key, { confirmations: confirmation({ NotOnOrAfter: at(3000) }) });
    const expectations = expectationsFor(key, { clockSkewMs: skewMs });
    const { expiresAt } = await validated(message, expectations, now);
    await expect(validated(message, expectations, expiresAt)).rejects.toMatchObject(refusal('expired'));
  });
});
