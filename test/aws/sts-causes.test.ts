import { describe, expect, test } from 'vitest';
import { toStsError } from '../../src/aws/sts-causes.ts';

/** An error as the SDK throws it: modelled errors have their own name, and the code of the wire in `Code`. */
function sdkError(code: string, message: string, status: number, name = code): Error {
  const error = Object.assign(new Error(message), {
    Code: code,
    $metadata: { httpStatusCode: status, requestId: 'req-1' },
  });
  error.name = name;
  return error;
}

const suffix = (code: string) =>
  ` (Service: AWSOpenIdDiscoveryService; Status Code: 400; Error Code: ${code}; Request ID: 2f3a; Proxy: null)`;

// The catalogue of reference messages, by its numbers.
const rows: readonly {
  m: string;
  code: string;
  name?: string;
  status?: number;
  message: string;
  expected: string;
  hint: RegExp;
}[] = [
  {
    m: 'm1',
    code: 'InvalidIdentityToken',
    name: 'InvalidIdentityTokenException',
    message: `Specified provider doesn't exist${suffix('AuthSamlManifestNotFoundException')}`,
    expected: 'sts_identity_rejected',
    hint: /create the IAM SAML provider/,
  },
  {
    m: 'm2',
    code: 'InvalidIdentityToken',
    name: 'InvalidIdentityTokenException',
    message: `Issuer not present in specified provider${suffix('AuthSamlInvalidSamlResponseException')}`,
    expected: 'sts_identity_rejected',
    hint: /aws\.issuer/,
  },
  {
    m: 'm3',
    code: 'InvalidIdentityToken',
    message: `Invalid base64 SAMLResponse${suffix('AuthSamlInvalidSamlResponseException')}`,
    expected: 'sts_identity_rejected',
    hint: /proxy/,
  },
  {
    m: 'm4',
    code: 'InvalidIdentityToken',
    message: 'Response signature invalid',
    expected: 'sts_identity_rejected',
    hint: /minting key/,
  },
  {
    m: 'm5',
    code: 'InvalidIdentityToken',
    message: 'Response does not contain the required audience.',
    expected: 'sts_identity_rejected',
    hint: /partition/,
  },
  {
    m: 'm6',
    code: 'InvalidIdentityToken',
    message: 'RoleSessionName is required in AuthnResponse',
    expected: 'sts_identity_rejected',
    hint: /RoleSessionName/,
  },
  {
    m: 'm7',
    code: 'InvalidIdentityToken',
    message: 'RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}',
    expected: 'sts_identity_rejected',
    hint: /2,64/,
  },
  {
    m: 'm8',
    code: 'InvalidIdentityToken',
    message: 'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"',
    expected: 'sts_identity_rejected',
    hint: /Source Identity/,
  },
  {
    m: 'm9',
    code: 'ExpiredTokenException',
    message: 'Token must be redeemed within 5 minutes of issuance',
    expected: 'sts_assertion_expired',
    hint: /clock/,
  },
  {
    m: 'm10',
    code: 'ExpiredTokenException',
    message: 'Response has expired',
    expected: 'sts_assertion_expired',
    hint: /NTP/,
  },
  {
    m: 'm11',
    code: 'AccessDenied',
    status: 403,
    message: 'Not authorized to perform sts:AssumeRoleWithSAML',
    expected: 'sts_access_denied',
    hint: /trust policy/,
  },
  {
    m: 'm12',
    code: 'ValidationError',
    message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    expected: 'sts_duration',
    hint: /maxDuration/,
  },
  {
    m: 'm12, chained',
    code: 'ValidationError',
    message: 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    expected: 'sts_duration',
    hint: /1 hour/,
  },
  { m: 'm13', code: 'ValidationError', message: 'Request ARN is invalid', expected: 'sts_refused', hint: /role ARN/ },
  {
    m: 'm13, newer',
    code: 'ValidationError',
    message: 'arn:aws:iam::1:role/x is invalid',
    expected: 'sts_refused',
    hint: /is invalid/,
  },
  {
    m: 'm14',
    code: 'ValidationError',
    message:
      "1 validation error detected: Value 'x' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20",
    expected: 'sts_refused',
    hint: /length/,
  },
  { m: 'm15', code: 'ValidationError', message: 'Unable to validate tags', expected: 'sts_refused', hint: /tags/ },
  {
    m: 'm16',
    code: 'PackedPolicyTooLarge',
    name: 'PackedPolicyTooLargeException',
    message: 'Packed size of session tags consumes 112% of allotted space.',
    expected: 'sts_session_policy',
    hint: /sessionTags/,
  },
  {
    m: 'm16, as the SDK names it',
    code: 'PackedPolicyTooLargeException',
    message: 'Packed size of session tags consumes 112% of allotted space.',
    expected: 'sts_session_policy',
    hint: /session tags are too many or too long/,
  },
  ...['ValidationException', 'ExpiredTokenException', 'MalformedPolicyDocumentException', 'AccessDeniedException'].map(
    (code, index) => ({
      m: 'a code in its other spelling',
      code,
      message: 'x',
      expected: ['sts_refused', 'sts_assertion_expired', 'sts_session_policy', 'sts_access_denied'][index]!,
      hint: /^(?!.*do not know)/,
    }),
  ),
  ...['RequestTimeTooSkewed', 'RequestExpired'].map((code) => ({
    m: 'a clock that is off',
    code,
    message: 'x',
    expected: 'sts_refused',
    hint: /NTP/,
  })),
  {
    m: 'm17',
    code: 'PackedPolicyTooLarge',
    message: 'Packed policy consumes 120% of allotted space, please use smaller policy.',
    expected: 'sts_session_policy',
    hint: /shorten/,
  },
  {
    m: 'm18',
    code: 'MalformedPolicyDocument',
    name: 'MalformedPolicyDocumentException',
    message: "Unexpected character ('i' (code 105)): expected a valid value",
    expected: 'sts_session_policy',
    hint: /session policy/,
  },
  {
    m: 'm19',
    code: 'RegionDisabledException',
    status: 403,
    message:
      'STS is not activated in this region for account:111122223333. Your account administrator can activate STS in this region using the IAM Console.',
    expected: 'sts_region_disabled',
    hint: /activate STS/,
  },
  { m: 'm20', code: 'Throttling', message: 'Rate exceeded', expected: 'sts_throttled', hint: /600/ },
  { m: 'm20, newer', code: 'ThrottlingException', message: 'Rate exceeded', expected: 'sts_throttled', hint: /600/ },
  {
    m: 'm21',
    code: 'IDPRejectedClaim',
    name: 'IDPRejectedClaimException',
    status: 403,
    message: 'x',
    expected: 'sts_identity_rejected',
    hint: /refusal/,
  },
  {
    m: 'an identity provider out of reach',
    code: 'IDPCommunicationError',
    message: 'x',
    expected: 'sts_unavailable',
    hint: /reach/,
  },
  {
    m: 'a failure inside',
    code: 'InternalFailure',
    status: 500,
    message: 'x',
    expected: 'sts_unavailable',
    hint: /endpoint/,
  },
  {
    m: 'an outage',
    code: 'ServiceUnavailable',
    status: 503,
    message: 'x',
    expected: 'sts_unavailable',
    hint: /endpoint/,
  },
  {
    m: 'an AssumeRole that is not allowed',
    code: 'AccessDenied',
    status: 403,
    message:
      'User: arn:aws:sts::1:assumed-role/b/i is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::2:role/x',
    expected: 'sts_access_denied',
    hint: /external id/,
  },
  {
    m: 'tags that are not allowed',
    code: 'AccessDenied',
    status: 403,
    message: 'User: x is not authorized to perform: sts:TagSession on resource: y',
    expected: 'sts_access_denied',
    hint: /allow sts:TagSession/,
  },
  {
    m: 'a source identity that is not allowed',
    code: 'AccessDenied',
    status: 403,
    message: 'User: x is not authorized to perform: sts:SetSourceIdentity on resource: y',
    expected: 'sts_access_denied',
    hint: /sourceIdentity: false/,
  },
  {
    m: 'a federation token that is not allowed',
    code: 'AccessDenied',
    status: 403,
    message: 'User: x is not authorized to perform: sts:GetFederationToken on resource: y',
    expected: 'sts_access_denied',
    hint: /allow the IAM user/,
  },
  {
    m: 'a federation token for a session',
    code: 'AccessDenied',
    status: 403,
    message: 'Cannot call GetFederationToken with session credentials',
    expected: 'sts_access_denied',
    hint: /long-term keys/,
  },
  {
    m: 'root',
    code: 'AccessDenied',
    status: 403,
    message: 'Roles may not be assumed by root accounts.',
    expected: 'sts_access_denied',
    hint: /root user/,
  },
  {
    m: 'a web identity that is not allowed',
    code: 'AccessDenied',
    status: 403,
    message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    expected: 'sts_access_denied',
    hint: /OIDC provider/,
  },
  {
    m: 'a transitive tag of the hub',
    code: 'InvalidParameterValue',
    message:
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    expected: 'sts_refused',
    hint: /the hub/,
  },
  {
    m: 'keys that are gone',
    code: 'InvalidClientTokenId',
    status: 403,
    message: 'The security token included in the request is invalid.',
    expected: 'sts_refused',
    hint: /does not know the keys/,
  },
  {
    m: 'a wrong clock',
    code: 'SignatureDoesNotMatch',
    status: 403,
    message: 'Signature expired: 20260302T001427Z is now earlier than 20260302T014428Z (20260302T015928Z - 15 min.)',
    expected: 'sts_refused',
    hint: /NTP/,
  },
  {
    m: 'a wrong secret',
    code: 'SignatureDoesNotMatch',
    status: 403,
    message: 'The request signature we calculated does not match the signature you provided.',
    expected: 'sts_refused',
    hint: /does not belong/,
  },
  { m: 'an unknown code', code: 'Surprise', message: 'x', expected: 'sts_refused', hint: /do not know/ },
];

