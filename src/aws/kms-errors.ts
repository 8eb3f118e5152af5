// What AWS KMS says when it does not sign: whether it is an outage, and what an administrator has to change.
import { BrokerError } from '../errors.ts';

/** By the name of the exception (API reference of AWS KMS, Sign and GetPublicKey). */
const refusals: Readonly<Record<string, string>> = {
  AccessDeniedException: "the broker's AWS identity may not use the key: allow it kms:Sign and kms:GetPublicKey",
  NotFoundException: 'the key does not exist in this account and region: check keyId and region',
  DisabledException: 'the key is disabled: enable it, or configure another one',
  KMSInvalidStateException: 'the key cannot be used in its state: it waits for its deletion or for key material',
  InvalidKeyUsageException: 'the key is not for this signature: it needs the usage SIGN_VERIFY and a key spec of RSA',
  InvalidArnException: 'keyId is neither the id, the ARN nor the alias of a key',
  ValidationException: 'keyId is neither the id, the ARN nor the alias of a key',
  UnrecognizedClientException: "AWS does not know the access key of the broker's identity",
  InvalidSignatureException: "the broker's clock is off, or the secret key of its identity is wrong",
  ExpiredTokenException: "the session of the broker's AWS identity has expired",
  IncompleteSignatureException: 'the request was changed on its way: check the proxy before the endpoint',
};
const throttled = 'too many signatures: compare with the quota of RSA requests in this account and region';
const outages: Readonly<Record<string, string>> = {
  ThrottlingException: throttled,
  LimitExceededException: throttled,
  DependencyTimeoutException: 'KMS has trouble',
  KMSInternalException: 'KMS has trouble',
  KeyUnavailableException: 'the key is not available at the moment',
};

/** @param thrown of the SDK, or of the broker's own identity */
export function toKmsError(
  thrown: unknown,
  { keyId, region }: { readonly keyId: string; readonly region: string },
): BrokerError {
  const { name = 'Error', message = '' } = thrown as { name?: string; message?: string };
  const fail = (code: 'signing_unavailable' | 'signing_refused', what: string) =>
    new BrokerError(code, `AWS KMS, key ${keyId} in ${region}: ${what} (${name}: ${message.slice(0, 300)})`, {
      details: { awsCode: name },
      cause: thrown,
    });
  if (thrown instanceof BrokerError) {
    const isOutage = ['sts_unavailable', 'sts_throttled', 'sts_region_disabled'].includes(thrown.code);
    return fail(isOutage ? 'signing_unavailable' : 'signing_refused', 'the broker has no AWS identity to ask with');
  }
  if (Object.hasOwn(outages, name)) return fail('signing_unavailable', outages[name]!);
  if (Object.hasOwn(refusals, name)) return fail('signing_refused', refusals[name]!);
  const status = (thrown as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  if (status !== undefined && status < 500) return fail('signing_refused', 'KMS refused for a reason we do not know');
  return fail('signing_unavailable', 'KMS does not answer: check the way to its endpoint');
}
