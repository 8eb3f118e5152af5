// A browser's new session after a sign-in: a new id, findable before it is usable.
import type { Request } from 'express';
import type { AnswerRequest } from '../../broker/sign-in/open-session.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import type { Services } from '../context.ts';

/** What the sign-in use-cases are given to open the session of this request's browser. */
export function sessionOpener(request: Request, { sessions }: Services): AnswerRequest['openSession'] {
  return (session, register) => openSession(request, session, () => register(sessions.handleOf(request.sessionID)));
}

async function openSession(request: Request, signedIn: SignedInSession, register: () => Promise<void>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    request.session.regenerate((failed: unknown) => (failed ? reject(failed as Error) : resolve()));
  });
  // First findable, then usable: nothing is saved of a session that single logout could not end.
  try {
    await register();
  } catch (error) {
    // Else express-session would save what it has, empty as it is.
    await new Promise<void>((resolve) => {
      request.session.destroy(() => resolve());
    });
    throw error;
  }
  request.session.signedIn = signedIn;
  await new Promise<void>((resolve, reject) => {
    request.session.save((error: unknown) => (error ? reject(error as Error) : resolve()));
  });
}
