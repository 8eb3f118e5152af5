// AssumeRole (STS API): rows B1 to B5. A user or a role takes on a role; from a session it is role chaining.

import { AwsError, validationError } from '../errors.ts';
import type { RoleRecord } from '../estate.ts';
import { type Call, callerOf, type Operation } from '../operation.ts';
import { judgePermission } from '../policy/identity-policy.ts';
import type { ConditionContext } from '../policy/policy-conditions.ts';
import { checkSessionPolicies, packedPolicySize } from '../policy/session-policy.ts';
import { judgeTrust } from '../policy/trust-policy.ts';
import type { World } from '../world.ts';
import type { AnswerMembers } from '../xml/xml.ts';
import { callerContext, namesOf } from './caller.ts';
import type { IssuedCredentials, TemporaryCredentials } from './credentials.ts';
import {
  EXTERNAL_ID,
  POLICY,
  ROLE_ARN,
  ROLE_DURATION,
  ROLE_SESSION_NAME,
  SERIAL_NUMBER,
  SOURCE_IDENTITY,
  TOKEN_CODE,
} from './member-rules.ts';
import { listMembers } from './members.ts';
import { checkMfa } from './mfa.ts';
import {
  assumedRoleUser,
  checkRegion,
  checkRoleMaximum,
  credentialsMembers,
  DEFAULT_ROLE_SECONDS,
  readRoleAccount,
  rolePrincipal,
  shownCredentials,
  showTags,
} from './role-session.ts';
import { inheritTags, readSessionTags, type SessionTags, tagContext } from './session-tags.ts';

const CHAIN_SECONDS = 3600;
const CONSTRAINED = [ROLE_ARN, ROLE_SESSION_NAME, POLICY, ROLE_DURATION, EXTERNAL_ID, SERIAL_NUMBER, TOKEN_CODE];

/** The operation, for the dispatcher. */
export const assumeRole: Operation = {
  name: 'AssumeRole',
  isSigned: true,
  members: [...CONSTRAINED, SOURCE_IDENTITY],
  shownMembers: [
    'RoleArn',
    'RoleSessionName',
    'DurationSeconds',
    'ExternalId',
    'SerialNumber',
    'SourceIdentity',
    'Policy',
  ],
  run: assume,
};

/** What a caller asks for, with what its own session hands on. */
interface Wish {
  readonly caller: IssuedCredentials;
  readonly roleArn: string;
  readonly requested: SessionTags;
  readonly session: SessionTags;
  readonly sourceIdentity: string | undefined;
  readonly mfaAt: Date | undefined;
}

function assume(world: World, call: Call): AnswerMembers {
  const { params, request } = call;
  const wish = readWish(world, call);
  const role = authorize(world, wish, conditionContext(world, call, wish));
  const seconds = durationOf(wish.caller, role, params.get('DurationSeconds'));
  const sessionPolicies = { policy: params.get('Policy'), policyArns: listMembers(params, 'PolicyArns', 'arn') };
  checkSessionPolicies(sessionPolicies, { partition: world.estate().partition, id: role.account.id });
  const packed = packedPolicySize(sessionPolicies, wish.session.tags);
  const { sourceIdentity, mfaAt } = wish;
  // Credentials of GetSessionToken are a session too: what they assume is chained (B2), and so is its console (F3).
  const kind = wish.caller.principal.kind === 'user' ? 'assumed-by-user' : 'assumed-by-role';
  const identity = rolePrincipal(kind, role, params.get('RoleSessionName') ?? '');
  const credentials = world.credentials.issue(
    { ...identity, ...wish.session, sourceIdentity, mfaAt, sessionPolicies, issuedAt: request.now },
    new Date(request.now.getTime() + seconds * 1000),
  );
  return answer(call, credentials, packed);
}

/** Judges what needs no policy. @throws AwsError */
function readWish(world: World, call: Call): Wish {
  const { params, request, draft } = call;
  const caller = callerOf(call);
  const { kind, sourceIdentity } = caller.principal;
  const roleArn = params.get('RoleArn') ?? '';
  if (kind === 'root') throw new AwsError(403, 'AccessDenied', 'Roles may not be assumed by root accounts.');
  // B9, whatever the policies of user and session say.
  if (kind === 'federated-user') throw denied(caller, 'sts:AssumeRole', roleArn);
  checkRegion(world.estate(), readRoleAccount(roleArn), request.host.region);
  const requested = readSessionTags(params);
  showTags(draft, requested.tags, requested.transitiveTagKeys);
  return {
    caller,
    roleArn,
    requested,
    session: inheritTags(requested, caller.principal),
    sourceIdentity: params.get('SourceIdentity') ?? sourceIdentity,
    mfaAt: checkMfa(world, call),
  };
}

