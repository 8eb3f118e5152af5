// One log line for each answer: method, route, status, time. No query, no header, no body.
import type { RequestHandler } from 'express';
import type { Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';

export function requestLog(log: Logger, clock: Clock): RequestHandler {
  return (request, response, next) => {
    const startedAt = clock.now().getTime();
    const { method, path } = request;
    response.on('finish', () => {
      const { requestId, traceId } = request;
      const ms = clock.now().getTime() - startedAt;
      log.info({ requestId, traceId, method, path: loggedPath(path), status: response.statusCode, ms }, 'request');
    });
    next();
  };
}

/** Plain text, and without the name of a sign-in under way: its record in the store is sealed with it. */
export function loggedPath(path: string): string {
  const plain = path.slice(0, 100).replace(/[^ -~]/g, '?');
  return plain.replace(/^(\/oauth\/(?:authorize|confirm)\/).*/i, '$1…');
}
