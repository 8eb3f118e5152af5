// How much clients may ask for: the configuration's section `limits`.
import { z } from 'zod';

const limit = (perMinute: number, burst: number) =>
  z
    .strictObject({
      perMinute: z.number().int().min(0).max(1_000_000).default(perMinute),
      burst: z.number().int().min(1).max(1_000_000).default(burst),
    })
    .prefault({});

export const limitsSchema = z.strictObject({
  /** Requests without a session, from one source address, by their cost. The whole office may be behind one. */
  signIn: limit(3000, 6000),
  /** Credentials and consoles, for one person. */
  credentials: limit(300, 600),
  /** Full audit records of requests that were refused without a session: of each kind, from one address. The rest is counted. */
  refusalRecords: z.strictObject({ perMinute: z.number().int().min(1).max(1_000_000).default(1) }).prefault({}),
});
