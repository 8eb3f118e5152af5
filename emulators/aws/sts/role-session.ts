// What every way into a role shares: the region, the role's maximum, the credentials, and how answer and event tell of them.

import { AwsError, validationError } from '../errors.ts';
import type { EstateIndex, RoleRecord } from '../estate.ts';
import type { EventDraft } from '../events.ts';
import { isoSeconds } from '../world.ts';
import type { AnswerMembers } from '../xml/xml.ts';
import type { Principal, Tag, TemporaryCredentials } from './credentials.ts';

/** STS gives a role an hour unless asked otherwise. */
export const DEFAULT_ROLE_SECONDS = 3600;

/** The account a role ARN names. B5. @throws AwsError */
export function readRoleAccount(roleArn: string): string {
  const match = /^arn:aws[a-z-]*:iam::([0-9]{12}):role\/[!-~]+$/.exec(roleArn);
  if (match?.[1] === undefined) throw validationError(`${roleArn} is invalid`);
  return match[1];
}

/** T7. */
export function checkRegion(estate: EstateIndex, accountId: string, region: string): void {
  if (estate.accounts.get(accountId)?.disabledStsRegions?.includes(region) !== true) return;
  throw new AwsError(
    403,
    'RegionDisabledException',
    `STS is not activated in this region for account:${accountId}. Your account administrator can activate STS in this region using the IAM Console.`,
  );
}

/** A22, B3. @throws AwsError m12 */
export function checkRoleMaximum({ role }: RoleRecord, seconds: number): void {
  if (seconds <= (role.maxSessionDuration ?? DEFAULT_ROLE_SECONDS)) return;
  throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
}

/** The identity of a role's session. The path of the role is not part of its ARN. */
export function rolePrincipal(
  kind: Principal['kind'],
  { account, role, id, arn }: RoleRecord,
  sessionName: string,
): Principal {
  const [, partition] = arn.split(':');
  return {
    kind,
    accountId: account.id,
    arn: `arn:${partition}:sts::${account.id}:assumed-role/${role.name}/${sessionName}`,
    userId: `${id}:${sessionName}`,
    roleName: role.name,
    sessionName,
    issuerArn: arn,
  };
}

/** `AssumedRoleUser` of an answer. */
export function assumedRoleUser({ principal }: TemporaryCredentials): AnswerMembers {
  return [
    ['AssumedRoleId', principal.userId],
    ['Arn', principal.arn],
  ];
}

/** `Credentials` of an answer. */
export function credentialsMembers(credentials: TemporaryCredentials): AnswerMembers {
  return [
    ['AccessKeyId', credentials.accessKeyId],
    ['SecretAccessKey', credentials.secretAccessKey],
    ['SessionToken', credentials.sessionToken],
    ['Expiration', credentials.expiresAt],
  ];
}

/** What CloudTrail shows of an answer: the key's id and its end, never the secret or the token. */
export function shownCredentials(credentials: TemporaryCredentials): Record<string, unknown> {
  return { accessKeyId: credentials.accessKeyId, expiration: isoSeconds(credentials.expiresAt) };
}

/** The tags of a request, in CloudTrail's spelling. */
export function showTags(draft: EventDraft, tags: readonly Tag[], transitiveTagKeys: readonly string[] = []): void {
  if (tags.length > 0) draft.requestParameters['tags'] = tags.map(([key, value]) => ({ key, value }));
  if (transitiveTagKeys.length > 0) draft.requestParameters['transitiveTagKeys'] = transitiveTagKeys;
}
