// Reads secrets of AWS Secrets Manager and parameters of Systems Manager, decrypted. The first of each loads its client.
import { clientOptions } from '../client-options.ts';
import type { Signer } from '../sts.ts';
import { storedValueError } from './stored-value-errors.ts';
import { within } from './within.ts';

export interface StoredValue {
  readonly service: 'secretsmanager' | 'ssm';
  /** Name or ARN. */
  readonly id: string;
  readonly region: string;
  /** Of a secret: its staging label. */
  readonly stage: string | undefined;
}

export interface StoredValuePlace {
  /** Undefined: AWS's own. */
  readonly endpoints: { readonly [Service in StoredValue['service']]: string | undefined };
  readonly fips: boolean;
  readonly ownIdentity: Signer;
}

/** Of one value with all attempts, the broker's own identity included. */
const deadlineMs = 10_000;

/** @throws Error that says why, and never what AWS answered in place of the value */
export async function readStoredValue(value: StoredValue, place: StoredValuePlace): Promise<string> {
  const { service, id, region, stage } = value;
  const { endpoints, fips, ownIdentity } = place;
  const options = clientOptions({ region, endpoint: endpoints[service], fips }, ownIdentity);
  let text: string | undefined;
  try {
    text = await within(deadlineMs, async (abortSignal) => {
      if (service === 'ssm') {
        const { SSMClient, GetParameterCommand } = await import('@aws-sdk/client-ssm');
        const command = new GetParameterCommand({ Name: id, WithDecryption: true });
        return (await new SSMClient(options).send(command, { abortSignal })).Parameter?.Value;
      }
      const { SecretsManagerClient, GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
      const command = new GetSecretValueCommand({ SecretId: id, VersionStage: stage });
      return (await new SecretsManagerClient(options).send(command, { abortSignal })).SecretString;
    });
  } catch (error) {
    throw storedValueError(error, value);
  } finally {
    options.requestHandler.destroy();
  }
  if (text === undefined) throw new Error('the secret is binary: store it as text (SecretString)');
  if (text === '') throw new Error('is empty');
  return text;
}
