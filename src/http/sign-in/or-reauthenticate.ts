// Where AWS wants a new response of the identity provider: a page that leads to a sign-in and back to what was chosen.
import type { Response } from 'express';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { BrokerError } from '../../errors.ts';
import type { PageContext } from '../page/page-types.ts';
import { loginUrl } from '../page/return-to.ts';
import { reauthenticatePage } from './sign-in-pages.ts';

/** @param returnTo comes back to one button, so that nothing goes round by itself */
export async function orReauthenticate<T>(
  { response, frame, session, returnTo }: Reauthenticate,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BrokerError && error.code === 'reauthentication_required')) throw error;
    // No redirect: form-action would hold the way to the identity provider to our list.
    response
      .status(403)
      .type('html')
      .send(reauthenticatePage(frame, session, loginUrl(returnTo)));
    return undefined;
  }
}

export interface Reauthenticate {
  readonly response: Response;
  readonly frame: PageContext;
  readonly session: SignedInSession;
  readonly returnTo: string;
}
