// GetFederationToken (STS API): rows B7 and B9. A user, or the root, hands a named person part of what it may do itself.

import { AwsError } from '../errors.ts';
import { type Call, callerOf, type Operation } from '../operation.ts';
import { requirePermission } from '../policy/permission.ts';
import { checkSessionPolicies, packedPolicySize } from '../policy/session-policy.ts';
import type { World } from '../world.ts';
import type { AnswerMembers } from '../xml/xml.ts';
import type { TemporaryCredentials } from './credentials.ts';
import { FEDERATED_NAME, POLICY, USER_DURATION } from './member-rules.ts';
import { listMembers } from './members.ts';
import { checkRegion, credentialsMembers, shownCredentials, showTags } from './role-session.ts';
import { readSessionTags, tagContext } from './session-tags.ts';

const DEFAULT_SECONDS = 43_200;
const ROOT_SECONDS = 3600;

/** The operation, for the dispatcher. */
export const getFederationToken: Operation = {
  name: 'GetFederationToken',
  isSigned: true,
  members: [FEDERATED_NAME, POLICY, USER_DURATION],
  shownMembers: ['Name', 'DurationSeconds', 'Policy'],
  run: federate,
};

function federate(world: World, call: Call): AnswerMembers {
  const { params, request, draft } = call;
  const { principal } = callerOf(call);
  refuseSessions(call, 'GetFederationToken');
  const { partition } = world.estate();
  const { accountId } = principal;
  checkRegion(world.estate(), accountId, request.host.region);
  const { tags } = readSessionTags(params);
  showTags(draft, tags);
  const name = params.get('Name') ?? '';
  const arn = `arn:${partition}:sts::${accountId}:federated-user/${name}`;
  const context = tagContext({ tags, transitiveTagKeys: [] });
  for (const action of ['sts:GetFederationToken', ...(tags.length > 0 ? ['sts:TagSession'] : [])]) {
    requirePermission(world, call, { action, resource: arn, context });
  }
  const sessionPolicies = { policy: params.get('Policy'), policyArns: listMembers(params, 'PolicyArns', 'arn') };
  checkSessionPolicies(sessionPolicies, { partition, id: accountId });
  const packed = packedPolicySize(sessionPolicies, tags);
  const credentials = world.credentials.issue(
    {
      kind: 'federated-user',
      accountId,
      arn,
      userId: `${accountId}:${name}`,
      sessionName: name,
      issuerArn: principal.arn,
      tags,
      sessionPolicies,
      issuedAt: request.now,
    },
    userSessionEnd(call, DEFAULT_SECONDS),
  );
  return answer(call, credentials, packed);
}

/** B7. @throws AwsError */
export function refuseSessions(call: Call, operation: string): void {
  if (callerOf(call).sessionToken === undefined) return;
  throw new AwsError(403, 'AccessDenied', `Cannot call ${operation} with session credentials`);
}

/** When a session from long-term keys expires: as requested, but for a root user silently at most one hour. */
export function userSessionEnd(call: Call, defaultSeconds: number): Date {
  const asked = Number(call.params.get('DurationSeconds') ?? defaultSeconds);
  const seconds = callerOf(call).principal.kind === 'root' ? Math.min(asked, ROOT_SECONDS) : asked;
  return new Date(call.request.now.getTime() + seconds * 1000);
}

function answer(call: Call, credentials: TemporaryCredentials, packed: number | undefined): AnswerMembers {
  const { arn, userId } = credentials.principal;
  call.draft.responseElements = {
    credentials: shownCredentials(credentials),
    federatedUser: { federatedUserId: userId, arn },
    ...(packed === undefined ? {} : { packedPolicySize: packed }),
  };
  const federatedUser: AnswerMembers = [
    ['FederatedUserId', userId],
    ['Arn', arn],
  ];
  return [
    ['Credentials', credentialsMembers(credentials)],
    ['FederatedUser', federatedUser],
    ['PackedPolicySize', packed],
  ];
}
