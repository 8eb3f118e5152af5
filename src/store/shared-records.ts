// Records without a bearer: what the processes of one broker share among themselves, each found by its name.
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { KeyValue } from './key-value.ts';
import type { RecordName, Sealer } from './sealing.ts';

export interface SharedRecords {
  /** The value of that name; undefined if none of this shape was sealed by this broker. */
  read<T>(name: string, shape: z.ZodType<T>): Promise<T | undefined>;
  /** For a name that was just generated: one operation, begun at once. */
  create(name: string, value: unknown, ttlMs: number): Promise<void>;
  /** Overwrites the value of that name: one operation, begun at once. */
  write(name: string, value: unknown, ttlMs: number): Promise<void>;
}

const recordShape = z.object({ value: z.unknown(), writtenAt: z.number(), until: z.number() });
type SharedRecord = z.output<typeof recordShape>;

/** Each secret has its own keys: without one, the database does not even show whether there is a record of a name. */
export function createSharedRecords(
  type: string,
  { keyValue, sealer, clock }: { keyValue: KeyValue; sealer: Sealer; clock: Clock },
): SharedRecords {
  const recordNames = (name: string) =>
    sealer.macs.map((mac): RecordName => ({ type, key: `${type}:${mac('record', [type, name])}`, owner: name }));
  const put = (record: RecordName, value: SharedRecord) =>
    keyValue.write(record.key, sealer.seal(value, record), value.until - clock.now().getTime());
  const readOne = async (record: RecordName) => {
    const sealed = await keyValue.read(record.key);
    const found = sealed && sealer.open(recordShape, sealed, record);
    return found && found.until > clock.now().getTime() ? found : undefined;
  };
  return {
    read: async (name, shape) => {
      const names = recordNames(name);
      const [own, ...others] = await Promise.all(names.map(readOne));
      // While secrets are replaced, processes write under different ones: the last written counts.
      const newest = others.reduce((a, b) => (b && b.writtenAt > (a?.writtenAt ?? 0) ? b : a), own);
      // Under the newest secret as well, for the time when the others are gone.
      if (newest && newest !== own) await put(names[0]!, newest);
      return newest && shape.safeParse(newest.value).data;
    },
    create: async (name, value, ttlMs) => {
      const record = recordNames(name)[0]!;
      const now = clock.now().getTime();
      await keyValue.create(record.key, sealer.seal({ value, writtenAt: now, until: now + ttlMs }, record), ttlMs);
    },
    write: (name, value, ttlMs) => {
      const now = clock.now().getTime();
      return put(recordNames(name)[0]!, { value, writtenAt: now, until: now + ttlMs });
    },
  };
}
