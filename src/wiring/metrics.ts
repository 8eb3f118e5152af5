// The counters and timers of this process. Each label has few values: codes, reasons, modes, and ids that the configuration names.
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { Audit, AuditEvent } from '../audit/events.ts';
import type { Sts } from '../aws/sts.ts';
import { BrokerError } from '../errors.ts';
import type { StartRequest } from '../http/middleware/request-time.ts';
import type { KeyValue } from '../store/key-value.ts';
import type { RateLimiter } from '../store/rate-limiter.ts';

export interface Metrics {
  readonly registry: Registry;
  readonly startRequest: StartRequest;
  /** The audit trail as it was, with each record counted once it is written. */
  readonly counted: (audit: Audit) => Audit;
  /** Records that a buffered sink had no room for. */
  readonly auditDropped: (sink: string, records: number) => void;
  /** Counts refusals only. */
  readonly limited: (limit: 'requests' | 'credentials', limiter: RateLimiter) => RateLimiter;
  readonly timedStore: (keyValue: KeyValue) => KeyValue;
  readonly timedSts: (sts: Sts) => Sts;
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** @param idps the identity providers in force: only their ids become labels, never the text of a request */
export function createMetrics(idps: () => readonly { readonly id: string }[]): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const histogram = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Histogram({ name, help, labelNames: [...labelNames], buckets: seconds, registers: [registry] });
  const request = histogram('rolegate_request_duration_seconds', 'Time to the end of an answer, by kind of request', [
    'kind',
    'status',
  ]);
  const store = histogram('rolegate_store_duration_seconds', 'Time of one operation of the store', operationLabels);
  const sts = histogram('rolegate_sts_duration_seconds', 'Time of one call to STS with its retries', operationLabels);
  const audit = histogram('rolegate_audit_duration_seconds', 'Time to write one audit record', ['outcome']);
  const limited = new Counter({
    name: 'rolegate_rate_limited_total',
    help: 'Refusals by a rate limit',
    labelNames: ['limit'],
    registers: [registry],
  });
  const dropped = new Counter({
    name: 'rolegate_audit_dropped_records_total',
    help: 'Audit records that a buffered sink had no room for',
    labelNames: ['sink'],
    registers: [registry],
  });
  // Prometheus sees an increase only of a series that was there before.
  for (const limit of ['requests', 'credentials']) limited.inc({ limit }, 0);
  audit.zero({ outcome: 'audit_unavailable' });
  const count = createCounters(registry, idps);
  return {
    registry,
    startRequest: (kind) => request.startTimer({ kind }),
    counted: ({ record }) => ({
      record: async (event, facts) => {
        await timed(audit.startTimer(), () => record(event, facts));
        count(event);
      },
    }),
    auditDropped: (sink, records) => dropped.inc({ sink }, records),
    limited: (limit, limiter) => ({
      ...limiter,
      take: async (subject, cost) => {
        const waitMs = await limiter.take(subject, cost);
        if (waitMs !== undefined) limited.inc({ limit });
        return waitMs;
      },
    }),
    timedStore: (keyValue) => timedMethods(keyValue, storeOperations, store),
    timedSts: (calls) => timedMethods(calls, Object.keys(calls) as (keyof Sts)[], sts),
  };
}

const operationLabels = ['operation', 'outcome'] as const;
/** Not `inOrder`, whose steps are counted one by one. */
export const storeOperations = [
  'read',
  'write',
  'create',
  'replace',
  'swap',
  'take',
  'createThenTake',
  'count',
  'touch',
  'remove',
  'addToIndex',
  'readIndex',
  'removeFromIndex',
] as const satisfies readonly (keyof KeyValue)[];

function timedMethods<T extends object, Name extends keyof T & string>(
  target: T,
  names: readonly Name[],
  histogram: Histogram<'operation' | 'outcome'>,
): T {
  const methods = target as Readonly<Record<Name, (...args: unknown[]) => Promise<unknown>>>;
  const wrapped = names.map((operation) => {
    const call = (...args: unknown[]) => timed(histogram.startTimer({ operation }), () => methods[operation](...args));
    return [operation, call];
  });
  return { ...target, ...Object.fromEntries(wrapped) };
}

// The call begins before anything is awaited: the store puts operations together that begin in the same turn.
async function timed<T>(end: (labels: { outcome: string }) => unknown, call: () => Promise<T>): Promise<T> {
  try {
    const result = await call();
    end({ outcome: 'ok' });
    return result;
  } catch (error) {
    end({ outcome: error instanceof BrokerError ? error.code : 'internal' });
    throw error;
  }
}

function createCounters(
  registry: Registry,
  idps: () => readonly { readonly id: string }[],
): (event: AuditEvent) => void {
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name, help, labelNames: [...labelNames], registers: [registry] });
  const help = 'Audit records by event, and by reason or code where something was refused';
  const events = counter('rolegate_events_total', help, ['event', 'reason']);
  for (const [event, reason] of alarms) events.inc({ event, reason }, 0);
  const signIns = counter('rolegate_sign_ins_total', 'Sign-ins by outcome', ['outcome', 'idp', 'reason']);
  const credentials = counter('rolegate_credentials_total', 'Credentials and consoles by outcome', [
    ...['outcome', 'purpose', 'mode', 'reason'],
  ]);
  const knownIdp = (idp: string | undefined) => idps().find(({ id }) => id === idp)?.id ?? '';
  return (event) => {
    const reason = reasonOf(event);
    events.inc({ event: event.event, reason });
    if (event.event === 'sign_in') signIns.inc({ outcome: 'opened', idp: knownIdp(event.idp), reason });
    if (event.event === 'sign_in_refused') signIns.inc({ outcome: 'refused', idp: knownIdp(event.idp), reason });
    if (event.event === 'role_refused') credentials.inc({ outcome: 'refused', purpose: '', mode: '', reason });
    const outcome = credentialOutcomes[event.event];
    if (outcome !== undefined && 'mode' in event) {
      credentials.inc({ outcome, purpose: event.purpose, mode: event.mode, reason });
    }
  };
}

/** Each one is an alarm of deploy/prometheus/alerts.yaml. */
const alarms = [
  ['verification_disagreed', ''],
  ['grant_ended', 'reuse'],
] as const satisfies readonly (readonly [AuditEvent['event'], string])[];

const credentialOutcomes: Readonly<Partial<Record<AuditEvent['event'], string>>> = {
  credentials_issued: 'issued',
  console_posted: 'posted',
  credentials_refused: 'refused',
};

function reasonOf(event: AuditEvent): string {
  const reason = 'reason' in event ? event.reason : undefined;
  return reason ?? ('code' in event ? (event.code ?? '') : '');
}
