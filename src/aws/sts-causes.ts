// What STS answers when it refuses, each with the likely cause and the fix. AWS's texts carry suffixes that change, so they
// are matched by a part.
import { BrokerError, type ErrorCode } from '../errors.ts';

interface StsCause {
  readonly code: ErrorCode;
  /** For the log, the audit record and administrators. */
  readonly fix: string;
  /** The limit is that of role chaining, not of the role. */
  readonly isChaining?: true;
}

interface Row {
  readonly code: ErrorCode;
  /** By text; the first that fits counts. */
  readonly texts?: readonly (readonly [RegExp, string])[];
  readonly otherwise: string;
}

const uploadAgain = 'upload /aws/saml-metadata.xml to the account again';
const guardrail =
  'An organisation guardrail (SCP, RCP or VPC endpoint policy) that asks for aws:PrincipalOrgID refuses every unsigned call.';
const tooMany = 'the account and region are above 600 STS requests a second: wait, or spread accounts over regions';

const clockIsOff = 'the clock of the broker is more than five minutes off: check NTP';

/** By AWS's code. */
const rows: Readonly<Record<string, Row>> = {
  InvalidIdentityToken: {
    code: 'sts_identity_rejected',
    texts: [
      [
        /^Specified provider doesn't exist/,
        'create the IAM SAML provider in this account under the configured name, in the same partition',
      ],
      [/^Issuer not present/, `aws.issuer differs from the entityID that was uploaded to IAM: ${uploadAgain}`],
      [
        /^Invalid base64 SAMLResponse/,
        'AWS could not read the response: something between the broker and STS changes it, such as a proxy',
      ],
      [/^Response signature invalid/, `the minting key is not in the metadata that IAM has: ${uploadAgain}`],
      [/required audience/, 'check aws.partition: the audience belongs to another partition'],
      [
        /^RoleSessionName/,
        'the assertion has no RoleSessionName that AWS takes: check the claim that the identity provider sends',
      ],
      [
        /^Source Identity/i,
        'AWS does not take this SourceIdentity: set sourceIdentity: false on the rule, or correct the claim',
      ],
      [
        /^No OpenIDConnect provider found/,
        'create the IAM OIDC provider in this account with the issuer URL of the broker, letter for letter',
      ],
      [/^Incorrect token audience/, 'add the audience of the token to the client ids of the IAM OIDC provider'],
      [
        /retrieve verification key/,
        'AWS cannot read the keys of the issuer: its discovery and JWKS must be reachable from the internet over https',
      ],
    ],
    otherwise: 'compare the message with the broker metadata',
  },
  ExpiredTokenException: {
    code: 'sts_assertion_expired',
    texts: [
      [
        /redeemed within 5 minutes/,
        'the assertion was more than five minutes old: the clock of the broker is behind, or the call took minutes',
      ],
    ],
    otherwise: 'the clock of the broker is wrong, or what the identity provider issues lives too short: check NTP',
  },
  IDPRejectedClaim: { code: 'sts_identity_rejected', otherwise: 'AWS read a refusal out of the assertion' },
  IDPCommunicationError: { code: 'sts_unavailable', otherwise: 'STS could not reach the identity provider' },
  AccessDenied: {
    code: 'sts_access_denied',
    texts: [
      [
        /Not authorized to perform sts:AssumeRoleWithSAML/,
        'the role does not exist (names are case-sensitive), or its trust policy does not allow this provider, SAML:aud, ' +
          `sts:SetSourceIdentity, sts:TagSession (for session tags) or the source address. ${guardrail}`,
      ],
      [
        /Not authorized to perform sts:AssumeRoleWithWebIdentity/,
        'the role does not exist, or its trust policy does not name the OIDC provider with the aud and sub of the token, ' +
          `sts:SetSourceIdentity or sts:TagSession. ${guardrail}`,
      ],
      [
        /perform: sts:TagSession/,
        'allow sts:TagSession, in the trust policy of the role and to the identity of the broker, or take sessionTags off the rule',
      ],
      [
        /perform: sts:SetSourceIdentity/,
        'allow sts:SetSourceIdentity, in the trust policy of the role and to the identity of the broker, or set ' +
          'sourceIdentity: false on the rule; a session that has a source identity already keeps it',
      ],
      [
        /perform: sts:GetFederationToken/,
        'allow the IAM user of aws.federationToken.keys sts:GetFederationToken on the federated users of its account',
      ],
      [
        /^Cannot call GetFederationToken with session credentials/,
        'aws.federationToken.keys needs long-term keys of an IAM user (AKIA…), no temporary ones',
      ],
      [
        /assumed by root/,
        'the broker runs with the keys of a root user: give it an IAM role, or a user with sts:AssumeRole',
      ],
    ],
    otherwise:
      'the role does not exist (names are case-sensitive), its trust policy does not name the identity of the broker with this ' +
      'external id, or that identity may not sts:AssumeRole it; a guardrail on aws:PrincipalOrgID may deny it too',
  },
  InvalidParameterValue: {
    code: 'sts_refused',
    texts: [
      [
        /conflicts with a transitive tag/,
        "the session of the hub has a transitive tag of this key already: take it off the rule's transitiveTags or off the hub",
      ],
    ],
    otherwise: 'check sessionTags and transitiveTags of the rule',
  },
  MalformedPolicyDocument: { code: 'sts_session_policy', otherwise: 'the session policy is not an IAM policy' },
  PackedPolicyTooLarge: {
    code: 'sts_session_policy',
    texts: [
      [
        /session tags/,
        "the session tags are too many or too long for AWS: take some off the rule's sessionTags, or shorten the claims they come from. Tags that a hub or the identity provider sets count too",
      ],
    ],
    otherwise: 'shorten the session policy or the session tags: AWS packs both into one space',
  },
  RegionDisabledException: {
    code: 'sts_region_disabled',
    otherwise: 'activate STS for this region in the account, or set another region on the account',
  },
  Throttling: { code: 'sts_throttled', otherwise: tooMany },
  RequestLimitExceeded: { code: 'sts_throttled', otherwise: tooMany },
  TooManyRequestsException: { code: 'sts_throttled', otherwise: tooMany },
  InvalidClientTokenId: {
    code: 'sts_refused',
    otherwise: 'AWS does not know the keys that the broker signs with: deleted, switched off, or of another partition',
  },
  SignatureDoesNotMatch: {
    code: 'sts_refused',
    texts: [[/^Signature (expired|not yet current)/, clockIsOff]],
    otherwise: 'the secret access key does not belong to the access key id that the broker signs with',
  },
  RequestTimeTooSkewed: { code: 'sts_refused', otherwise: clockIsOff },
  RequestExpired: { code: 'sts_refused', otherwise: clockIsOff },
  ExpiredToken: {
    code: 'sts_refused',
    otherwise:
      'the own credentials of the broker have expired and were not renewed: replace the session token in its environment or ' +
      'profile, or let an instance profile, a task role or a pod role renew them',
  },
  CredentialsProviderError: {
    code: 'sts_refused',
    otherwise:
      'the broker found no AWS credentials, which the mode assume-role needs: give it an instance profile, a task or pod ' +
      'role, a profile or keys in the environment',
  },
  ValidationException: {
    code: 'sts_refused',
    texts: [
      [/validate tags/, 'AWS does not take a session tag: see sessionTags of the rule and the claims they come from'],
      [/validation errors? detected/, 'a value is not what the STS API takes: the message names the member'],
      [/ is invalid$/, 'the role ARN is not one: check role and account in the rule'],
    ],
    otherwise: 'a value is not what the STS API takes',
  },
};

