// What STS refuses, as our codes, each with the likely cause and the fix in the private text.
// Texts of AWS carry suffixes that change: they are matched by how they begin.
import { BrokerError, type ErrorCode } from '../errors.ts';

interface Cause {
  readonly code: ErrorCode;
  readonly fix: string;
}

interface Row extends Cause {
  readonly aws: string;
  readonly begins?: string;
}

const rows: readonly Row[] = [
  {
    aws: 'InvalidIdentityToken',
    begins: "Specified provider doesn't exist",
    code: 'sts_identity_rejected',
    fix: 'create the IAM SAML provider in this account under the configured name, in the same partition',
  },
  {
    aws: 'InvalidIdentityToken',
    begins: 'Issuer not present',
    code: 'sts_identity_rejected',
    fix: 'aws.issuer differs from the entityID that was uploaded to IAM: upload /aws/saml-metadata.xml again',
  },
  {
    aws: 'InvalidIdentityToken',
    begins: 'Response signature invalid',
    code: 'sts_identity_rejected',
    fix: 'the minting key is not in the metadata that IAM has: upload /aws/saml-metadata.xml again',
  },
  {
    aws: 'InvalidIdentityToken',
    begins: 'Response does not contain the required audience',
    code: 'sts_identity_rejected',
    fix: 'check aws.partition: the audience belongs to another partition',
  },
  { aws: 'InvalidIdentityToken', code: 'sts_identity_rejected', fix: 'compare the message with the broker metadata' },
  {
    aws: 'ExpiredTokenException',
    code: 'sts_assertion_expired',
    fix: 'the clock of the broker is wrong, or the call took minutes: check NTP',
  },
  {
    aws: 'AccessDenied',
    code: 'sts_access_denied',
    fix:
      'the role does not exist (names are case-sensitive), or its trust policy does not allow this provider, SAML:aud, ' +
      'sts:SetSourceIdentity or the source address; an organisation guardrail on aws:PrincipalOrgID refuses every SAML sign-in',
  },
  { aws: 'IDPRejectedClaim', code: 'sts_identity_rejected', fix: 'AWS read a refusal out of the assertion' },
  {
    aws: 'ValidationError',
    begins: 'The requested DurationSeconds exceeds',
    code: 'sts_duration',
    fix: "lower the rule's maxDuration or raise the role's MaxSessionDuration",
  },
  {
    aws: 'ValidationError',
    begins: 'Request ARN is invalid',
    code: 'sts_refused',
    fix: 'the role ARN is not one: check role and account in the rule',
  },
  { aws: 'MalformedPolicyDocument', code: 'sts_session_policy', fix: 'the session policy is not an IAM policy' },
  { aws: 'PackedPolicyTooLarge', code: 'sts_session_policy', fix: 'shorten the session policy or the session tags' },
  {
    aws: 'RegionDisabledException',
    code: 'sts_region_disabled',
    fix: 'activate STS for this region in the account, or set another region on the account',
  },
  { aws: 'Throttling', code: 'sts_throttled', fix: 'the account and region are above 600 STS requests a second' },
  {
    aws: 'ThrottlingException',
    code: 'sts_throttled',
    fix: 'the account and region are above 600 STS requests a second',
  },
  { aws: 'IDPCommunicationError', code: 'sts_unavailable', fix: 'STS could not reach the identity provider' },
];

/** Any error of the SDK as a BrokerError. */
export function toStsError(error: unknown): BrokerError {
  const { awsCode, message, requestId, status } = factsOf(error);
  const { code, fix } = causeOf(awsCode, message, status);
  return new BrokerError(code, `STS ${awsCode}: ${message.slice(0, 300)}; ${fix}`, {
    details: { awsCode, ...(requestId ? { awsRequestId: requestId } : {}) },
  });
}

function factsOf(error: unknown) {
  const facts = error as {
    Code?: string;
    name?: string;
    message?: string;
    $metadata?: { requestId?: string; httpStatusCode?: number };
  };
  return {
    awsCode: facts.Code ?? facts.name ?? 'Unknown',
    message: facts.message ?? '',
    requestId: facts.$metadata?.requestId,
    status: facts.$metadata?.httpStatusCode,
  };
}

function causeOf(awsCode: string, message: string, status: number | undefined): Cause {
  const row = rows.find((r) => r.aws === awsCode && (r.begins === undefined || message.startsWith(r.begins)));
  if (row) return row;
  // Without an HTTP answer it was the network: refused, reset, or too slow.
  if (status === undefined || status >= 500)
    return { code: 'sts_unavailable', fix: 'check the way to the STS endpoint' };
  return { code: 'sts_refused', fix: 'STS refused the call for a reason we do not know' };
}
