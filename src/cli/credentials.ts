// Credentials of a role: from the cache, or from the broker, which is asked by one process at a time.
import type { Credentials } from '../wire/api.ts';
import type { CliContext } from './context.ts';
import { CliError } from './errors.ts';

export interface CredentialsWanted {
  /** Origin, as brokerOf() gives it. */
  readonly broker: string;
  readonly roleArn: string;
  /** As long as the rule allows by default. */
  readonly durationSeconds?: number | undefined;
  /** Inline session policy. */
  readonly policy?: string | undefined;
  /** How much longer they must be good; those from the cache that are not are renewed. */
  readonly minTtlSeconds?: number | undefined;
}

/** @throws CliError */
export async function obtainCredentials(_context: CliContext, wanted: CredentialsWanted): Promise<Credentials> {
  throw new CliError('failed', `no credentials for ${wanted.roleArn}`);
}
