// The port between what we keep and where: memory or Redis. No operation needs two keys in one place, so a cluster needs no
// hash tags. Each operation on one key is atomic, and throws BrokerError store_unavailable when the store does not answer.

export interface NewValue {
  readonly key: string;
  readonly value: Buffer;
  readonly ttlMs: number;
}

/** Each begins its operations before it awaits anything. */
export type Steps<T extends readonly unknown[]> = { readonly [K in keyof T]: () => Promise<T[K]> };

export interface KeyValue {
  read(key: string): Promise<Buffer | undefined>;
  /** Writes whether or not the key exists. */
  write(key: string, value: Buffer, ttlMs: number): Promise<void>;
  /** Writes only if the key does not exist. @returns whether it did */
  create(key: string, value: Buffer, ttlMs: number): Promise<boolean>;
  /** Writes only over an existing key: what was destroyed stays destroyed. @returns whether it did */
  replace(key: string, value: Buffer, ttlMs: number): Promise<boolean>;
  /** Writes only over exactly these bytes, and leaves the end of life as it is: of many concurrent callers one wins. */
  swap(key: string, expected: Buffer, value: Buffer): Promise<boolean>;
  /** Reads and removes in one step: of many concurrent callers one gets the value. */
  take(key: string): Promise<Buffer | undefined>;
  /**
   * Creates one key and then, only if it did, takes another. One trip where one server holds all keys; with a Cluster two, in
   * this order.
   */
  createThenTake(created: NewValue, takenKey: string): Promise<{ isCreated: boolean; taken: Buffer | undefined }>;
  /**
   * Takes these steps in this order. Where one server holds all keys they go out in one trip, and a step that fails does not
   * keep the later ones from being taken.
   */
  inOrder<T extends readonly unknown[]>(steps: readonly [...Steps<T>]): Promise<T>;
  /** Counts one more, or several. The count ends this long after its first. @returns how many there are now */
  count(key: string, ttlMs: number, by?: number): Promise<number>;
  /** Moves the end of life of an existing key; nothing if it is gone. */
  touch(key: string, ttlMs: number): Promise<void>;
  remove(key: string): Promise<void>;
  /** The keys that begin so, those of indexes among them, in batches; one may come twice. */
  scan(prefix: string): AsyncIterable<readonly string[]>;
  /**
   * Adds to the set under this key, or moves the member's end. Each member ends by itself, the set with its last one.
   * @param most members to keep: of more, those that end first are dropped
   */
  addToIndex(key: string, member: string, ttlMs: number, most?: number): Promise<void>;
  /** The members that have not ended; who ends first comes first, unless its end was moved. */
  readIndex(key: string): Promise<string[]>;
  removeFromIndex(key: string, member: string): Promise<void>;
  /** Throws unless reads and writes work. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** The steps of `inOrder`, one after the other. */
export async function oneByOne<T extends readonly unknown[]>(steps: readonly [...Steps<T>]): Promise<T> {
  const results: unknown[] = [];
  for (const step of steps as readonly (() => Promise<unknown>)[]) results.push(await step());
  return results as unknown as T;
}
