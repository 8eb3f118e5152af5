// A span for each request that is answered, where tracing is on. Only a trusted proxy may name the trace: a trace that a client
// chooses could be sampled always, or be another one's.
import type { RequestHandler } from 'express';
import type { Tracing } from '../../tracing.ts';
import { isTrustedPeer, type TrustedProxies } from './client-address.ts';
import { kindOf } from './request-time.ts';

export function traceRequest(tracing: Tracing, proxies: TrustedProxies): RequestHandler {
  const isTrusted = isTrustedPeer(proxies);
  return (request, response, next) => {
    const { method, path, requestId } = request;
    const mayName = isTrusted(request.socket.remoteAddress ?? '', 0);
    const given = (name: string) => (mayName ? request.get(name) : undefined);
    const [traceparent, tracestate] = [given('traceparent'), given('tracestate')];
    const incoming = { source: request, method, kind: kindOf(path), requestId, traceparent, tracestate };
    tracing.request(incoming, ({ traceId, end }) => {
      request.traceId = traceId;
      // Not finish: a client that goes away ends the work as well.
      response.once('close', () => end(response.statusCode));
      next();
    });
  };
}
