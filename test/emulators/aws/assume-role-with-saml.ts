// AssumeRoleWithSAML (STS API): rows A1 to A25 in their order; the judging of message and trust policy is in saml-session.ts.
import type { TemporaryCredentials } from './credentials.ts';
import { AwsError, validationError } from './errors.ts';
import type { EstateIndex } from './estate.ts';
import { isSigninSamlUrl } from './hosts.ts';
import { listMembers } from './members.ts';
import type { Call, Operation } from './operation.ts';
import { openSamlSession, type SamlSession, subjectType } from './saml-session.ts';
import { checkSessionPolicies, packedPolicySize } from './session-policy.ts';
import { isoSeconds, type World } from './world.ts';
import type { AnswerMembers } from './xml.ts';

const ARN_TEXT = {
  regExp: /^[\t\n\r -~\u0085\u00A0-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]+$/u,
  shown: '[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\\u10000-\\u10FFFF]+',
};
const POLICY_TEXT = { regExp: /^[\t\n\r -\u00FF]+$/u, shown: '[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+' };
const DEFAULT_DURATION_SECONDS = 3600;
const MIN_DURATION_SECONDS = 900;

/** The operation, for the dispatcher. */
export const assumeRoleWithSaml: Operation = {
  name: 'AssumeRoleWithSAML',
  isSigned: false,
  members: [
    { name: 'RoleArn', isRequired: true, minLength: 20, maxLength: 2048, pattern: ARN_TEXT },
    { name: 'PrincipalArn', isRequired: true, minLength: 20, maxLength: 2048, pattern: ARN_TEXT },
    { name: 'SAMLAssertion', isRequired: true, minLength: 4, maxLength: 100_000, isSensitive: true },
    { name: 'Policy', minLength: 1, pattern: POLICY_TEXT },
    { name: 'DurationSeconds', minValue: 900, maxValue: 43_200 },
  ],
  shownMembers: ['RoleArn', 'PrincipalArn', 'DurationSeconds', 'Policy'],
  run: assume,
};

function assume(world: World, call: Call): AnswerMembers {
  const { params, request, draft } = call;
  const estate = world.estate();
  const roleArn = params.get('RoleArn') ?? '';
  const policies = { policy: params.get('Policy'), policyArns: listMembers(params, 'PolicyArns', 'arn') };
  const accountId = readRoleAccount(roleArn);
  draft.recipientAccountId = accountId;
  checkRegion(estate, accountId, request.host.region);
  const session = openSamlSession(estate, {
    roleArn,
    principalArn: params.get('PrincipalArn') ?? '',
    encodedResponse: params.get('SAMLAssertion') ?? '',
    now: request.now,
    maxSkewSeconds: world.strict.maxNotBeforeSkewSeconds ?? 60,
    isRecipientAllowed: (recipient) =>
      world.strict.awsRecipientOnly !== true || isSigninSamlUrl(recipient, estate.partition),
    sourceIp: request.sourceIp,
    requestId: request.id,
    draft,
  });
  const seconds = durationOf(session, params.get('DurationSeconds'), request.now);
  checkSessionPolicies(policies, { partition: estate.partition, id: accountId });
  const packed = packedPolicySize(policies, session.assertion.tags);
  const expiresAt = new Date(request.now.getTime() + seconds * 1000);
  const principal = { ...samlPrincipal(session, estate.partition), sessionPolicies: policies, issuedAt: request.now };
  const credentials = world.credentials.issue(principal, expiresAt);
  describeAnswer(call, session, credentials);
  return answer(session, credentials, packed);
}

/** A2. The partition is not judged here: a role of another partition fails at its provider (A3). */
function readRoleAccount(roleArn: string): string {
  const match = /^arn:aws[a-z-]*:iam::([0-9]{12}):role\/[!-~]+$/.exec(roleArn);
  if (match?.[1] === undefined) throw validationError('Request ARN is invalid');
  return match[1];
}

/** T7. */
function checkRegion(estate: EstateIndex, accountId: string, region: string): void {
  if (estate.accounts.get(accountId)?.disabledStsRegions?.includes(region) !== true) return;
  throw new AwsError(
    403,
    'RegionDisabledException',
    `STS is not activated in this region for account:${accountId}. Your account administrator can activate STS in this region using the IAM Console.`,
  );
}

/** A22 and the rule of the smallest: DurationSeconds or 3600, SessionNotOnOrAfter, SessionDuration. */
function durationOf(session: SamlSession, requested: string | undefined, now: Date): number {
  const asked = requested === undefined ? DEFAULT_DURATION_SECONDS : Number(requested);
  if (asked > (session.role.role.maxSessionDuration ?? DEFAULT_DURATION_SECONDS)) {
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  const { sessionNotOnOrAfter: end, sessionDurationSeconds } = session.assertion;
  const untilEnd = end === undefined ? asked : Math.floor((end.getTime() - now.getTime()) / 1000);
  const seconds = Math.min(asked, untilEnd, sessionDurationSeconds ?? asked);
  // Undocumented at AWS; the strict reading, so that nobody comes to depend on sessions of a few seconds.
  if (seconds < MIN_DURATION_SECONDS) throw validationError('SessionNotOnOrAfter is less than 900 seconds away');
  return seconds;
}

/** Whom the credentials of a SAML session stand for. */
export function samlPrincipal(session: SamlSession, partition: string) {
  const { role, assertion } = session;
  return {
    kind: 'saml' as const,
    accountId: role.account.id,
    // The path of the role is not part of the session's ARN.
    arn: `arn:${partition}:sts::${role.account.id}:assumed-role/${role.role.name}/${assertion.roleSessionName}`,
    userId: `${role.id}:${assertion.roleSessionName}`,
    roleName: role.role.name,
    sessionName: assertion.roleSessionName,
    sourceIdentity: assertion.sourceIdentity,
  };
}

function describeAnswer(call: Call, session: SamlSession, credentials: TemporaryCredentials): void {
  const { assertion } = session;
  call.draft.responseElements = {
    issuer: assertion.issuer,
    audience: assertion.recipient,
    subject: assertion.nameId,
    subjectType: subjectType(assertion.nameIdFormat),
    nameQualifier: session.nameQualifier,
    assumedRoleUser: { assumedRoleId: credentials.principal.userId, arn: credentials.principal.arn },
    credentials: { accessKeyId: credentials.accessKeyId, expiration: isoSeconds(credentials.expiresAt) },
  };
}

/** A25, in the element order of a recorded answer. */
function answer(session: SamlSession, credentials: TemporaryCredentials, packed: number | undefined): AnswerMembers {
  const { assertion, nameQualifier } = session;
  return [
    ['Audience', assertion.recipient],
    [
      'AssumedRoleUser',
      [
        ['AssumedRoleId', credentials.principal.userId],
        ['Arn', credentials.principal.arn],
      ],
    ],
    [
      'Credentials',
      [
        ['AccessKeyId', credentials.accessKeyId],
        ['SecretAccessKey', credentials.secretAccessKey],
        ['SessionToken', credentials.sessionToken],
        ['Expiration', credentials.expiresAt],
      ],
    ],
    ['Subject', assertion.nameId],
    ['NameQualifier', nameQualifier],
    ['SubjectType', subjectType(assertion.nameIdFormat)],
    ['Issuer', assertion.issuer],
    ['PackedPolicySize', packed],
    ['SourceIdentity', assertion.sourceIdentity],
  ];
}
