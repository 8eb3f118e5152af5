// The last good copy of each identity provider's metadata, shared by all processes through the store: a process that starts
// while the identity provider is down goes on with it, and what one has fetched the others learn.
import { z } from 'zod';
import type { SharedRecords } from '../../store/shared-records.ts';

export interface MetadataCopy {
  /** As fetched: a process that loads the copy validates it again, with its current configuration and time. */
  readonly xml: string;
  readonly fetchedAt: number;
}

export interface MetadataCopies {
  /** The copy of what this identity provider's address said. */
  read(idp: string, url: string): Promise<MetadataCopy | undefined>;
  keep(idp: string, url: string, copy: MetadataCopy): Promise<void>;
}

/** Ignore copies older than this: a running broker would have refreshed them. */
const keepMs = 30 * 86_400_000;

const copyShape = z.object({ xml: z.string(), fetchedAt: z.number() });

export function createMetadataCopies(records: SharedRecords, now: () => Date): MetadataCopies {
  // The address is part of the name: after a change of the configuration the old place's word counts for nothing.
  const nameOf = (idp: string, url: string) => `${idp}\0${url}`;
  return {
    read: async (idp, url) => {
      const copy = await records.read(nameOf(idp, url), copyShape);
      // An attacker who can write to the store can restore an old record, with keys that have been withdrawn since.
      return copy && now().getTime() - copy.fetchedAt <= keepMs ? copy : undefined;
    },
    keep: (idp, url, copy) => records.write(nameOf(idp, url), copy, keepMs),
  };
}
