// What Secrets Manager and Systems Manager say when they give no value, and what an administrator has to change.
import { BrokerError } from '../../errors.ts';
import type { StoredValue } from './stored-values.ts';

const permissions = { secretsmanager: 'secretsmanager:GetSecretValue', ssm: 'ssm:GetParameter' } as const;

/** By the name of the exception (API references: GetSecretValue, GetParameter). */
const reasons: Readonly<Record<string, (value: StoredValue) => string>> = {
  AccessDeniedException: ({ service }) =>
    `the broker's AWS identity may not read it: allow it ${permissions[service]}, and kms:Decrypt where a key of yours encrypts it`,
  ResourceNotFoundException: ({ region, stage }) =>
    stage === undefined ? `there is no such secret in ${region}` : `there is no such secret with ${stage} in ${region}`,
  ParameterNotFound: ({ region }) => `there is no such parameter in ${region}`,
  ParameterVersionNotFound: () => 'the parameter has no such version',
  InvalidRequestException: () => 'the secret is marked for deletion, or has no value yet',
  DecryptionFailure: () => 'AWS cannot decrypt it: check its KMS key',
  InvalidKeyId: () => 'AWS cannot decrypt it: check its KMS key',
  UnrecognizedClientException: () => "AWS does not know the access key of the broker's identity",
  InvalidSignatureException: () => "the broker's clock is off, or the secret key of its identity is wrong",
  ExpiredTokenException: () => "the session of the broker's AWS identity has expired",
  ThrottlingException: () => 'AWS throttles: try again',
  TimeoutError: ({ region }) => `does not answer: check the way to its endpoint in ${region}`,
};

/** @param thrown of the SDK, or of the broker's own identity. Its messages hold no values: AWS answers with an error or a value */
export function storedValueError(thrown: unknown, value: StoredValue): Error {
  const { name = 'Error', message = '' } = thrown as { name?: string; message?: string };
  if (thrown instanceof BrokerError) return new Error(`the broker has no AWS identity to ask with (${message})`);
  const status = (thrown as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  const unknown = status === undefined ? reasons['TimeoutError']! : () => `AWS answered ${status}`;
  const explain = Object.hasOwn(reasons, name) ? reasons[name]! : unknown;
  return new Error(`${explain(value)} (${name}: ${message.slice(0, 300)})`, { cause: thrown });
}
