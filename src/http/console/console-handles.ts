// Handles of `rolegate console`: one console link opens without the page that asks, once, within a minute, in a browser where
// the same person is signed in. In every other case the link is one like any other, and the page asks.
import { type Request, Router } from 'express';
import { z } from 'zod';
import { principalKey } from '../../access/principal.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { BrokerError } from '../../errors.ts';
import { randomSecret } from '../../random.ts';
import { type ConsoleHandle, consoleHandleRequest } from '../../wire/api.ts';
import { requireSession, type Services } from '../context.ts';
import { jsonBody } from '../middleware/json-body.ts';

export const heldLinkShape = z.object({
  /** The link with its query, as it will be opened. */
  path: z.string(),
  person: z.string(),
  /** Name of the CLI session that asked. */
  cliSession: z.string(),
});

const handleTtlMs = 60_000;
/** Of one CLI session: the oldest goes. */
const maxHandles = 10;

export function consoleHandleRoutes({ config, clock, random, consoleHandles }: Services): Router {
  const router = Router();
  router.post('/api/v1/console-handles', ...jsonBody(config.baseUrl), async (request, response) => {
    const { identity } = requireSession(request, clock.now());
    // A browser has the page: a script in it must not get around it.
    if (!request.grant || request.grantName === undefined) {
      throw new BrokerError('bad_request', 'a handle is for a CLI session, and this is a session of a browser');
    }
    const { data } = consoleHandleRequest.safeParse(request.body);
    if (!data) throw new BrokerError('bad_request', 'path is not that of a console link');
    const handle = randomSecret(random);
    const link = { path: data.path, person: principalKey(identity), cliSession: request.grantName };
    await consoleHandles.put(handle, link, handleTtlMs, { group: request.grantName, most: maxHandles });
    const answer: ConsoleHandle = { handle, expiresAt: new Date(clock.now().getTime() + handleTtlMs).toISOString() };
    response.json(answer);
  });
  return router;
}

/** The link without its handle, and the handle; undefined for a link without one. */
export function splitHandle(url: string): { readonly path: string; readonly handle: string } | undefined {
  const [, path, handle] = /^(\/console\?.*)&handle=([\w-]{1,100})$/.exec(url) ?? [];
  return path === undefined || handle === undefined ? undefined : { path, handle };
}

/**
 * Uses up the handle, for this browser and every other.
 * @returns the name of the CLI session whose command opened this link, for this person; undefined if the page has to ask
 */
export async function commandOf(
  request: Request,
  session: SignedInSession | undefined,
  { consoleHandles, grants }: Services,
): Promise<string | undefined> {
  const split = splitHandle(request.originalUrl);
  if (!split) return undefined;
  const held = await consoleHandles.take(split.handle);
  if (!held || !session || held.path !== split.path || held.person !== principalKey(session.identity)) return undefined;
  // A program opens an address without a site that leads there: no page can send its reader here with a handle.
  const isOpenedByProgram =
    ['none', undefined].includes(request.get('sec-fetch-site')) &&
    ['document', undefined].includes(request.get('sec-fetch-dest')) &&
    request.get('referer') === undefined &&
    request.get('sec-purpose') === undefined;
  if (!isOpenedByProgram) return undefined;
  const open = await grants.list(session.identity);
  return open.find(({ name }) => name === held.cliSession)?.name;
}
