// Language and colours, chosen in the foot of every page, the density of the portal's rows, and
// the announcement that the reader dismissed.
import { Router } from 'express';
import { z } from 'zod';
import { BrokerError } from '../../errors.ts';
import type { Services } from '../context.ts';
import { formBody } from '../middleware/parse-form.ts';
import { languages } from './messages/languages.ts';
import { rememberAppearance } from './page-context.ts';
import { densities, themes } from './page-types.ts';
import { localPath } from './return-to.ts';

const choice = z
  .object({
    language: z.enum(languages.map(({ language }) => language)),
    theme: z.enum(themes),
    density: z.enum(densities),
    announcement: z.string().regex(/^[0-9a-f]{16}$/),
  })
  .partial()
  .refine((chosen) => Object.keys(chosen).length > 0);
const wayBack = z.object({ return_to: z.string().optional() });

export function appearanceRoutes({ config }: Services): Router {
  const router = Router();
  router.post('/portal/appearance', ...formBody(config.baseUrl), (request, response) => {
    const chosen = choice.safeParse(request.body ?? {});
    if (!chosen.success) throw new BrokerError('bad_request', 'no such language, theme, density or announcement');
    rememberAppearance(response, chosen.data, config);
    response.redirect(303, localPath(wayBack.safeParse(request.body).data?.return_to, config.baseUrl));
  });
  return router;
}
