// The one place where an error becomes an answer: the public half to the client, the exact half to the log.
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { BrokerError, type ErrorCode } from '../../errors.ts';
import type { Problem } from '../../wire/api.ts';
import type { Services } from '../context.ts';
import { errorPage, withDetails } from '../page/error-page.ts';
import type { Messages } from '../page/messages/en.ts';
import { errorTable } from './error-table.ts';
import { loggedPath } from './request-log.ts';

export function notFound(): RequestHandler {
  return (_request, _response, next) => next(new BrokerError('not_found', 'no route'));
}

/** Where to sign in again, for an error that asks for it. */
export interface SignInAddress {
  readonly stepUpUrl?: string;
  readonly reauthenticationUrl?: string;
}

type AddressOf = (error: BrokerError) => SignInAddress;

export function answerError(
  { log, pageContext }: Pick<Services, 'log' | 'pageContext'>,
  addressOf: AddressOf,
): ErrorRequestHandler {
  return (thrown, request, response, next) => {
    const error = toBrokerError(thrown);
    // A flood must not fill the log: the audit trail counts what the limit refused.
    if (error.code !== 'rate_limited') {
      const { code, reason, details, message } = error;
      const facts = {
        requestId: request.requestId,
        method: request.method,
        path: loggedPath(request.path),
        code,
        reason,
        ...details,
      };
      if (code === 'internal') log.error({ ...facts, stack: (thrown as Error)?.stack }, message);
      else if (errorTable[code].status >= 500) log.error(facts, message);
      else log.warn(facts, message);
    }
    if (response.headersSent) {
      next(thrown);
      return;
    }
    // What failed is not where to come back to, and its address is not repeated.
    const context = pageContext(request, '/');
    const { status, ...usual } = errorTable[error.code];
    const retryAfterSeconds = error.details['retryAfterSeconds'] ?? usual.retryAfterSeconds;
    if (retryAfterSeconds !== undefined) response.set('Retry-After', String(retryAfterSeconds));
    response.status(status);
    const wantsHtml = !request.path.startsWith('/api/') && request.accepts(['html', 'json']) === 'html';
    if (wantsHtml) response.type('html').send(errorPage(error, request.requestId, context));
    else sendProblem(response, error, request.requestId, context.text, addressOf(error));
  };
}

function sendProblem(
  response: Response,
  { code, details }: BrokerError,
  requestId: string,
  text: Messages,
  address: SignInAddress,
): void {
  const { status } = errorTable[code];
  const { title, help } = text.errors[code];
  const problem: Problem = {
    type: 'about:blank',
    status,
    title,
    detail: withDetails(help, details),
    code,
    requestId,
    ...address,
  };
  response.type('application/problem+json').send(JSON.stringify(problem));
}

// body-parser and Express throw errors with a status; any other error is a bug of the broker.
const byStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'bad_request',
  404: 'not_found',
  413: 'too_large',
  415: 'unsupported_media_type',
};

function toBrokerError(thrown: unknown): BrokerError {
  if (thrown instanceof BrokerError) return thrown;
  const { status, type } = thrown as { status?: unknown; type?: unknown };
  const code = (typeof status === 'number' && byStatus[status]) || 'internal';
  const message = code === 'internal' ? 'unexpected error' : `refused by the parser: ${String(type ?? status)}`;
  return new BrokerError(code, message, { cause: thrown });
}
