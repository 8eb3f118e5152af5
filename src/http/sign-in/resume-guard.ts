// A button of a page whose session has ended meanwhile: signs in again and comes back to what was chosen.
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { type Services, signedInSession } from '../context.ts';
import { loginUrl } from '../page/return-to.ts';
import { askedFields, resumePath } from './resume.ts';
import { resumePage } from './sign-in-pages.ts';

const target = z.string().max(2048).optional();
const buttonForm = z.object({
  roleArn: z.union([z.string().transform((one) => [one]), z.array(z.string()).nonempty()]),
  destination: target,
  region: target,
  sign_out_first: z.literal('yes').optional(),
  ...askedFields,
});
type ButtonForm = z.infer<typeof buttonForm>;

/** Runs after the parser of the form. Without a session it answers a form that names a role; other requests go on. */
export function resumeGuard({ clock, pageContext }: Services, pathOf: (form: ButtonForm) => string): RequestHandler {
  return (request, response, next) => {
    if (signedInSession(request, clock.now())) return next();
    const form = buttonForm.safeParse(request.body ?? {});
    if (!form.success) return next();
    // 401 and no redirect: form-action would hold the way to the identity provider to our list.
    const page = resumePage(pageContext(request, '/'), loginUrl(pathOf(form.data)));
    return response.status(401).type('html').send(page);
  };
}

export function credentialsToResume({ roleArn, durationSeconds, sessionPolicy }: ButtonForm): string {
  return resumePath('credentials', roleArn, { durationSeconds, sessionPolicy });
}

/** A console with a target or an option comes back as the link that has it. */
export function consoleToResume({ roleArn: [roleArn = ''], destination, region, sign_out_first }: ButtonForm): string {
  if (!destination && !region && !sign_out_first) return resumePath('console', [roleArn]);
  const query = new URLSearchParams({ role: roleArn });
  if (destination) query.set('destination', destination);
  if (region) query.set('region', region);
  if (sign_out_first) query.set('sign_out_first', sign_out_first);
  return `/console?${query}`;
}
