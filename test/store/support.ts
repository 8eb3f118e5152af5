// What the tests of the stores over KeyValue share: a store that can be looked into as a thief of the database would.
import type { Clock } from '../../src/clock.ts';
import { systemRandom } from '../../src/random.ts';
import type { KeyValue } from '../../src/store/key-value.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { createSealer } from '../../src/store/sealing.ts';
import { createTestClock, type TestClock } from '../support/clock.ts';

/** What the stores over a database are made of, as one process has it. */
export function testStorage(keyValue: KeyValue, clock: Clock, secrets: readonly string[] = ['s'.repeat(32)]) {
  return { keyValue, sealer: createSealer(secrets, systemRandom), clock };
}

export interface Dumped {
  readonly clock: TestClock;
  readonly keyValue: KeyValue;
  /** Every key and value that was ever written and is still there. */
  readonly dump: () => Promise<[key: string, value: Buffer][]>;
  /** Writes a value as a thief with write access would. */
  readonly plant: (key: string, value: Buffer) => Promise<void>;
}

export function createDumpedStore(): Dumped {
  const clock = createTestClock();
  const inner = createMemoryStore(clock);
  const keys = new Set<string>();
  const indexKeys = new Set<string>();
  return {
    clock,
    keyValue: {
      ...inner,
      create: (key, value, ttlMs) => {
        keys.add(key);
        return inner.create(key, value, ttlMs);
      },
      write: (key, value, ttlMs) => {
        keys.add(key);
        return inner.write(key, value, ttlMs);
      },
      addToIndex: (key, ...args) => {
        indexKeys.add(key);
        return inner.addToIndex(key, ...args);
      },
    },
    dump: async () => {
      const found: [string, Buffer][] = [];
      for (const key of keys) {
        const value = await inner.read(key);
        if (value !== undefined) found.push([key, value]);
      }
      for (const key of indexKeys) {
        for (const member of await inner.readIndex(key)) found.push([key, Buffer.from(member)]);
      }
      return found;
    },
    plant: async (key, value) => {
      keys.add(key);
      await inner.remove(key);
      await inner.create(key, value, 3_600_000);
    },
  };
}

/** Whether the dump contains any of the texts, plain, in hex or in base64. */
export function leaks(dump: readonly [string, Buffer][], secrets: readonly string[]): string[] {
  const haystack = dump.flatMap(([key, value]) => [key, value.toString('latin1'), value.toString('hex')]).join('\n');
  return secrets.filter((secret) => {
    const bytes = Buffer.from(secret);
    return [secret, bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, '')].some((form) =>
      haystack.includes(form),
    );
  });
}
