// Thousands of mutants of good messages: each is refused as a SAML message is refused, or it says what the original said.
import { createPrivateKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { BrokerError } from '../../src/errors.ts';
import type { Assertion } from '../../src/saml/validate-response.ts';
import { validated } from '../saml/support/refusals.ts';
import {
  type ExpectationOverrides,
  expectationsFor,
  now,
  responseXml,
  type SigningMode,
  signedXml,
  toBase64,
} from '../saml/support/response-builder.ts';
import { signElement } from '../saml/support/sign-element.ts';
import { cpuMilliseconds } from '../support/cpu-time.ts';
import { keyPair } from '../support/key-pairs.ts';
import { encrypt } from './support/encrypt.ts';
import { toEvil } from './support/evil.ts';
import { chanceOf, mutate } from './support/mutate.ts';

/** Change it to look elsewhere; a failure names the mutant by its number. */
const seed = 20_260_302;
const mutantsOfEach = 900;

const [key, decryption] = [keyPair('idp-signing'), keyPair('sp-decryption')];

const sources: readonly { readonly name: string; readonly mode: SigningMode; readonly make: () => string }[] = [
  { name: 'with a signed assertion', mode: 'assertion', make: () => signedXml(key, {}, { mode: 'assertion' }) },
  { name: 'with a signed Response', mode: 'response', make: () => signedXml(key, {}, { mode: 'response' }) },
  { name: 'with both signed', mode: 'both', make: () => signedXml(key, {}, { mode: 'both' }) },
  { name: 'with an encrypted assertion', mode: 'both', make: encrypted },
];

function encrypted(): string {
  const assertion = (xml: string) => encrypt(xml, decryption, { block: 'aes-256-cbc' });
  const inside = signElement(responseXml(), 'Assertion', key).replace(/<Assertion .*<\/Assertion>/s, assertion);
  return signElement(inside, 'Response', key);
}

async function judge(xml: string): Promise<{ outcome: Assertion | BrokerError; milliseconds: number }> {
  const expected: ExpectationOverrides = { idp: { decryptionKeys: [createPrivateKey(decryption.key)] } };
  const message = toBase64(xml);
  const startedAt = cpuMilliseconds();
  const outcome = await validated(message, expectationsFor(key, expected), now).catch((error: unknown) => error);
  return { outcome: outcome as Assertion | BrokerError, milliseconds: cpuMilliseconds() - startedAt };
}

for (const [index, { name, mode, make }] of sources.entries()) {
  test(`${mutantsOfEach} mutants of a message ${name} say what it said or are refused`, {
    timeout: 60_000,
  }, async () => {
    const [xml, chance] = [make(), chanceOf(seed + index)];
    const donor = toEvil(signedXml(key, {}, { mode })).replaceAll('_assertion', '_evil');
    const original = (await judge(xml)).outcome;
    expect(original).toMatchObject({ nameId: { value: 'alice@corp.example' } });
    const times: { xml: string; perKilobyte: number }[] = [];
    let accepted = 0;
    for (let number = 0; number < mutantsOfEach; number++) {
      const mutant = mutate(xml, donor, chance);
      const { outcome, milliseconds } = await judge(mutant);
      times.push({ xml: mutant, perKilobyte: milliseconds / (1 + mutant.length / 1024) });
      if (outcome instanceof BrokerError) expect(outcome.code, `mutant ${number}`).toBe('saml_refused');
      else {
        accepted++;
        // The id of an unsigned Response is untrusted: the broker records it and grants nothing for it.
        const { responseId } = outcome;
        const same = mode === 'assertion' ? { ...original, responseId } : original;
        expect(outcome, `mutant ${number}`).toEqual(same);
      }
    }
    // A fuzzer whose mutants are all refused at the door tests the door only.
    expect(accepted).toBeGreaterThan(0);
    expect(accepted).toBeLessThan(mutantsOfEach / 2);
    await expectNoneSlow(times);
  });
}

/** The slowest for its size is tried again: a pause of the machine does not come twice. */
async function expectNoneSlow(times: readonly { xml: string; perKilobyte: number }[]): Promise<void> {
  const sorted = [...times].sort((a, b) => b.perKilobyte - a.perKilobyte);
  const median = sorted[Math.floor(sorted.length / 2)]!.perKilobyte;
  for (const { xml } of sorted.slice(0, 5)) {
    const again = [await judge(xml), await judge(xml), await judge(xml)].map(({ milliseconds }) => milliseconds);
    expect(Math.min(...again) / (1 + xml.length / 1024) / median).toBeLessThan(100);
  }
}
