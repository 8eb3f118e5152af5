// A button of a page whose session has ended meanwhile: signs in again and comes back to what was chosen.
import { type Request, type RequestHandler, Router, urlencoded } from 'express';
import { z } from 'zod';
import { type Services, signedInSession } from '../context.ts';
import { sameOrigin } from '../middleware/same-origin.ts';
import type { FrameOf } from '../page/page-context.ts';
import { askedFields, resumePath } from './resume.ts';
import { resumePage } from './resume-page.ts';
import { loginUrl } from './return-to.ts';

const target = z.string().max(2048).optional();
const chosen = z.object({
  roleArn: z.union([z.string().transform((one) => [one]), z.array(z.string()).nonempty()]),
  destination: target,
  region: target,
  sign_out_first: z.literal('yes').optional(),
  ...askedFields,
});
type Chosen = z.infer<typeof chosen>;

export function resumeRoutes({ config, clock }: Services, frameOf: FrameOf): Router {
  const router = Router();
  const read = urlencoded({ extended: false, limit: '64kb', parameterLimit: 1000 });
  const resume =
    (pathOf: (form: Chosen) => string): RequestHandler =>
    (request, response, next) => {
      const form = chosen.safeParse(request.body ?? {});
      if (!form.success) return next();
      // 401 and no redirect: form-action would hold the way to the identity provider to our list.
      const page = resumePage({ ...frameOf(request), path: '/' }, loginUrl(pathOf(form.data)));
      return response.status(401).type('html').send(page);
    };
  const withoutSession: RequestHandler = (request, _response, next) => next(isGone(request) ? undefined : 'route');
  const isGone = (request: Request) => signedInSession(request, clock.now()) === undefined;
  const guard = [withoutSession, sameOrigin(config.baseUrl), read];
  router.post('/portal/credentials', guard, resume(resumeCredentials));
  router.post('/portal/console', guard, resume(resumeConsole));
  return router;
}

function resumeCredentials({ roleArn, durationSeconds, sessionPolicy }: Chosen): string {
  return resumePath('credentials', roleArn, { durationSeconds, sessionPolicy });
}

/** A console with a target, or a wish for it, comes back as the link that has it. */
function resumeConsole({ roleArn: [roleArn = ''], destination, region, sign_out_first }: Chosen): string {
  if (!destination && !region && !sign_out_first) return resumePath('console', [roleArn]);
  const query = new URLSearchParams({ role: roleArn });
  if (destination) query.set('destination', destination);
  if (region) query.set('region', region);
  if (sign_out_first) query.set('sign_out_first', sign_out_first);
  return `/console?${query}`;
}
