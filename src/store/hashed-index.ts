// Finds records by what they are about, while the database holds hashes only: names and labels are HMACs under a key from
// session.secrets, so that whoever reads it cannot even confirm a guess.
import { createHmac, hkdfSync } from 'node:crypto';
import type { KeyValue } from './key-value.ts';

export interface HashedIndex {
  /** @param value is kept as it is: it has to be a hash, or to say nothing */
  add(subject: string, entry: { readonly label: string; readonly value: string }, ttlMs: number): Promise<void>;
  /** What stands under a subject with one of these labels; undefined: with any. */
  find(subject: string, labels: readonly string[] | undefined): Promise<IndexEntry[]>;
  remove(entry: IndexEntry): Promise<void>;
}

export interface IndexEntry {
  readonly value: string;
  readonly key: string;
  readonly member: string;
}

/** @param secrets the newest first: it writes, and every one of them still reads */
export function createHashedIndex(purpose: string, keyValue: KeyValue, secrets: readonly string[]): HashedIndex {
  const hashers = secrets.map((secret) => createHasher(purpose, secret));
  const [newest] = hashers;
  if (!newest) throw new RangeError('an index needs a secret');
  const search = async ({ keyOf, labelOf }: Hasher, subject: string, labels: readonly string[] | undefined) => {
    const key = keyOf(subject);
    const wanted = labels && new Set(labels.map((label) => labelOf(subject, label)));
    const entries = (await keyValue.readIndex(key)).map((member) => ({ key, member, ...splitMember(member) }));
    return entries.filter(({ label }) => wanted?.has(label) ?? true);
  };
  return {
    add: (subject, { label, value }, ttlMs) =>
      keyValue.addToIndex(newest.keyOf(subject), `${newest.labelOf(subject, label)}.${value}`, ttlMs),
    find: async (subject, labels) =>
      (await Promise.all(hashers.map((hasher) => search(hasher, subject, labels)))).flat(),
    remove: ({ key, member }) => keyValue.removeFromIndex(key, member),
  };
}

/** 96 bits: a member of label and handle is below 64 bytes, up to which Redis packs a sorted set. */
const labelLength = 16;

interface Hasher {
  readonly keyOf: (subject: string) => string;
  readonly labelOf: (subject: string, label: string) => string;
}

function createHasher(purpose: string, secret: string): Hasher {
  const hmacKey = Buffer.from(hkdfSync('sha256', secret, '', `rolegate index ${purpose} v1`, 32));
  const hash = (parts: readonly string[]) =>
    createHmac('sha256', hmacKey).update(JSON.stringify(parts)).digest('base64url');
  return {
    keyOf: (subject) => `${purpose}:${hash([subject])}`,
    // Bound to its subject: the same label elsewhere does not show as the same.
    labelOf: (subject, label) => hash([subject, label]).slice(0, labelLength),
  };
}

function splitMember(member: string): { label: string; value: string } {
  const dot = member.indexOf('.');
  return { label: member.slice(0, dot), value: member.slice(dot + 1) };
}
