// CloudTrail-like records of every call, with the fields an auditor reads. No assertion, secret or session token gets in.
import { randomUUID } from 'node:crypto';
import type { IssuedCredentials, Principal } from './sts/credentials.ts';

type EventSource =
  | ('sts' | 'signin' | 'iam' | 's3' | 'lambda' | 'ecr' | 'logs' | 'kms' | 'codecommit')
  | ('secretsmanager' | 'ssm' | 'organizations');

/** One record, in CloudTrail's spelling. */
export interface CloudTrailLikeEvent {
  readonly eventTime: string;
  readonly eventSource: `${EventSource}.amazonaws.com`;
  readonly eventName: string;
  readonly awsRegion: string;
  readonly sourceIPAddress: string;
  readonly userAgent: string;
  readonly requestID: string;
  readonly eventID: string;
  readonly recipientAccountId?: string | undefined;
  readonly userIdentity: Readonly<Record<string, unknown>>;
  readonly requestParameters: Readonly<Record<string, unknown>> | null;
  readonly responseElements: Readonly<Record<string, unknown>> | null;
  readonly additionalEventData?: Readonly<Record<string, unknown>> | undefined;
  readonly errorCode?: string | undefined;
  readonly errorMessage?: string | undefined;
}

/** What a call tells about itself while it runs; the recorder turns it into one event. */
export interface EventDraft {
  recipientAccountId?: string;
  userIdentity: Record<string, unknown>;
  requestParameters: Record<string, unknown>;
  responseElements?: Record<string, unknown>;
  additionalEventData?: Record<string, unknown>;
}

/** An empty draft for a caller of whom nothing is known yet. */
export function newDraft(): EventDraft {
  return { userIdentity: { type: 'Unknown' }, requestParameters: {} };
}

const MAX_EVENTS = 10_000;

/** Appends to a bounded list; the oldest records go first, so a long load test does not fill the memory. */
export function recordEvent(events: CloudTrailLikeEvent[], event: Omit<CloudTrailLikeEvent, 'eventID'>): void {
  if (events.length >= MAX_EVENTS) events.splice(0, MAX_EVENTS / 10);
  events.push({ ...event, eventID: randomUUID() });
}

/** How CloudTrail names the holder of credentials. */
export function identityOf(credentials: IssuedCredentials): Record<string, unknown> {
  const { principal, accessKeyId } = credentials;
  const { arn, accountId, userId: principalId } = principal;
  const common = { arn, accountId, accessKeyId, principalId };
  if (principal.kind === 'root') return { type: 'Root', ...common };
  const issuer = principal.issuerArn ?? arn;
  const userName = principal.roleName ?? issuer.split('/').at(-1);
  const issuerType = principal.roleName === undefined ? 'IAMUser' : 'Role';
  const session = sessionContext(principal, { type: issuerType, arn: issuer, accountId, userName });
  if (principal.kind === 'user') return { type: 'IAMUser', ...common, userName };
  if (principal.kind === 'session') return { type: 'IAMUser', ...common, userName, sessionContext: session };
  const type = principal.kind === 'federated-user' ? 'FederatedUser' : 'AssumedRole';
  return { type, ...common, sessionContext: session };
}

function sessionContext(principal: Principal, sessionIssuer: Record<string, unknown>): Record<string, unknown> {
  const { sourceIdentity, issuedAt, mfaAt } = principal;
  return {
    sessionIssuer,
    attributes: { creationDate: issuedAt?.toISOString(), mfaAuthenticated: String(mfaAt !== undefined) },
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
  };
}
