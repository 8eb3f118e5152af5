// Where the processes of one broker tell each other the heads of their audit chains: sealed, in the shared store.
import { z } from 'zod';
import type { ChainHeads } from '../audit/chain/chain-keeper.ts';
import type { HashedIndex } from '../store/hashed-index.ts';
import type { SharedRecords } from '../store/shared-records.ts';

/** Long enough for every process that runs to have written it down. */
const ttlMs = 2 * 86_400_000;
const subject = 'chains';
const headShape = z.object({ chain: z.string(), audit: z.number(), hash: z.string() });

export function createChainHeads(records: SharedRecords, index: HashedIndex): ChainHeads {
  return {
    publish: async (head) => {
      await index.add(subject, { label: head.chain, value: head.chain }, ttlMs);
      await records.write(head.chain, head, ttlMs);
    },
    read: async () => {
      const chains = new Set((await index.find(subject, undefined)).map(({ value }) => value));
      const heads = await Promise.all([...chains].map((chain) => records.read(chain, headShape)));
      return heads.filter((head) => head !== undefined);
    },
  };
}
