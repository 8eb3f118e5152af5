// Finds records that should have a signature and have none: an attacker who rewrites the end of a chain must drop its signatures.
import type { SignaturePolicy } from './chain-events.ts';
import type { CheckedRecord } from './checked-record.ts';

/** The first record after those that are signed or about to be. */
export interface UnsignedRecords {
  first?: { readonly audit: number; readonly atMs: number };
  isReported?: boolean;
}

/** A signature that comes later than twice its interval and this is missing. */
const graceMs = 60_000;

/**
 * What a record says of itself does not count: only a signature that was verified and names this record does.
 * @param policy what a valid signature of the chain says; without one the whole chain is unsigned
 * @param isSigned whether a valid signature covers the chain up to this record
 */
export function checkSignaturesDue(
  unsigned: UnsignedRecords,
  { audit, time, event }: CheckedRecord,
  policy: SignaturePolicy | undefined,
  isSigned: boolean,
): string | undefined {
  if (!policy) return undefined;
  if (isSigned) {
    delete unsigned.first;
    unsigned.isReported = false;
    return undefined;
  }
  const atMs = Date.parse(time);
  // Records about chains alone make no signature necessary.
  if (!event.startsWith('chain_')) unsigned.first ??= { audit, atMs };
  const { first } = unsigned;
  if (!first || unsigned.isReported) return undefined;
  const isLate = atMs - first.atMs > 2 * policy.everySeconds * 1000 + graceMs;
  if (!isLate && audit - first.audit <= 2 * policy.everyRecords) return undefined;
  unsigned.isReported = true;
  return `records from ${first.audit} on have no signature, though one was due before record ${audit}`;
}
