// The databases of the estate that let IAM decide who connects.
import type { EstateIndex } from '../estate.ts';

/** A database instance or cluster with IAM authentication. */
export interface EmulatedDatabase {
  /** `db-…` or `cluster-…`: policies name a database by it. */
  readonly resourceId: string;
  /** `NAME.ID.REGION.rds.amazonaws.com`. */
  readonly hostname: string;
  readonly port: number;
}

/** A database in its account. */
interface DatabaseRecord extends EmulatedDatabase {
  readonly accountId: string;
}

/** @param host name and port, as a Host header has them */
export function findDatabase({ accounts }: EstateIndex, host: string): DatabaseRecord | undefined {
  for (const { id: accountId, databases = [] } of accounts.values()) {
    const found = databases.find(({ hostname, port }) => `${hostname}:${port}` === host);
    if (found !== undefined) return { ...found, accountId };
  }
  return undefined;
}
