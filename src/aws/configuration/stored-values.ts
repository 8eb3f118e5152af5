// Reads secrets of AWS Secrets Manager and parameters of Systems Manager, decrypted. The first of each loads its client.
import { clientOptions } from '../client-options.ts';
import type { Signer } from '../sts.ts';
import { refusalOf } from './refusals.ts';
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
    throw refusalOf(error, reasonsFor(value), region);
  } finally {
    options.requestHandler.destroy();
  }
  if (text === undefined) throw new Error('the secret is binary: store it as text (SecretString)');
  if (text === '') throw new Error('is empty');
  return text;
}

const permissions = { secretsmanager: 'secretsmanager:GetSecretValue', ssm: 'ssm:GetParameter' } as const;

/** By the name of the exception (API references: GetSecretValue, GetParameter). */
function reasonsFor({ service, region, stage }: StoredValue): Readonly<Record<string, string>> {
  const undecryptable = 'AWS cannot decrypt it: check its KMS key';
  return {
    AccessDeniedException: `the broker's AWS identity may not read it: allow it ${permissions[service]}, and kms:Decrypt where a key of yours encrypts it`,
    ResourceNotFoundException: `the secret does not exist in ${region}${stage === undefined ? '' : ` with the stage ${stage}`}`,
    ParameterNotFound: `the parameter does not exist in ${region}`,
    ParameterVersionNotFound: 'the parameter has no such version',
    InvalidRequestException: 'the secret is marked for deletion, or has no value yet',
    DecryptionFailure: undecryptable,
    InvalidKeyId: undecryptable,
  };
}
