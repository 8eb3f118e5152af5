// Verifies audit files: each chain is complete, in order and unchanged, carries its signatures, and has the records that
// other chains name.
import type { KeyObject } from 'node:crypto';
import { type CheckedRecord, parseRecord } from './checked-record.ts';
import { type AuditLine, type ChainClaims, collectClaims } from './claims.ts';
import { lineHash } from './json-lines.ts';
import { checkSignaturesDue, type UnsignedRecords } from './signatures-due.ts';

export interface VerifyOptions {
  /** Public keys of the signatures; without any, signatures are not checked. */
  readonly keys?: readonly KeyObject[];
  /** The files do not hold every chain: a chain that is only named is a note, not a problem. */
  readonly isPartial?: boolean;
}

export interface AuditReport {
  /** One line of text for each broken, changed, missing, repeated or reordered record, and each signature or anchor that does not fit. */
  readonly problems: readonly string[];
  readonly notes: readonly string[];
  readonly chains: readonly ChainReport[];
}

interface ChainReport {
  readonly chain: string;
  readonly records: number;
  readonly hash: string;
  /** The last record that a valid signature covers; undefined where none was checked. */
  readonly signedUpTo: number | undefined;
  /** Whether the process ended in order. */
  readonly isClosed: boolean;
}

interface Chain {
  last: number;
  hash: string;
  records: number;
  closedBy: number | undefined;
  signedUpTo: number | undefined;
  readonly missing: Set<number>;
  readonly unsigned: UnsignedRecords;
}

/** Numbers of missing records to remember for each chain: they may still arrive in the wrong order. */
const maxMissing = 10_000;

/**
 * Reads the lines of one or more files in order, twice. Other lines, such as the log's on the same stream, are skipped.
 * @param read begins again at the first line
 */
export async function verifyAuditLines(
  read: () => AsyncIterable<AuditLine>,
  { keys = [], isPartial = false }: VerifyOptions = {},
): Promise<AuditReport> {
  const claims = await collectClaims(read(), keys);
  const chains = new Map<string, Chain>();
  const problems: string[] = [];
  for await (const { text, at } of read()) {
    if (!text.startsWith('{"audit":')) continue;
    const record = parseRecord(text);
    if (record === undefined) {
      problems.push(`${at}: the record is cut off or not valid JSON`);
      continue;
    }
    const chain = chains.get(record.chain) ?? newChain(record.chain);
    chains.set(record.chain, chain);
    const hash = lineHash(text);
    const known = claims.chains.get(record.chain);
    const found = [checkRecord(chain, record, hash), checkClaims(chain, record, hash, known)];
    if (keys.length > 0) {
      found.push(checkSignaturesDue(chain.unsigned, record, known?.signing, chain.signedUpTo === record.audit));
    }
    for (const problem of found) {
      if (problem !== undefined) problems.push(`${at}: ${problem} (chain ${record.chain})`);
    }
  }
  const ends = [...claims.chains].map(([name, { ofRecords }]) => describeEnd(name, ofRecords, chains.get(name)));
  const unsigned = keys.length > 0 ? [...chains.keys()].filter((name) => !claims.chains.get(name)?.signing) : [];
  const isChecked = keys.length > 0 || claims.signatures === 0;
  const absent = ends.flatMap(({ absent = [] }) => absent);
  return {
    problems: [
      ...[...claims.problems, ...problems, ...ends.flatMap(({ cut = [] }) => cut)],
      ...(isPartial ? [] : absent),
      ...unsigned.map((name) => `no signature (chain ${name})`),
    ],
    notes: [
      ...(isPartial ? absent : []),
      ...(isChecked ? [] : [`${claims.signatures} signatures are not checked: give --key`]),
    ],
    chains: [...chains].map(([chain, { records, hash, signedUpTo, closedBy }]) => ({
      ...{ chain, records, hash, signedUpTo, isClosed: closedBy !== undefined },
    })),
  };
}

function newChain(name: string): Chain {
  const start = { last: 0, hash: name, records: 0, closedBy: undefined, signedUpTo: undefined };
  return { ...start, missing: new Set<number>(), unsigned: {} };
}

function checkRecord(chain: Chain, record: CheckedRecord, hash: string): string | undefined {
  const { audit, previous, event } = record;
  if (audit <= chain.last) {
    if (!chain.missing.delete(audit)) return `record ${audit} is repeated`;
    chain.records++;
    return `record ${audit} is out of order`;
  }
  const first = chain.last + 1;
  const isNext = audit === first;
  const isChanged = isNext && previous !== chain.hash;
  for (let missing = first; missing < audit && chain.missing.size < maxMissing; missing++) chain.missing.add(missing);
  chain.last = audit;
  chain.hash = hash;
  chain.records++;
  if (!isNext) return `records ${first} to ${audit - 1} are missing before record ${audit}`;
  if (isChanged) {
    return audit === 1
      ? 'record 1 does not begin its chain'
      : `record ${audit - 1} was changed, or record ${audit} does not belong here`;
  }
  if (chain.closedBy !== undefined && event !== 'chain_signed') {
    return `record ${audit} follows the end of the chain in record ${chain.closedBy}`;
  }
  if (event === 'chain_closed') chain.closedBy = audit;
  return undefined;
}

function checkClaims(
  chain: Chain,
  { audit }: CheckedRecord,
  hash: string,
  claims: ChainClaims | undefined,
): string | undefined {
  const found = claims?.ofRecords.get(audit) ?? [];
  const denied = found.find((claim) => claim.hash !== hash);
  if (denied) return `record ${audit} is not what ${denied.by} names: it was changed, or that one is forged`;
  if (found.some(({ isSignature }) => isSignature)) chain.signedUpTo = audit;
  return undefined;
}

/** Records that are named and come after the last one of the chain: its end was cut off. */
function describeEnd(
  name: string,
  ofRecords: ChainClaims['ofRecords'],
  chain: Chain | undefined,
): { readonly cut?: string[]; readonly absent?: string[] } {
  const named = Math.max(0, ...ofRecords.keys());
  const by = ofRecords.get(named)?.[0]?.by;
  if (!chain && named > 0)
    return { absent: [`no record of this chain is here, but ${by} names its record ${named} (chain ${name})`] };
  if (!chain || named <= chain.last) return {};
  return {
    cut: [
      `records ${chain.last + 1} to at least ${named} are missing at the end: ${by} names record ${named} (chain ${name})`,
    ],
  };
}
