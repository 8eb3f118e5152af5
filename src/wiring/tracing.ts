// OpenTelemetry through its API package: spans for the SDK that the operator brings. Loaded only where tracing is on.
import { context, propagation, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { BrokerError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Tracing } from '../tracing.ts';

/** Methods that HTTP defines; another one is text of a request. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export function createTracing(log: Logger): Tracing {
  const tracer = trace.getTracer('rolegate');
  if (!trace.isSpanContextValid(probe().spanContext())) {
    log.warn('tracing is on without an OpenTelemetry SDK: start Node with --import and a file that registers one');
  }
  return {
    around: (name, attributes, work) => {
      // Work of timers, such as the anchors of the audit chain, would be a trace for each call.
      if (trace.getActiveSpan() === undefined) return work();
      return tracer.startActiveSpan(name, { attributes }, (span) => {
        try {
          const result = work();
          if (!(result instanceof Promise)) {
            span.end();
            return result;
          }
          const end = () => span.end();
          // Returns the same promise: the caller's must not differ from the one without tracing.
          result.then(end, (error: unknown) => fail(span, error));
          return result;
        } catch (error) {
          fail(span, error);
          throw error;
        }
      });
    },
    request: ({ source, method, kind, requestId, traceparent, tracestate }, answer) => {
      const parent =
        traceparent === undefined
          ? ROOT_CONTEXT
          : propagation.extract(ROOT_CONTEXT, { traceparent, ...(tracestate !== undefined && { tracestate }) });
      const shown = methods.has(method) ? method : '_OTHER';
      const attributes = {
        'http.request.method': shown,
        'rolegate.request.kind': kind,
        'rolegate.request.id': requestId,
      };
      const span = tracer.startSpan(`${shown} ${kind}`, { kind: SpanKind.SERVER, attributes }, parent);
      const end = (status: number) => {
        span.setAttribute('http.response.status_code', status);
        if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      };
      const inside = trace.setSpan(parent, span);
      context.bind(inside, source);
      context.with(inside, () => answer({ traceId: span.spanContext().traceId, end }));
    },
  };

  function probe(): Span {
    const span = tracer.startSpan('start');
    span.end();
    return span;
  }
}

/** Not recordException: messages and stacks may quote what a request or AWS said. */
function fail(span: Span, error: unknown): void {
  const isKnown = error instanceof BrokerError;
  span.setAttribute('error.type', isKnown ? error.code : 'internal');
  if (isKnown && error.reason !== undefined) span.setAttribute('rolegate.reason', error.reason);
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
