// Pages for people who are signed in.
import type { Request, RequestHandler, Response } from 'express';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { type Services, signedInSession } from '../context.ts';
import { loginUrl } from '../page/return-to.ts';

/** Everyone else signs in first and comes back to the page. */
export function signedIn(
  { clock }: Services,
  answer: (session: SignedInSession, request: Request, response: Response) => unknown,
): RequestHandler {
  return (request, response) => {
    const session = signedInSession(request, clock.now());
    return session ? answer(session, request, response) : response.redirect(303, loginUrl(request.originalUrl));
  };
}
