// For forms of identity providers: their values are ASCII, whatever charset the form says it is in.
import type { RequestHandler } from 'express';

export function anyCharset(): RequestHandler {
  return (request, _response, next) => {
    const type = request.get('content-type')?.split(';')[0]?.trim().toLowerCase();
    if (type === 'application/x-www-form-urlencoded') request.headers['content-type'] = type;
    next();
  };
}