const durations: readonly (readonly [RegExp, StsCause])[] = [
  [
    /role chaining/,
    {
      code: 'sts_duration',
      fix: 'the identity of the broker is a role: AWS gives one hour. Set aws.assumeRole.caller to role, so that the portal does not offer more',
      isChaining: true,
    },
  ],
  [
    /^The requested DurationSeconds exceeds/,
    { code: 'sts_duration', fix: "lower the rule's maxDuration or raise the role's MaxSessionDuration" },
  ],
];

/** @param status of the HTTP answer; undefined without one */
function causeOf(awsCode: string, message: string, status: number | undefined): StsCause {
  const duration = awsCode.startsWith('Validation') ? durations.find(([text]) => text.test(message))?.[1] : undefined;
  if (duration) return duration;
  // Codes of one meaning come with and without `Exception`: the wire and the SDK's classes differ.
  const plain = awsCode.replace(/Exception$/, '');
  const name = [awsCode, plain, `${plain}Exception`, awsCode.replace(/Error$/, 'Exception')].find((each) =>
    Object.hasOwn(rows, each),
  );
  const row = name === undefined ? undefined : rows[name];
  if (row) {
    const text = row.texts?.find(([begin]) => begin.test(message));
    return { code: row.code, fix: text?.[1] ?? row.otherwise };
  }
  // Without an HTTP answer it was the network: refused, reset, or too slow.
  if (status === undefined || status >= 500)
    return { code: 'sts_unavailable', fix: 'check the way to the STS endpoint' };
  return { code: 'sts_refused', fix: 'STS refused the call for a reason we do not know' };
}

/** Any error of the SDK, with the likely cause and the fix in the private text. */
export function toStsError(error: unknown): BrokerError {
  const facts = error as {
    Code?: string;
    name?: string;
    message?: string;
    $metadata?: { requestId?: string; httpStatusCode?: number };
  };
  const { Code, name, message = '', $metadata: { requestId, httpStatusCode } = {} } = facts;
  const awsCode = Code ?? name ?? 'Unknown';
  const { code, fix, isChaining } = causeOf(awsCode, message, httpStatusCode);
  return new BrokerError(code, `STS ${awsCode}: ${message.slice(0, 300)}; ${fix}`, {
    details: { awsCode, ...(requestId ? { awsRequestId: requestId } : {}), ...(isChaining ? { isChaining } : {}) },
  });
}
