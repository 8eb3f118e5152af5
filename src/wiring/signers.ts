// Asks, before the process serves, whether each key in AWS KMS is the one that others know by its certificate.
import type { Config } from '../config/config.ts';
import { BrokerError } from '../errors.ts';
import type { Logger } from '../log.ts';

/**
 * A KMS that does not answer stops no start: sign-ins go on, and every signature is verified before it goes out.
 * @throws Error if KMS refuses, or has another key
 */
export async function checkSigners({ aws, serviceProvider, audit }: Config, log: Logger): Promise<void> {
  const signers = {
    'aws.signing': aws.signing.signer,
    'serviceProvider.signing': serviceProvider.signing?.signer,
    'audit.signing': audit.signing?.signer,
  };
  await Promise.all(
    Object.entries(signers).map(async ([path, signer]) => {
      try {
        await signer?.check();
      } catch (error) {
        const { message } = error as Error;
        if (!(error instanceof BrokerError) || error.code !== 'signing_unavailable') {
          throw new Error(`${path}: ${message}`, { cause: error });
        }
        log.error(
          { setting: path, detail: message },
          'the key cannot be checked: nothing is signed until AWS KMS answers',
        );
      }
    }),
  );
}
