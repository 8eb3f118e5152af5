// Runs tables of messages that break one rule each: a message has to be refused with its reason in both signing modes that
// identity providers use, and the same message without the change has to be accepted.
import { expect, test } from 'vitest';
import type { SamlReason } from '../../../src/errors.ts';
import type { Expectations } from '../../../src/saml/expectations.ts';
import { type Assertion, validateResponse } from '../../../src/saml/validate-response.ts';
import type { KeyPair } from '../../support/key-pairs.ts';
import {
  type BuildOptions,
  type ExpectationOverrides,
  expectationsFor,
  now,
  type ResponseParts,
  type SigningMode,
  signedResponse,
} from './response-builder.ts';

/** One message and its expected outcome. */
export interface Case {
  readonly name: string;
  readonly parts?: Partial<ResponseParts>;
  readonly options?: BuildOptions;
  readonly expected?: ExpectationOverrides;
}

export interface RefusedCase extends Case {
  readonly reason: SamlReason;
  readonly details?: Readonly<Record<string, unknown>>;
}

const modes: readonly SigningMode[] = ['assertion', 'both'];

/** What validateResponse makes of a message: the assertion, or a rejection. */
export async function validated(message: string, expected: Expectations, at: Date): Promise<Assertion> {
  return validateResponse(message, expected, at).assertion;
}

/** What validateResponse makes of a case. */
export function judge(key: KeyPair, { parts, options, expected }: Omit<Case, 'name'>): Promise<Assertion> {
  return validated(signedResponse(key, parts, options), expectationsFor(key, expected), now);
}

/** What a refusal has to look like. */
export function refusal(reason: SamlReason, details: Readonly<Record<string, unknown>> = {}) {
  return { name: 'BrokerError', code: 'saml_refused', reason, details: expect.objectContaining(details) };
}

/** One test per case and signing mode; the key is asked for when the test runs. */
export function testRefusals(key: () => KeyPair, cases: readonly RefusedCase[]): void {
  for (const { name, reason, details, ...rest } of cases) {
    for (const mode of rest.options?.mode ? [rest.options.mode] : modes) {
      test(`refuses ${name} (${mode} signed)`, async () => {
        const judged = judge(key(), { ...rest, options: { ...rest.options, mode } });
        await expect(judged).rejects.toMatchObject(refusal(reason, details));
      });
    }
  }
}

/** The positive twins. */
export function testAcceptances(key: () => KeyPair, cases: readonly Case[]): void {
  for (const { name, ...rest } of cases) {
    for (const mode of rest.options?.mode ? [rest.options.mode] : modes) {
      test(`accepts ${name} (${mode} signed)`, async () => {
        const assertion = await judge(key(), { ...rest, options: { ...rest.options, mode } });
        expect(assertion.id).toBe('_assertion');
      });
    }
  }
}
