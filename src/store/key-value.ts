// The port between what we keep and where: memory or Redis. Single-key operations only, so a cluster needs no hash tags.
// Each implementation is atomic per operation and throws BrokerError store_unavailable when it cannot answer.

export interface KeyValue {
  read(key: string): Promise<Buffer | undefined>;
  /** Writes only if the key does not exist. @returns whether it did */
  create(key: string, value: Buffer, ttlMs: number): Promise<boolean>;
  /** Writes only over an existing key: what was destroyed stays destroyed. @returns whether it did */
  replace(key: string, value: Buffer, ttlMs: number): Promise<boolean>;
  /** Writes only over exactly these bytes, and leaves the end of life as it is: of many concurrent callers one wins. */
  swap(key: string, expected: Buffer, value: Buffer): Promise<boolean>;
  /** Reads and removes in one step: of many concurrent callers one gets the value. */
  take(key: string): Promise<Buffer | undefined>;
  /** Moves the end of life of an existing key; nothing if it is gone. */
  touch(key: string, ttlMs: number): Promise<void>;
  remove(key: string): Promise<void>;
  /** Adds to the set under this key, or moves the member's end. Each member ends by itself, the set with its last one. */
  addToIndex(key: string, member: string, ttlMs: number): Promise<void>;
  /** The members that have not ended, in no order. */
  readIndex(key: string): Promise<string[]>;
  removeFromIndex(key: string, member: string): Promise<void>;
  /** Adds to the counter under this key; the first addition sets its end of life. @returns the new total */
  count(key: string, by: number, ttlMs: number): Promise<number>;
  /** Throws unless reads and writes work. */
  check(): Promise<void>;
  close(): Promise<void>;
}
