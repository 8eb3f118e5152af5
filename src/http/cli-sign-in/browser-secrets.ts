// Which browser asks: what binds the pages of one sign-in of the command line to each other.
import type { Request } from 'express';
import type { BrowserSecrets } from '../../oauth/exchange.ts';
import { type Services, signedInSession } from '../context.ts';
import { readLoginCookie } from '../middleware/cookies.ts';

export function browserSecrets({ config, clock, sessions }: Services, request: Request): BrowserSecrets {
  const isSignedIn = request.grant === undefined && signedInSession(request, clock.now()) !== undefined;
  return {
    login: readLoginCookie(request, config),
    session: isSignedIn ? sessions.handleOf(request.sessionID) : undefined,
  };
}
