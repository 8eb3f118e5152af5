// Opens a console for a browser: by a redirect, or, for a role in the mode browser-post, by a page whose form goes to AWS.
import type { Request, Response } from 'express';
import { isConsoleOnly } from '../../access/resolve.ts';
import { openConsole } from '../../broker/credentials/open-console.ts';
import { type PostConsoleWish, postConsole } from '../../broker/credentials/post-console.ts';
import { requestFacts, type Services } from '../context.ts';
import type { FrameOf } from '../page/page-context.ts';
import { rolesOf } from '../portal/session-roles.ts';
import { orReauthenticate } from '../sign-in/or-reauthenticate.ts';
import { consolePath } from './console-link.ts';
import { consolePostPage } from './console-post-page.ts';

export interface AnswerConsole {
  readonly services: Services;
  readonly frameOf: FrameOf;
  readonly request: Request;
  readonly response: Response;
}

/** @throws BrokerError as openConsole and postConsole */
export async function answerConsole(
  { services, frameOf, request, response }: AnswerConsole,
  asked: Omit<PostConsoleWish, 'request' | 'durationSeconds'>,
): Promise<void> {
  const { session, roleArn, destination, region } = asked;
  const wish = { ...asked, durationSeconds: undefined, request: requestFacts(request) };
  const frame = { ...frameOf(request), path: consolePath(roleArn, { destination, region }) };
  const role = rolesOf(session, services).find((each) => each.roleArn === roleArn);
  if (!role || !isConsoleOnly(role)) {
    const opened = await orReauthenticate({ response, frame, session, returnTo: frame.path }, () =>
      openConsole(services.console, wish),
    );
    if (opened) response.redirect(303, opened.url);
    return;
  }
  const post = await postConsole(services.console, wish);
  response.type('html').send(consolePostPage(frame, session, { role, post, place: { destination, region } }));
}
