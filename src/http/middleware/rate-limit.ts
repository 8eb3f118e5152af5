// One limit for every request without a session, for each source address: before anything is read, by what the request may
// cost. Requests with a session pay nothing, and a sign-in that succeeds gets its cost back.
import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { BrokerError } from '../../errors.ts';
import { addressOf } from '../../source-address.ts';
import { requestFacts, type Services, signedInSession } from '../context.ts';
import { hasSignedSessionCookie } from './cookies.ts';
import { createLimitedAnswer } from './limited-answer.ts';
import { costOf } from './request-cost.ts';

interface Charge {
  readonly address: string;
  readonly cost: number;
  isTaken: boolean;
  /** The token of a command line that opened a session before. */
  readonly token: string | undefined;
}

export interface RequestLimit {
  /** Before a body is read, and before the store is asked. */
  readonly before: RequestHandler;
  /** When it is known whether the request has a session. */
  readonly after: RequestHandler;
}

/** Hashes of access tokens that opened a session in this process: without them a guessed token looks like a real one. */
const maxTokens = 10_000;

/** One for all: a stack trace for each would cost more than the answer. */
const refusal = new BrokerError('rate_limited', 'too many requests from this address', { reason: 'rate_limited' });

export function limitRequests({ config, clock, signIn, requestLimiter: limiter }: Services): RequestLimit {
  const answer = createLimitedAnswer(config);
  const charges = new WeakMap<Request, Charge>();
  const tokens = new Set<string>();
  const hasSession = (request: Request) => signedInSession(request, clock.now()) !== undefined;
  /** @returns whether the request may go on; otherwise it is answered */
  const take = async (request: Request, response: Response, charge: Charge): Promise<boolean> => {
    const waitMs = await limiter.take(charge.address, charge.cost);
    charge.isTaken = true;
    if (waitMs === undefined) return true;
    await signIn.recordRefusal(requestFacts(request), refusal);
    answer(request, response, Math.ceil(waitMs / 1000));
    return false;
  };
  const giveBack = async (charge: Charge): Promise<void> => {
    if (charge.isTaken) await limiter.giveBack(charge.address, charge.cost);
    charge.isTaken = false;
  };
  return {
    before: async (request, response, next) => {
      const token = hashedToken(request);
      const charge: Charge = { address: addressOf(request.ip ?? ''), cost: costOf(request), isTaken: false, token };
      charges.set(request, charge);
      response.once('finish', () => {
        if (hasSession(request) || response.locals['isCostGivenBack'] === true) void giveBack(charge);
        // A token that opened a session once, and no longer does: `after` was not reached.
        else if (response.statusCode === 401 && token !== undefined && tokens.delete(token))
          void limiter.take(charge.address, charge.cost);
      });
      // Whether there is a session the store says later. What was never signed by this broker is not looked for.
      const hasProof = () => (token === undefined ? hasSignedSessionCookie(request, config) : tokens.has(token));
      // What identity providers send is answered without looking for a session: `after` is not reached.
      const isPlausible = !/^\/(saml|openid)\//i.test(request.path) && hasProof();
      if (isPlausible || (await take(request, response, charge))) next();
    },
    after: async (request, response, next) => {
      const charge = charges.get(request)!;
      if (!hasSession(request)) {
        if (charge.isTaken || (await take(request, response, charge))) next();
        return undefined;
      }
      if (charge.token !== undefined) remember(tokens, charge.token);
      await giveBack(charge);
      return next();
    },
  };
}

/** For an answer of an identity provider that signs a person in. */
export function giveBackCost(response: Response): void {
  response.locals['isCostGivenBack'] = true;
}

function hashedToken(request: Request): string | undefined {
  const header = request.path.startsWith('/api/') ? request.get('authorization') : undefined;
  return header === undefined ? undefined : createHash('sha256').update(header).digest('base64url');
}

function remember(tokens: Set<string>, token: string): void {
  tokens.delete(token);
  tokens.add(token);
  if (tokens.size > maxTokens) tokens.delete(tokens.values().next().value!);
}
