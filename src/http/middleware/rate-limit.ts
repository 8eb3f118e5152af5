// One limit for every request without a session, for each source address: before anything is read, by what the request may
// cost. Requests with a session pay nothing, and a sign-in that succeeds gets its cost back.
import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { BrokerError } from '../../errors.ts';
import { addressOf } from '../../source-address.ts';
import { requestFacts, type Services, signedInSession } from '../context.ts';
import { signedSessionId } from './cookies.ts';
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

/**
 * Of each: hashes of access tokens that opened a session in this process, without which a guessed token looks like a real one;
 * and ids in signed cookies whose session has ended.
 */
const maxRemembered = 10_000;

/** One for all: a stack trace for each would cost more than the answer. */
const refusal = new BrokerError('rate_limited', 'too many requests from this address', { reason: 'rate_limited' });

export function limitRequests({ config, clock, signIn, requestLimiter: limiter }: Services): RequestLimit {
  const answer = createLimitedAnswer(config);
  const charges = new WeakMap<Request, Charge>();
  const tokens = new Set<string>();
  const endedSessions = new Set<string>();
  const hasSession = (request: Request) => signedInSession(request, clock.now()) !== undefined;
  const hasCookie = (request: Request) => {
    const id = signedSessionId(request, config);
    return id !== undefined && !endedSessions.has(id);
  };
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
        const isRefused = response.statusCode >= 400 && response.statusCode < 500;
        if (hasSession(request) || response.locals['isCostGivenBack'] === true) void giveBack(charge);
        // Neither `before` nor `after` took it: a token whose session has ended, another Host, an asset that is not there.
        else if (isRefused && !charge.isTaken) {
          if (token !== undefined) tokens.delete(token);
          void limiter.take(charge.address, charge.cost);
        }
      });
      // Whether there is a session the store says later. What was never signed by this broker is not looked for.
      const hasProof = () => (token === undefined ? hasCookie(request) : tokens.has(token));
      // What identity providers send is answered without looking for a session: `after` is not reached.
      const isPlausible = !/^\/(saml|openid|offboarding|scim)\//i.test(request.path) && hasProof();
      if (isPlausible || (await take(request, response, charge))) next();
    },
    after: async (request, response, next) => {
      const charge = charges.get(request)!;
      if (!hasSession(request)) {
        const id = signedSessionId(request, config);
        if (charge.token === undefined && id !== undefined) remember(endedSessions, id);
        if (charge.isTaken || (await take(request, response, charge))) next();
        return undefined;
      }
      if (charge.token !== undefined && request.grant) remember(tokens, charge.token);
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

function remember(known: Set<string>, value: string): void {
  known.delete(value);
  known.add(value);
  if (known.size > maxRemembered) known.delete(known.values().next().value!);
}
