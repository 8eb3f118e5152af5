// Keeps a flood of requests from becoming a flood of audit records: the first refusals of a kind from an address, and the first
// roles refused to a person, are written as they are; the rest of the minute is counted.
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { addressOf } from '../source-address.ts';
import type { Audit, AuditEvent, RequestFacts } from './events.ts';

export interface SummarizingAudit extends Audit {
  /** Writes what was counted until now. Never throws. */
  flush(): Promise<void>;
}

interface Kind {
  readonly refused: AuditEvent['event'];
  readonly code: string | undefined;
  readonly reason: string | undefined;
}

interface Count {
  readonly kind: Kind;
  /** Undefined for all addresses that do not fit. */
  readonly sourceIp: string | undefined;
  seen: number;
  counted: number;
}

/** Kinds of refusal from addresses that have records in one minute; further addresses are counted together. */
const maxCounts = 200;
/** Asking to sign in on a command line is not refused, but anyone can do it. */
const asksPerMinute = 10;
/** More roles than a person tries by hand; a page for several roles has fewer. */
const rolesPerMinute = 60;
const minuteMs = 60_000;

export function summarizeRefusals(
  audit: Audit,
  { perMinute, clock, log }: { readonly perMinute: () => number; readonly clock: Clock; readonly log: Logger },
): SummarizingAudit {
  let counts = new Map<string, Count>();
  let minute = 0;
  const countOf = (kind: Kind, request: RequestFacts): Count => {
    const name = JSON.stringify(kind);
    const ofAddress = `${name} ${addressOf(request.sourceIp)}`;
    const key = counts.has(ofAddress) || counts.size < maxCounts ? ofAddress : name;
    const sourceIp = key === name ? undefined : request.sourceIp;
    const count = counts.get(key) ?? { kind, sourceIp, seen: 0, counted: 0 };
    counts.set(key, count);
    return count;
  };
  const flush = async (): Promise<void> => {
    const [since, done] = [new Date(minute * minuteMs).toISOString(), [...counts.values()]];
    counts = new Map();
    const events = done
      .filter(({ counted }) => counted > 0)
      .map(
        ({ kind, sourceIp, counted }) => ({ event: 'refusals_counted', ...kind, sourceIp, counted, since }) as const,
      );
    const results = await Promise.allSettled(events.map((event) => audit.record(event, undefined)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) log.error({ detail: (failed.reason as Error).message }, 'counted refusals not recorded');
  };
  return {
    record: async (event, request) => {
      const kind = kindOf(event);
      if (!kind || !request) return audit.record(event, request);
      const now = Math.floor(clock.now().getTime() / minuteMs);
      if (now !== minute) {
        // Not awaited: an answer does not wait for the minute before.
        void flush();
        minute = now;
      }
      const count = countOf(kind, request);
      count.seen++;
      const inFull = perMinute() * (timesPerMinute[kind.refused] ?? 1);
      if (count.sourceIp !== undefined && count.seen <= inFull) return audit.record(event, request);
      count.counted++;
    },
    flush,
  };
}

const timesPerMinute: Partial<Record<AuditEvent['event'], number>> = {
  command_line_asked: asksPerMinute,
  role_refused: rolesPerMinute,
};

/** Undefined for what only a person who is signed in, or an identity provider's signature, brings about. */
function kindOf(event: AuditEvent): Kind | undefined {
  const refused = event.event;
  switch (refused) {
    case 'sign_in_refused':
    case 'logout_refused':
    case 'offboarding_refused':
      return { refused, code: event.code, reason: event.reason };
    case 'token_refused':
      return { refused, code: event.code, reason: event.endpoint };
    case 'role_refused':
      // By person: no limit applies to a role that is not granted.
      return { refused, code: event.code, reason: event.user };
    case 'command_line_asked':
      return { refused, code: undefined, reason: undefined };
    case 'credentials_refused':
      return event.code === 'credentials_limited' ? { refused, code: event.code, reason: undefined } : undefined;
    default:
      return undefined;
  }
}