function answer(call: Call, credentials: TemporaryCredentials, packed: number | undefined): AnswerMembers {
  const { arn, userId, sourceIdentity } = credentials.principal;
  call.draft.responseElements = {
    credentials: shownCredentials(credentials),
    assumedRoleUser: { assumedRoleId: userId, arn },
    ...(packed === undefined ? {} : { packedPolicySize: packed }),
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
  };
  return [
    ['SourceIdentity', sourceIdentity],
    ['AssumedRoleUser', assumedRoleUser(credentials)],
    ['Credentials', credentialsMembers(credentials)],
    ['PackedPolicySize', packed],
  ];
}

/** Tags and source identity each need a separate permission; inherited ones need it again in the next role. */
function actionsOf(session: SessionTags, sourceIdentity: string | undefined): string[] {
  return [
    'sts:AssumeRole',
    ...(session.tags.length > 0 ? ['sts:TagSession'] : []),
    ...(sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
  ];
}

function conditionContext(world: World, call: Call, wish: Wish): ConditionContext {
  const { params, request } = call;
  const context = callerContext(world, request, wish.caller);
  const externalId = params.get('ExternalId');
  context.set('sts:rolesessionname', [params.get('RoleSessionName') ?? '']);
  if (externalId !== undefined) context.set('sts:externalid', [externalId]);
  if (wish.sourceIdentity !== undefined) context.set('sts:sourceidentity', [wish.sourceIdentity]);
  for (const [key, values] of tagContext(wish.requested)) context.set(key, values);
  if (wish.mfaAt !== undefined) {
    context.set('aws:multifactorauthpresent', ['true']);
    context.set('aws:multifactorauthage', ['0']);
  }
  return context;
}

/** B1: a missing role, a trust policy that is not met and a permission that is missing all read the same. */
function authorize(world: World, wish: Wish, context: ConditionContext): RoleRecord {
  const { caller, roleArn } = wish;
  const role = world.estate().roles.get(roleArn);
  if (role === undefined) throw denied(caller, 'sts:AssumeRole', roleArn);
  for (const action of actionsOf(wish.session, wish.sourceIdentity)) {
    if (!isAllowed(world, caller, role, { action, context })) throw denied(caller, action, roleArn);
  }
  // B4: the identity set first stays; it may be passed on, but not changed.
  const { sourceIdentity } = caller.principal;
  if (sourceIdentity !== undefined && sourceIdentity !== wish.sourceIdentity) {
    throw denied(caller, 'sts:SetSourceIdentity', roleArn);
  }
  return role;
}

/** Within an account the trust policy may name the caller and be enough; across accounts both sides have to agree. */
function isAllowed(
  world: World,
  caller: IssuedCredentials,
  role: RoleRecord,
  { action, context }: { action: string; context: ConditionContext },
): boolean {
  const callerNames = namesOf(caller.principal);
  const trust = judgeTrust(role.role.trustPolicy, { callerNames, action, context });
  const { identity, session } = judgePermission(world, caller, { action, resource: role.arn, context });
  if (trust === 'denied' || trust === 'silent' || identity === 'deny' || session !== 'allow') return false;
  const isSameAccount = caller.principal.accountId === role.account.id;
  return identity === 'allow' || (trust === 'by-name' && isSameAccount);
}

/** B2 for every caller that is itself a session, then B3. */
function durationOf(caller: IssuedCredentials, role: RoleRecord, requested: string | undefined): number {
  const seconds = requested === undefined ? DEFAULT_ROLE_SECONDS : Number(requested);
  if (caller.principal.kind !== 'user' && seconds > CHAIN_SECONDS) {
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  }
  checkRoleMaximum(role, seconds);
  return seconds;
}

function denied(caller: IssuedCredentials, action: string, resource: string): AwsError {
  const message = `User: ${caller.principal.arn} is not authorized to perform: ${action} on resource: ${resource}`;
  return new AwsError(403, 'AccessDenied', message);
}
