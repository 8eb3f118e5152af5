// What the broker tells a tracer, in its own words: names of work and few attributes, never the content of a request. Off by
// default: no tracer is made then, and nothing is wrapped.
import type { EventEmitter } from 'node:events';

/** Codes, kinds and ids of the configuration. */
type SpanAttributes = Readonly<Record<string, string | number>>;

interface IncomingRequest {
  /** Its events belong to the span: a body that is read to its end goes on with the request. */
  readonly source: EventEmitter;
  readonly method: string;
  /** As in the metrics. */
  readonly kind: string;
  readonly requestId: string;
  /** W3C Trace Context, of a caller that may name the trace. */
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
}

interface RequestSpan {
  /** For the log. */
  readonly traceId: string;
  readonly end: (status: number) => void;
}

export interface Tracing {
  /** A span around the work, which may be asynchronous. A failure shows its code. */
  readonly around: <T>(name: string, attributes: SpanAttributes, work: () => T) => T;
  /** @param answer everything that belongs to the request */
  readonly request: (incoming: IncomingRequest, answer: (span: RequestSpan) => void) => void;
}

/** Without a tracer the object itself: tracing that is off costs nothing. */
export function traced<T extends object, Name extends keyof T & string>(
  tracing: Tracing | undefined,
  prefix: string,
  target: T,
  names: readonly Name[],
): T {
  if (!tracing) return target;
  const methods = target as Readonly<Record<Name, (...args: unknown[]) => unknown>>;
  const wrapped = names.map((name) => {
    const call = (...args: unknown[]) => tracing.around(`${prefix} ${name}`, {}, () => methods[name](...args));
    return [name, call];
  });
  return { ...target, ...Object.fromEntries(wrapped) };
}

/** As `traced`; a span says which event is recorded. */
export function tracedAudit<Event extends { readonly event: string }, Facts>(
  tracing: Tracing | undefined,
  audit: { readonly record: (event: Event, facts: Facts) => Promise<void> },
): typeof audit {
  if (!tracing) return audit;
  return {
    record: (event, facts) => {
      const attributes = { 'rolegate.event': event.event };
      return tracing.around('audit record', attributes, () => audit.record(event, facts));
    },
  };
}
