// Signs with a key in AWS KMS, which never leaves it. The first signature loads the SDK's client: few deployments need it.
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { KMSClient } from '@aws-sdk/client-kms';
import { BrokerError } from '../errors.ts';
import type { Signer } from '../signer.ts';
import { clientOptions } from './client-options.ts';
import { toKmsError } from './kms-errors.ts';
import type { Signer as OwnIdentity } from './sts.ts';

export interface KmsKey {
  /** Id, ARN or alias. */
  readonly keyId: string;
  readonly region: string;
  /** Undefined: AWS's own. */
  readonly endpoint: string | undefined;
  readonly fips: boolean;
}

/** Of one signature with all attempts. */
const deadlineMs = 5000;

/** @param publicKey of the certificate that others know this key by: RSA */
export function createKmsSigner(key: KmsKey, publicKey: KeyObject, ownIdentity: OwnIdentity): Signer {
  let opened: Promise<{ sdk: Sdk; client: KMSClient }> | undefined;
  const call = async <T>(act: (opened: { sdk: Sdk; client: KMSClient }, bounds: Bounds) => Promise<T>): Promise<T> => {
    opened ??= openKms(key, ownIdentity).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    const kms = await opened;
    try {
      return await act(kms, { abortSignal: AbortSignal.timeout(deadlineMs) });
    } catch (error) {
      throw toKmsError(error, key);
    }
  };
  const otherKey = () =>
    new BrokerError('signing_refused', `AWS KMS: the key ${key.keyId} is not the key of the certificate beside it`);
  return {
    algorithm: 'RS256',
    publicKey,
    endpoint: key.endpoint,
    sign: async (bytes) => {
      const { Signature } = await call(({ sdk, client }, bounds) => {
        const [SigningAlgorithm, MessageType] = ['RSASSA_PKCS1_V1_5_SHA_256', 'DIGEST'] as const;
        const Message = createHash('sha256').update(bytes).digest();
        return client.send(new sdk.SignCommand({ KeyId: key.keyId, Message, MessageType, SigningAlgorithm }), bounds);
      });
      // An alias can be moved to another key while the broker runs.
      if (!Signature || !verify('sha256', bytes, publicKey, Signature)) throw otherKey();
      return Signature;
    },
    check: async () => {
      const { PublicKey } = await call(({ sdk, client }, bounds) =>
        client.send(new sdk.GetPublicKeyCommand({ KeyId: key.keyId }), bounds),
      );
      const there = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
      if (!spki(there).equals(spki(publicKey))) throw otherKey();
    },
  };
}

type Sdk = typeof import('@aws-sdk/client-kms');
type Bounds = { readonly abortSignal: AbortSignal };

async function openKms(key: KmsKey, ownIdentity: OwnIdentity) {
  const sdk = await import('@aws-sdk/client-kms');
  return { sdk, client: new sdk.KMSClient(clientOptions(key, ownIdentity)) };
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}
