// AssumeRoleWithWebIdentity (STS API): row B6. Unsigned; the token of an OpenID Connect provider of the account is the proof.

import { invalidIdentityToken, notAuthorized } from '../errors.ts';
import type { RoleRecord } from '../estate.ts';
import { readClaimedSourceIdentity, readClaimedTags } from '../oidc/oidc-claims.ts';
import { type JudgedToken, judgeToken } from '../oidc/oidc-token.ts';
import type { Call, Operation } from '../operation.ts';
import { checkSessionPolicies, packedPolicySize } from '../policy/session-policy.ts';
import { trustPolicyAllows } from '../policy/trust-policy.ts';
import type { World } from '../world.ts';
import type { AnswerMembers } from '../xml/xml.ts';
import { requestContext } from './caller.ts';
import type { TemporaryCredentials } from './credentials.ts';
import { POLICY, ROLE_ARN, ROLE_DURATION, ROLE_SESSION_NAME } from './member-rules.ts';
import { listMembers } from './members.ts';
import {
  assumedRoleUser,
  checkRegion,
  checkRoleMaximum,
  credentialsMembers,
  DEFAULT_ROLE_SECONDS,
  readRoleAccount,
  rolePrincipal,
  shownCredentials,
} from './role-session.ts';
import { type SessionTags, tagContext } from './session-tags.ts';

const ACTION = 'sts:AssumeRoleWithWebIdentity';

/** The operation, for the dispatcher. */
export const assumeRoleWithWebIdentity: Operation = {
  name: 'AssumeRoleWithWebIdentity',
  isSigned: false,
  members: [
    ROLE_ARN,
    ROLE_SESSION_NAME,
    { name: 'WebIdentityToken', isRequired: true, minLength: 4, maxLength: 20_000, isSensitive: true },
    { name: 'ProviderId', minLength: 4, maxLength: 2048 },
    POLICY,
    ROLE_DURATION,
  ],
  shownMembers: ['RoleArn', 'RoleSessionName', 'ProviderId', 'DurationSeconds', 'Policy'],
  run: assume,
};

/** A verified token with what its AWS claims ask for. */
interface Visitor extends JudgedToken {
  readonly session: SessionTags;
  readonly sourceIdentity: string | undefined;
}

async function assume(world: World, call: Call): Promise<AnswerMembers> {
  const { params, request, draft } = call;
  const roleArn = params.get('RoleArn') ?? '';
  const accountId = readRoleAccount(roleArn);
  draft.recipientAccountId = accountId;
  checkRegion(world.estate(), accountId, request.host.region);
  // ProviderId is for the OAuth access tokens of Amazon and Facebook, which the emulator does not issue.
  if (params.has('ProviderId')) throw invalidIdentityToken('Provided Token is not a Login With Amazon token');
  const token = await judgeToken(world, params.get('WebIdentityToken') ?? '', accountId, request.now);
  const visitor = {
    ...token,
    session: readClaimedTags(token.claims),
    sourceIdentity: readClaimedSourceIdentity(token.claims),
  };
  describe(call, visitor);
  const role = authorize(world, call, visitor, roleArn);
  const seconds = Number(params.get('DurationSeconds') ?? DEFAULT_ROLE_SECONDS);
  checkRoleMaximum(role, seconds);
  const sessionPolicies = { policy: params.get('Policy'), policyArns: listMembers(params, 'PolicyArns', 'arn') };
  checkSessionPolicies(sessionPolicies, { partition: world.estate().partition, id: accountId });
  const packed = packedPolicySize(sessionPolicies, visitor.session.tags);
  const identity = rolePrincipal('web-identity', role, params.get('RoleSessionName') ?? '');
  const { session, sourceIdentity } = visitor;
  const credentials = world.credentials.issue(
    { ...identity, ...session, sourceIdentity, sessionPolicies, issuedAt: request.now },
    new Date(request.now.getTime() + seconds * 1000),
  );
  return answer(call, visitor, credentials, packed);
}

/** The trust policy names the provider; tags and source identity each need a separate permission. */
function authorize(world: World, call: Call, visitor: Visitor, roleArn: string): RoleRecord {
  const { provider, session, sourceIdentity } = visitor;
  const role = world.estate().roles.get(roleArn);
  const context = conditionContext(call, visitor);
  const actions = [
    ACTION,
    ...(session.tags.length > 0 ? ['sts:TagSession'] : []),
    ...(sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
  ];
  const isAllowed = actions.every((action) =>
    trustPolicyAllows(role?.role.trustPolicy, { federatedPrincipal: provider.arn, action, context }),
  );
  if (role === undefined || !isAllowed) throw notAuthorized(ACTION);
  return role;
}

/** IAM names the claims after the issuer without its scheme; of all claims only these can be asked for. */
function conditionContext(call: Call, visitor: Visitor): Map<string, readonly string[]> {
  const { claims, provider, subject, audience, session, sourceIdentity } = visitor;
  const prefix = (provider.arn.split(':oidc-provider/')[1] ?? '').toLowerCase();
  const amr = [claims['amr'] ?? []].flat().filter((one) => typeof one === 'string');
  const context = new Map<string, readonly string[]>([
    ...requestContext(call.request),
    [`${prefix}:aud`, [audience]],
    [`${prefix}:sub`, [subject]],
    ['aws:federatedprovider', [provider.arn]],
    ['sts:rolesessionname', [call.params.get('RoleSessionName') ?? '']],
    ...tagContext(session),
  ]);
  if (amr.length > 0) context.set(`${prefix}:amr`, amr);
  if (typeof claims['email'] === 'string') context.set(`${prefix}:email`, [claims['email']]);
  if (typeof claims['azp'] === 'string') context.set(`${prefix}:oaud`, [claims['aud']].flat().map(String));
  if (sourceIdentity !== undefined) context.set('sts:sourceidentity', [sourceIdentity]);
  return context;
}

/** CloudTrail names the person once the token has been verified. */
function describe({ draft }: Call, { provider, audience, subject, session, sourceIdentity }: Visitor): void {
  draft.userIdentity = {
    type: 'WebIdentityUser',
    principalId: `${provider.arn}:${audience}:${subject}`,
    userName: subject,
    identityProvider: provider.arn,
  };
  Object.assign(draft.requestParameters, {
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    ...(session.tags.length === 0 ? {} : { principalTags: Object.fromEntries(session.tags) }),
    ...(session.transitiveTagKeys.length === 0 ? {} : { transitiveTagKeys: session.transitiveTagKeys }),
  });
}

function answer(
  call: Call,
  { subject, audience, provider }: Visitor,
  credentials: TemporaryCredentials,
  packed: number | undefined,
): AnswerMembers {
  const { arn, userId, sourceIdentity } = credentials.principal;
  call.draft.responseElements = {
    credentials: shownCredentials(credentials),
    assumedRoleUser: { assumedRoleId: userId, arn },
    subjectFromWebIdentityToken: subject,
    audience,
    provider: provider.arn,
  };
  return [
    ['SubjectFromWebIdentityToken', subject],
    ['Audience', audience],
    ['AssumedRoleUser', assumedRoleUser(credentials)],
    ['Credentials', credentialsMembers(credentials)],
    ['Provider', provider.arn],
    ['PackedPolicySize', packed],
    ['SourceIdentity', sourceIdentity],
  ];
}
