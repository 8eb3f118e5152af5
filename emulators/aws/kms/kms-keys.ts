// Asymmetric keys of AWS KMS, and how a call names one.
import { AwsError } from '../errors.ts';
import type { World } from '../world.ts';

/** An RSA key with the usage SIGN_VERIFY. */
export interface EmulatedKmsKey {
  /** A UUID. */
  readonly keyId: string;
  /** Without `alias/`. */
  readonly alias?: string;
  /** PEM. */
  readonly privateKey: string;
  readonly state?: 'Enabled' | 'Disabled' | 'PendingDeletion';
}

export interface KmsKeyRecord extends EmulatedKmsKey {
  readonly arn: string;
}

/** An id and an alias name a key of the caller's account, an ARN also one of another. @throws AwsError NotFoundException */
export function findKmsKey(world: World, named: string, caller: { accountId: string; region: string }): KmsKeyRecord {
  const { partition, accounts } = world.estate();
  const arnOf = (accountId: string, resource: string) =>
    `arn:${partition}:kms:${caller.region}:${accountId}:${resource}`;
  const wanted = named.startsWith('arn:')
    ? named
    : arnOf(caller.accountId, named.startsWith('alias/') ? named : `key/${named}`);
  for (const { id, kmsKeys = [] } of accounts.values()) {
    for (const key of kmsKeys) {
      const arn = arnOf(id, `key/${key.keyId}`);
      if (wanted === arn || (key.alias !== undefined && wanted === arnOf(id, `alias/${key.alias}`)))
        return { ...key, arn };
    }
  }
  const what = wanted.includes(':alias/') ? 'Alias' : 'Key';
  throw new AwsError(400, 'NotFoundException', `${what} '${wanted}' does not exist`);
}
