// What lies in the buckets: given by the estate, changed by PutObject, and listed in the order of S3.
import { createHash } from 'node:crypto';
import type { EstateIndex } from '../estate.ts';

/** A bucket of an account. */
export interface EmulatedBucket {
  readonly name: string;
  /** Default us-east-1. */
  readonly region?: string;
  /** Key to text. */
  readonly objects?: Readonly<Record<string, string>>;
}

/** An object as it is kept. */
export interface StoredObject {
  readonly body: Buffer;
  readonly contentType: string;
  readonly etag: string;
  readonly modifiedAt: Date;
}

/** A bucket with its owner and what lies in it. */
export interface BucketRecord {
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  readonly objects: Map<string, StoredObject>;
}

/** The buckets of the estate; what was put survives a new estate that still has the bucket. */
export interface Buckets {
  find(name: string): BucketRecord | undefined;
}

export function createBuckets(estate: () => EstateIndex, now: () => Date): Buckets {
  const known = new Map<string, BucketRecord>();
  return {
    find(name) {
      for (const { id, buckets = [] } of estate().accounts.values()) {
        const bucket = buckets.find((candidate) => candidate.name === name);
        if (bucket === undefined) continue;
        const record = known.get(name) ?? toRecord(id, bucket, now());
        known.set(name, record);
        return record;
      }
      return undefined;
    },
  };
}

function toRecord(accountId: string, { name, region = 'us-east-1', objects = {} }: EmulatedBucket, at: Date) {
  const stored = Object.entries(objects).map(
    ([key, text]) => [key, toStored(Buffer.from(text), 'text/plain', at)] as const,
  );
  return { name, accountId, region, objects: new Map(stored) };
}

/** The ETag of an object that was put in one piece is its MD5. */
export function toStored(body: Buffer, contentType: string, modifiedAt: Date): StoredObject {
  return { body, contentType, etag: `"${createHash('md5').update(body).digest('hex')}"`, modifiedAt };
}

/** What a listing asks for. */
export interface ListQuery {
  readonly prefix: string;
  readonly delimiter: string;
  readonly after: string;
  readonly maxKeys: number;
}

/** One page of a listing: keys and common prefixes together count as entries. */
export interface Listing {
  readonly keys: readonly string[];
  readonly commonPrefixes: readonly string[];
  /** Of the last entry, if there is more. */
  readonly next: string | undefined;
}

/** Lists in the order of UTF-8 bytes. */
export function listKeys(bucket: BucketRecord, { prefix, delimiter, after, maxKeys }: ListQuery): Listing {
  const entries = new Map<string, 'key' | 'prefix'>();
  const all = [...bucket.objects.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const key of all.filter((candidate) => candidate.startsWith(prefix))) {
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const entry = cut < 0 ? key : key.slice(0, cut + delimiter.length);
    const isBefore = Buffer.compare(Buffer.from(entry), Buffer.from(after)) <= 0;
    if (after === '' || !isBefore) entries.set(entry, cut < 0 ? 'key' : 'prefix');
  }
  const page = [...entries].slice(0, maxKeys);
  const of = (wanted: 'key' | 'prefix') => page.filter(([, kind]) => kind === wanted).map(([entry]) => entry);
  const next = entries.size > page.length ? page.at(-1)?.[0] : undefined;
  return { keys: of('key'), commonPrefixes: of('prefix'), next };
}
