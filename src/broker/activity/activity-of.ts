// Which audit events count as activity, and what of them a page shows.
import type { AuditEvent, RequestFacts } from '../../audit/events.ts';
import type { ActivityEntry, Person } from './activity.ts';
import type { ActivityCounts } from './activity-day.ts';

type Entry = Omit<ActivityEntry, 'time'>;

/** Undefined for an event that no page shows, or that belongs to no person. */
export function activityOf(
  event: AuditEvent,
  request: RequestFacts | undefined,
): { readonly person: Person; readonly entry: Entry } | undefined {
  const facts = factsOf(event);
  if (!facts || !request || !('user' in event) || typeof event.user !== 'string' || event.idp === undefined) {
    return undefined;
  }
  const { requestId, sourceIp, cliSession, machine } = request;
  const person = { idp: event.idp, user: event.user };
  return { person, entry: { ...facts, requestId, sourceIp, cliSession, machine } };
}

function factsOf(event: AuditEvent): Omit<Entry, 'requestId' | 'sourceIp'> | undefined {
  switch (event.event) {
    case 'sign_in':
      return { kind: 'sign_in' };
    case 'credentials_issued': {
      const { roleArn, accessKeyId, expiresAt } = event;
      // A console's credentials have their own event.
      return event.purpose === 'credentials' ? { kind: 'credentials', roleArn, accessKeyId, expiresAt } : undefined;
    }
    case 'console_opened':
    case 'console_posted':
      return { kind: 'console', roleArn: event.roleArn, expiresAt: event.sessionExpiresAt };
    case 'role_refused':
    case 'credentials_refused':
      return { kind: 'refused', roleArn: event.roleArn, code: event.code };
    default:
      return undefined;
  }
}

/** Undefined for an event that no counter counts. */
export function countsOf(event: AuditEvent): ActivityCounts | undefined {
  if (event.event === 'sign_in_refused') return { refusals: 1 };
  if (event.event === 'refusals_counted') {
    return event.refused === 'sign_in_refused' || event.refused === 'credentials_refused'
      ? { refusals: event.counted }
      : undefined;
  }
  const facts = factsOf(event);
  switch (facts?.kind) {
    case 'sign_in':
      return { signIns: 1 };
    case 'credentials':
      return { credentials: 1, roles: { [facts.roleArn ?? '']: 1 } };
    case 'console':
      return { consoles: 1, roles: { [facts.roleArn ?? '']: 1 } };
    case 'refused':
      return { refusals: 1 };
    default:
      return undefined;
  }
}
