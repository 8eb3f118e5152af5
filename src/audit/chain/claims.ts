// Collects what signatures and other chains say about records of a chain, before the records themselves are checked.
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { SignaturePolicy } from './chain-events.ts';
import { isChainSignature, keyIdOf, signedBytes } from './chain-signer.ts';

/** One line of an audit file, and where it is. */
export interface AuditLine {
  readonly text: string;
  readonly at: string;
}

/** "Record `audit` of a chain has this hash", says the record at `at`. */
interface Claim {
  readonly hash: string;
  readonly by: string;
  readonly isSignature: boolean;
}

export interface ChainClaims {
  /** By the number of the record. */
  readonly ofRecords: Map<number, Claim[]>;
  /** Of the last valid signature. */
  signing: SignaturePolicy | undefined;
}

export interface Claims {
  readonly chains: ReadonlyMap<string, ChainClaims>;
  readonly problems: readonly string[];
  readonly signatures: number;
}

const head = z.object({ audit: z.int().min(1), hash: z.string() });
const common = z.object({ audit: z.int().min(1), chain: z.string().min(1) });
const claimShape = z.discriminatedUnion('event', [
  common.extend({
    event: z.literal('chain_signed'),
    head,
    algorithm: z.string(),
    keyId: z.string(),
    signature: z.string(),
    everyRecords: z.number(),
    everySeconds: z.number(),
  }),
  common.extend({ event: z.literal('chain_anchored'), anchors: z.array(head.extend({ chain: z.string().min(1) })) }),
]);
type SignedRecord = Extract<z.output<typeof claimShape>, { event: 'chain_signed' }>;

/** @param keys public keys; without any, signatures are counted and not believed */
export async function collectClaims(lines: AsyncIterable<AuditLine>, keys: readonly KeyObject[]): Promise<Claims> {
  const chains = new Map<string, ChainClaims>();
  const problems: string[] = [];
  const known = new Map(keys.map((key) => [keyIdOf(key), key]));
  let signatures = 0;
  const claimsOf = (chain: string) => {
    const claims = chains.get(chain) ?? { ofRecords: new Map(), signing: undefined };
    chains.set(chain, claims);
    return claims;
  };
  const add = (chain: string, audit: number, claim: Claim) => {
    const { ofRecords } = claimsOf(chain);
    ofRecords.set(audit, [...(ofRecords.get(audit) ?? []), claim]);
  };
  for await (const { text, at } of lines) {
    const record = readClaim(text);
    if (!record) continue;
    const by = `record ${record.audit} of chain ${record.chain} at ${at}`;
    if (record.event === 'chain_anchored') {
      for (const { chain, audit, hash } of record.anchors) add(chain, audit, { hash, by, isSignature: false });
      continue;
    }
    signatures++;
    const problem = known.size > 0 ? signatureProblem(record, known) : undefined;
    if (problem !== undefined) problems.push(`${at}: ${problem} (chain ${record.chain})`);
    if (problem !== undefined || known.size === 0) continue;
    const claim = { hash: record.head.hash, by: `the signature at ${at}`, isSignature: true };
    add(record.chain, record.head.audit, claim);
    claimsOf(record.chain).signing = record;
  }
  return { chains, problems, signatures };
}

function readClaim(text: string): z.output<typeof claimShape> | undefined {
  // Quotes within a value are escaped: most lines need no parsing.
  if (!text.startsWith('{"audit":') || !/"event":"chain_(signed|anchored)"/.test(text)) return undefined;
  try {
    return claimShape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function signatureProblem(record: SignedRecord, keys: ReadonlyMap<string, KeyObject>): string | undefined {
  const key = keys.get(record.keyId);
  if (!key) return `record ${record.audit} is signed with the unknown key ${record.keyId}`;
  if (isChainSignature(record, signedBytes(record.chain, record.head, record), key)) return undefined;
  return `the signature in record ${record.audit} is not valid`;
}
