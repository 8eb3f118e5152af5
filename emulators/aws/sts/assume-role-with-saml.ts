// AssumeRoleWithSAML (STS API): rows A1 to A25 in their order; the judging of message and trust policy is in saml-session.ts.

import { validationError } from '../errors.ts';
import { isSigninSamlUrl } from '../hosts.ts';
import type { Call, Operation } from '../operation.ts';
import { checkSessionPolicies, packedPolicySize } from '../policy/session-policy.ts';
import { openSamlSession, type SamlSession, subjectType } from '../saml/saml-session.ts';
import type { World } from '../world.ts';
import type { AnswerMembers } from '../xml/xml.ts';
import type { Principal, TemporaryCredentials } from './credentials.ts';
import { POLICY, PRINCIPAL_ARN, ROLE_ARN, ROLE_DURATION } from './member-rules.ts';
import { listMembers } from './members.ts';
import {
  assumedRoleUser,
  checkRegion,
  checkRoleMaximum,
  credentialsMembers,
  DEFAULT_ROLE_SECONDS,
  rolePrincipal,
  shownCredentials,
} from './role-session.ts';

const MIN_DURATION_SECONDS = 900;

/** The operation, for the dispatcher. */
export const assumeRoleWithSaml: Operation = {
  name: 'AssumeRoleWithSAML',
  isSigned: false,
  members: [
    ROLE_ARN,
    PRINCIPAL_ARN,
    { name: 'SAMLAssertion', isRequired: true, minLength: 4, maxLength: 100_000, isSensitive: true },
    POLICY,
    ROLE_DURATION,
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
  const principal = { ...samlPrincipal(session, request.now), sessionPolicies: policies };
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

/** A22 and the rule of the smallest: DurationSeconds or 3600, SessionNotOnOrAfter, SessionDuration. */
function durationOf(session: SamlSession, requested: string | undefined, now: Date): number {
  const asked = requested === undefined ? DEFAULT_ROLE_SECONDS : Number(requested);
  checkRoleMaximum(session.role, asked);
  const { sessionNotOnOrAfter: end, sessionDurationSeconds } = session.assertion;
  const untilEnd = end === undefined ? asked : Math.floor((end.getTime() - now.getTime()) / 1000);
  const seconds = Math.min(asked, untilEnd, sessionDurationSeconds ?? asked);
  // Undocumented at AWS; the strict reading, so that no caller comes to depend on sessions of a few seconds.
  if (seconds < MIN_DURATION_SECONDS) throw validationError('SessionNotOnOrAfter is less than 900 seconds away');
  return seconds;
}

/** The principal that the credentials of a SAML session act as. */
export function samlPrincipal({ role, assertion }: SamlSession, issuedAt: Date): Principal {
  const { roleSessionName, sourceIdentity, tags, transitiveTagKeys } = assertion;
  return { ...rolePrincipal('saml', role, roleSessionName), sourceIdentity, tags, transitiveTagKeys, issuedAt };
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
    credentials: shownCredentials(credentials),
  };
}

/** A25, in the element order of a recorded answer. */
function answer(session: SamlSession, credentials: TemporaryCredentials, packed: number | undefined): AnswerMembers {
  const { assertion, nameQualifier } = session;
  return [
    ['Audience', assertion.recipient],
    ['AssumedRoleUser', assumedRoleUser(credentials)],
    ['Credentials', credentialsMembers(credentials)],
    ['Subject', assertion.nameId],
    ['NameQualifier', nameQualifier],
    ['SubjectType', subjectType(assertion.nameIdFormat)],
    ['Issuer', assertion.issuer],
    ['PackedPolicySize', packed],
    ['SourceIdentity', assertion.sourceIdentity],
  ];
}
