// The body of a state-changing call to the API: of our own origin, JSON and nothing else, small.
import { json, type RequestHandler } from 'express';
import { BrokerError } from '../../errors.ts';
import { sameOriginOfScript } from './same-origin.ts';

export function jsonBody(baseUrl: string): RequestHandler[] {
  return [
    sameOriginOfScript(baseUrl),
    (request, _response, next) => {
      const isJson = request.is('application/json') === 'application/json';
      next(isJson ? undefined : new BrokerError('unsupported_media_type', 'not application/json'));
    },
    json({ limit: '16kb', strict: true }),
  ];
}
