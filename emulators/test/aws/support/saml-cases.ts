// Tables of AssumeRoleWithSAML calls: each case is a complete, signed call with one thing changed. Runs them against an
// emulator that it starts for them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KeyPair, keyPair } from '../../../../test/support/key-pairs.ts';
import { type AwsEmulator, startAws } from '../../../aws/server.ts';
import type { BuildOptions, ResponseParts } from './assertion-builder.ts';
import {
  ACCOUNT,
  attributes,
  ISSUER,
  metadataFor,
  NOW,
  postSts,
  type StsAnswer,
  samlCall,
  sampleEstate,
  sampleParts,
} from './fixture.ts';

/** The key pairs of a run: two are in the provider's metadata, one is unknown. */
export interface Keys {
  readonly trusted: KeyPair;
  readonly second: KeyPair;
  readonly stranger: KeyPair;
}

/** The difference between a call and a valid call. */
export interface Change {
  readonly parts?: Partial<ResponseParts>;
  readonly build?: (keys: Keys) => Partial<BuildOptions>;
  readonly members?: Readonly<Record<string, string>>;
}

/** Status, code, and the message or its beginning. */
export type Expected = readonly [number, string, string];
/** Name, change, refusal. */
export type RefusedCase = readonly [string, Change, Expected];
/** Name, change. */
export type AcceptedCase = readonly [string, Change];

/** m11. */
export const DENIED: Expected = [403, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithSAML'];

/** An emulator with its keys; both are there once the tests run. */
export function useBench(): { aws(): AwsEmulator; keys(): Keys; call(change: Change): Promise<StsAnswer> } {
  let running: { aws: AwsEmulator; keys: Keys } | undefined;
  const bench = (): { aws: AwsEmulator; keys: Keys } => {
    if (running === undefined) throw new Error('the emulator starts with the tests');
    return running;
  };
  beforeAll(async () => {
    const [trusted, second, stranger] = [keyPair('minting'), keyPair('minting-next'), keyPair('stranger')];
    const aws = await startAws({ now: () => NOW, estate: sampleEstate(metadataFor(ISSUER, [trusted, second])) });
    running = { aws, keys: { trusted, second, stranger } };
  });
  afterAll(() => running?.aws.close());
  return {
    aws: () => bench().aws,
    keys: () => bench().keys,
    call(change) {
      const { aws, keys } = bench();
      const options = { key: keys.trusted.key, ...change.build?.(keys) };
      return postSts(aws, samlCall(sampleParts(change.parts), options, change.members));
    },
  };
}

/** One test per case. */
export function runCases(refused: readonly RefusedCase[], accepted: readonly AcceptedCase[]): void {
  const bench = useBench();
  describe('refuses', () => {
    for (const [name, change, [status, code, message]] of refused) {
      test(name, async () => {
        const answer = await bench.call(change);
        expect({ status: answer.status, code: answer.code }).toEqual({ status, code });
        expect(answer.message.slice(0, message.length)).toBe(message);
      });
    }
  });
  describe('accepts', () => {
    for (const [name, change] of accepted) {
      test(name, async () => {
        const answer = await bench.call(change);
        expect(answer.text).toContain('<AssumeRoleWithSAMLResult>');
        expect(answer.status).toBe(200);
      });
    }
  });
}

/** A change of the XML before it is signed: a validly signed wrong message. */
export function signedWith(pattern: RegExp | string, to: string): Change {
  return { build: () => ({ beforeSigning: (xml) => xml.replace(pattern, to) }) };
}

/** A change of the XML after it has been signed. */
export function damagedWith(pattern: RegExp | string, to: string): Change {
  return { build: () => ({ afterSigning: (xml) => xml.replace(pattern, to) }) };
}

/** Other AWS attributes; an empty list takes one out. */
export function withAttributes(more: Readonly<Record<string, readonly string[]>>): Change {
  return { parts: { attributes: attributes(more) } };
}

/** A call for another role of the account, named in assertion and request alike. */
export function forRole(
  name: string,
  more: Readonly<Record<string, readonly string[]>> = {},
  members: Readonly<Record<string, string>> = {},
): Change {
  const arn = `arn:aws:iam::${ACCOUNT}:role/${name}`;
  return { parts: { attributes: attributes(more, arn) }, members: { RoleArn: arn, ...members } };
}
