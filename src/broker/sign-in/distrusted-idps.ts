// Identity providers with which our verifier and the reference verifier once disagreed: all processes check each of their
// responses with both, until an operator resets them.
import { z } from 'zod';
import type { SharedRecords } from '../../store/shared-records.ts';

/** Every method throws BrokerError store_unavailable. */
export interface DistrustedIdps {
  list(): Promise<readonly string[]>;
  add(idp: string): Promise<void>;
  /** @returns whether it was in the list */
  remove(idp: string): Promise<boolean>;
}

const name = 'distrusted';
/** Long enough for any operator to see it; every addition starts it again. */
const keepMs = 400 * 86_400_000;

export function createDistrustedIdps(records: SharedRecords): DistrustedIdps {
  const list = async () => (await records.read(name, z.array(z.string()))) ?? [];
  return {
    list,
    add: async (idp) => records.write(name, [...new Set([...(await list()), idp])], keepMs),
    remove: async (idp) => {
      const before = await list();
      await records.write(
        name,
        before.filter((each) => each !== idp),
        keepMs,
      );
      return before.includes(idp);
    },
  };
}
