// Everything the operations share: clock, estate, credentials, sign-in state, events. One per running emulator.

import type { EstateIndex, ProviderRecord, UserRecord } from './estate.ts';
import { type CloudTrailLikeEvent, type EventDraft, recordEvent } from './events.ts';
import type { Faults } from './faults.ts';
import type { LogGroups } from './logs/log-groups.ts';
import type { MetadataTokens } from './machine/instance-metadata.ts';
import type { ComputeSessions } from './machine/machine.ts';
import type { InlinePolicies } from './policy/inline-policies.ts';
import type { ReceivedRequest } from './received-request.ts';
import type { Buckets } from './s3/s3-objects.ts';
import type { ConsoleSessions } from './signin/console-session.ts';
import type { SigninTokens } from './signin/signin-tokens.ts';
import type { CredentialStore, IssuedCredentials, Principal } from './sts/credentials.ts';
import type { MfaCodes } from './sts/mfa.ts';

/** Stricter readings that real AWS does not show. */
export interface Strictness {
  /** A14: refuse a Recipient that is not an AWS sign-in URL on the API path too. */
  readonly awsRecipientOnly?: boolean;
  /** A11: how far NotBefore and IssueInstant may lie ahead; default 60. */
  readonly maxNotBeforeSkewSeconds?: number;
}

/** The shared state of one emulator. */
export interface World {
  now(): Date;
  readonly region: string;
  estate(): EstateIndex;
  /** @throws Error if IAM would not take the metadata */
  updateSamlProvider(provider: ProviderRecord, metadata: string): void;
  readonly strict: Strictness;
  readonly credentials: CredentialStore;
  readonly buckets: Buckets;
  readonly logGroups: LogGroups;
  readonly inlinePolicies: InlinePolicies;
  readonly computeSessions: ComputeSessions;
  readonly metadataTokens: MetadataTokens;
  readonly mfaCodes: MfaCodes;
  /** How STS reads what an OpenID Connect provider publishes. */
  readonly fetch: typeof globalThis.fetch;
  readonly signinTokens: SigninTokens;
  readonly consoleSessions: ConsoleSessions;
  readonly events: CloudTrailLikeEvent[];
  readonly faults: Faults;
  countRequest(key: string, now: Date): void;
  readonly secureCookies: boolean;
}

/** Looks up a long-term or temporary access key; one whose user or role is gone is not found. */
export function findCredentials(world: World, accessKeyId: string): IssuedCredentials | undefined {
  const estate = world.estate();
  const temporary = world.credentials.find(accessKeyId);
  if (temporary !== undefined) return isIssuerThere(estate, temporary.principal) ? temporary : undefined;
  const found = estate.users.get(accessKeyId);
  if (found === undefined) return findRoot(estate, accessKeyId);
  if (found.user.isInactive === true) return undefined;
  const { account, user, arn, id } = found;
  const principal = { kind: 'user' as const, accountId: account.id, arn, userId: id };
  return { accessKeyId, secretAccessKey: user.secretAccessKey, principal };
}

function findRoot(estate: EstateIndex, accessKeyId: string): IssuedCredentials | undefined {
  for (const { id, rootKey } of estate.accounts.values()) {
    if (rootKey?.accessKeyId !== accessKeyId) continue;
    const arn = `arn:${estate.partition}:iam::${id}:root`;
    return { ...rootKey, principal: { kind: 'root', accountId: id, arn, userId: id } };
  }
  return undefined;
}

function isIssuerThere(estate: EstateIndex, { issuerArn }: Principal): boolean {
  if (issuerArn === undefined || estate.roles.has(issuerArn) || issuerArn.endsWith(':root')) return true;
  return userOf(estate, issuerArn) !== undefined;
}

/** The user of this ARN. */
export function userOf(estate: EstateIndex, arn: string): UserRecord | undefined {
  return [...estate.users.values()].find((record) => record.arn === arn);
}

/** Writes one event about a call. */
export function recordCall(
  world: World,
  request: ReceivedRequest,
  call: {
    source: CloudTrailLikeEvent['eventSource'];
    name: string;
    draft: EventDraft;
    error?: { code: string; message: string } | undefined;
  },
): void {
  recordEvent(world.events, {
    eventTime: isoSeconds(request.now),
    eventSource: call.source,
    eventName: call.name,
    awsRegion: request.host.region,
    sourceIPAddress: request.sourceIp,
    userAgent: request.userAgent,
    requestID: request.id,
    recipientAccountId: call.draft.recipientAccountId,
    userIdentity: call.draft.userIdentity,
    requestParameters: call.draft.requestParameters,
    responseElements: call.error === undefined ? (call.draft.responseElements ?? null) : null,
    additionalEventData: call.draft.additionalEventData,
    errorCode: call.error?.code,
    errorMessage: call.error?.message,
  });
}

/** ISO 8601 in whole seconds, as AWS writes it. */
export function isoSeconds(date: Date): string {
  return date.toISOString().replace(/\.[0-9]{3}Z$/, 'Z');
}
