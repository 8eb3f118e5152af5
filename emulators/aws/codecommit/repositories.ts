// The CodeCommit repositories of the estate, as far as git's first request sees them: names and the newest commit.
import type { EstateIndex } from '../estate.ts';

/** A repository of an account. */
export interface EmulatedRepository {
  readonly name: string;
  readonly region: string;
  /** Object id of the newest commit of the branch main: 40 hex digits. */
  readonly head: string;
}

/** CodeCommit looks for a name in the caller's own account. */
export function findRepository(
  { accounts }: EstateIndex,
  { accountId, region, name }: { accountId: string; region: string; name: string },
): EmulatedRepository | undefined {
  return accounts.get(accountId)?.repositories?.find((one) => one.name === name && one.region === region);
}
