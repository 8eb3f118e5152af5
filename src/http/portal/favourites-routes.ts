// A person's favourite and recent roles: for the portal's stars and arrows, and for clients of the API.
import { type RequestHandler, Router, urlencoded } from 'express';
import { z } from 'zod';
import type { Identity } from '../../access/model.ts';
import { BrokerError } from '../../errors.ts';
import { favouritesRequest, type Preferences } from '../../wire/api.ts';
import { requireSession, type Services } from '../context.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { parseForm } from '../middleware/parse-form.ts';
import { sameOrigin } from '../middleware/same-origin.ts';
import { rolesOf } from './session-roles.ts';

const roleArn = z.string().min(20).max(2048);
const starForm = z.object({ roleArn, favourite: z.enum(['on', 'off']) });
/** Before which other favourite; empty for the end. */
const moveForm = z.object({ roleArn, before: z.union([z.literal('').transform(() => undefined), roleArn]) });
const favouriteForm = z.union([starForm, moveForm]);

export function favouritesRoutes(services: Services): Router {
  const router = Router();
  const { config, clock } = services;
  const form = [sameOrigin(config.baseUrl), urlencoded({ extended: false, limit: '8kb', parameterLimit: 10 })];
  router.get('/api/v1/preferences', async (request, response) => {
    const { identity } = requireSession(request, clock.now());
    response.json(await answerFor(identity, services));
  });
  router.put('/api/v1/preferences/favourites', jsonBody(config.baseUrl), putFavourites(services));
  router.post('/portal/favourites', form, postFavourite(services));
  return router;
}

async function answerFor(identity: Identity, { preferences }: Services): Promise<Preferences> {
  const [favourites, recents] = await Promise.all([preferences.favourites(identity), preferences.recents(identity)]);
  return {
    favourites: [...favourites],
    recents: recents.map(({ roleArn, usedAt }) => ({ roleArn, usedAt: new Date(usedAt).toISOString() })),
  };
}

function putFavourites(services: Services): RequestHandler {
  return async (request, response) => {
    const { identity } = requireSession(request, services.clock.now());
    const { data } = favouritesRequest.safeParse(request.body);
    if (!data) throw new BrokerError('bad_request', 'favourites are not a list of at most 100 role ARNs');
    await services.preferences.setFavourites(identity, data.favourites);
    response.json(await answerFor(identity, services));
  };
}

function postFavourite(services: Services): RequestHandler {
  const { preferences, clock } = services;
  return async (request, response) => {
    const session = requireSession(request, clock.now());
    const form = parseForm(favouriteForm, request.body);
    const { roleArn } = form;
    if ('before' in form) {
      await preferences.moveFavourite(session.identity, roleArn, form.before);
    } else {
      const isFavourite = form.favourite === 'on';
      // A role that the person no longer has can be removed from the list, but only one that they have can be added.
      if (isFavourite && !rolesOf(request, session, services).some((role) => role.roleArn === roleArn)) {
        throw new BrokerError('role_not_granted', 'no rule grants the role that is to be a favourite');
      }
      await preferences.setFavourite(session.identity, roleArn, isFavourite);
    }
    // The page's script has drawn the change already; without it the page is shown again.
    if (request.accepts(['html', 'json']) === 'json') response.status(204).end();
    else response.redirect(303, '/');
  };
}