describe('toStsError', () => {
  for (const { m, code, name, status = 400, message, expected, hint } of rows) {
    test(`${m}: ${code} ${message.slice(0, 40)} is ${expected}`, () => {
      const error = toStsError(sdkError(code, message, status, name));
      expect(error).toMatchObject({
        name: 'BrokerError',
        code: expected,
        details: { awsCode: code, awsRequestId: 'req-1' },
      });
      expect(error.message).toMatch(hint);
    });
  }

  for (const name of ['TimeoutError', 'AbortError', 'ECONNREFUSED', 'Error']) {
    test(`${name} without an answer is sts_unavailable`, () => {
      const error = Object.assign(new Error('socket hang up'), { name, $metadata: { attempts: 2 } });
      expect(toStsError(error)).toMatchObject({ code: 'sts_unavailable', details: { awsCode: name } });
    });
  }

  test('says that the broker has no AWS identity', () => {
    const error = Object.assign(new Error('Could not load credentials'), { name: 'CredentialsProviderError' });
    expect(toStsError(error)).toMatchObject({
      code: 'sts_refused',
      message: expect.stringMatching(/instance profile/),
    });
  });

  test('the limit of role chaining is told from that of the role', () => {
    const chained =
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.';
    const own = 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.';
    expect(toStsError(sdkError('ValidationError', chained, 400)).details).toHaveProperty('isChaining', true);
    expect(toStsError(sdkError('ValidationError', own, 400)).details).not.toHaveProperty('isChaining');
  });

  test('takes the code of the wire before the name of the class', () => {
    const error = toStsError(sdkError('AccessDenied', 'x', 403, 'STSServiceException'));
    expect(error.code).toBe('sts_access_denied');
  });

  test('does not take a message for another because it holds its text somewhere', () => {
    const nested = sdkError('InvalidIdentityToken', "x: Specified provider doesn't exist", 400);
    expect(toStsError(nested).message).toMatch(/compare the message/);
  });

  test('cuts what STS says, so that nothing long gets into the log', () => {
    expect(toStsError(sdkError('AccessDenied', 'x'.repeat(5000), 403)).message.length).toBeLessThan(800);
  });

  test('survives whatever is thrown at it', () => {
    for (const thrown of [new Error(), {}, 'text', 7]) expect(toStsError(thrown).code).toBe('sts_unavailable');
  });
});
