// Finds records by what they are about. Names and labels are MACs, so a reader of the database cannot even confirm a guess;
// each member carries one too, so a writer cannot add or change any.
import type { KeyValue } from './key-value.ts';
import type { Mac, Sealer } from './sealing.ts';

export interface HashedIndex {
  /** @param value is kept as it is, without a dot in it: it has to be a hash, or to say nothing */
  add(subject: string, entry: { readonly label: string; readonly value: string }, ttlMs: number): Promise<void>;
  /** The entries under a subject with one of these labels; undefined: with any. */
  find(subject: string, labels: readonly string[] | undefined): Promise<IndexEntry[]>;
  remove(entry: IndexEntry): Promise<void>;
}

export interface IndexEntry {
  readonly value: string;
  readonly key: string;
  readonly member: string;
}

/** Characters of MACs: with a handle a member has 64 bytes, up to which Redis packs a sorted set. */
const memberMacLength = 12;
const labelLength = 8;

/** Under the newest secret it writes, under every one it finds. */
export function createHashedIndex(type: string, keyValue: KeyValue, { macs }: Sealer): HashedIndex {
  const indexes = macs.map((mac) => createIndexNames(type, mac));
  const search = async (names: IndexNames, subject: string, labels: readonly string[] | undefined) => {
    const key = names.keyOf(subject);
    const wanted = labels && new Set(labels.map((label) => names.labelOf(key, label)));
    return (await keyValue.readIndex(key)).flatMap((member) => {
      const [value = '', tag = ''] = member.split('.');
      const label = tag.slice(memberMacLength);
      const isWanted = wanted?.has(label) ?? true;
      return isWanted && member === names.memberOf(key, label, value) ? [{ key, member, value }] : [];
    });
  };
  return {
    add: async (subject, { label, value }, ttlMs) => {
      const { keyOf, labelOf, memberOf } = indexes[0]!;
      const key = keyOf(subject);
      await keyValue.addToIndex(key, memberOf(key, labelOf(key, label), value), ttlMs);
    },
    find: async (subject, labels) => (await Promise.all(indexes.map((names) => search(names, subject, labels)))).flat(),
    remove: ({ key, member }) => keyValue.removeFromIndex(key, member),
  };
}

interface IndexNames {
  readonly keyOf: (subject: string) => string;
  /** Bound to its index: the same label elsewhere does not show as the same. */
  readonly labelOf: (key: string, label: string) => string;
  readonly memberOf: (key: string, hashedLabel: string, value: string) => string;
}

function createIndexNames(type: string, mac: Mac): IndexNames {
  return {
    keyOf: (subject) => `${type}:${mac('index', [type, subject])}`,
    labelOf: (key, label) => mac('index label', [key, label]).slice(0, labelLength),
    memberOf: (key, label, value) =>
      `${value}.${mac('index member', [key, label, value]).slice(0, memberMacLength)}${label}`,
  };
}
