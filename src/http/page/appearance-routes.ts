// Language and colours, chosen in the foot of every page, and the density of the portal's rows.
import { Router } from 'express';
import { z } from 'zod';
import { BrokerError } from '../../errors.ts';
import type { Services } from '../context.ts';
import { formBody } from '../middleware/parse-form.ts';
import { favouritesRoutes } from '../portal/favourites-routes.ts';
import { localPath } from '../sign-in/return-to.ts';
import { languages } from './messages/languages.ts';
import { rememberAppearance } from './page-context.ts';
import { densities, themes } from './page-types.ts';

const choice = z
  .object({
    language: z.enum(languages.map(({ language }) => language)),
    theme: z.enum(themes),
    density: z.enum(densities),
  })
  .partial()
  .refine((chosen) => Object.keys(chosen).length > 0);
const wayBack = z.object({ return_to: z.string().optional() });

export function preferencesRoutes(services: Services): Router {
  const { config } = services;
  const router = Router();
  router.use(favouritesRoutes(services));
  router.post('/portal/appearance', ...formBody(config.baseUrl), (request, response) => {
    const chosen = choice.safeParse(request.body ?? {});
    if (!chosen.success) throw new BrokerError('bad_request', 'no such language, theme or density');
    rememberAppearance(response, chosen.data, config);
    response.redirect(303, localPath(wayBack.safeParse(request.body).data?.return_to, config.baseUrl));
  });
  return router;
}
