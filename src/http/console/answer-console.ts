// Opens a console for a browser: by a redirect, or, for a role in the mode browser-post, by a page whose form goes to AWS.
import type { Request, Response } from 'express';
import { isConsoleOnly } from '../../access/resolve.ts';
import type { RequestedRole } from '../../broker/credentials/granted-role.ts';
import type { PostOptions } from '../../broker/credentials/post-console.ts';
import { requestFacts, type Services } from '../context.ts';
import type { PageContext } from '../page/page-types.ts';
import { orReauthenticate } from '../sign-in/or-reauthenticate.ts';
import { consolePath } from './console-link.ts';
import { consolePostPage } from './console-post-page.ts';

/** @throws BrokerError as Console.open and Console.post */
export async function answerConsole(
  { console }: Services,
  request: Request,
  response: Response,
  pageFrame: PageContext,
  requested: RequestedRole,
  options: PostOptions,
): Promise<void> {
  const { session, roleArn, role } = requested;
  const { destination, region } = options;
  const frame = { ...pageFrame, path: consolePath(roleArn, { destination, region }) };
  if (role && isConsoleOnly(role)) {
    const post = await console.post(requested, options, requestFacts(request));
    response.type('html').send(consolePostPage(frame, session, { role, post, target: { destination, region } }));
    return;
  }
  const opened = await orReauthenticate({ response, frame, session, returnTo: frame.path }, () =>
    console.open(requested, options, requestFacts(request)),
  );
  if (opened) response.redirect(303, opened.url);
}
