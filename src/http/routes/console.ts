// The federation link that other portals embed, and the form that opens a console.
import { type RequestHandler, Router, urlencoded } from 'express';
import { z } from 'zod';
import { findRole } from '../../access/find-role.ts';
import { consoleDestination } from '../../aws/destination.ts';
import { openConsole } from '../../broker/open-console.ts';
import { BrokerError } from '../../errors.ts';
import { requestFacts, requireSession, type Services, signedInSession } from '../context.ts';
import type { FrameOf } from '../frame.ts';
import { sameOrigin } from '../middleware/same-origin.ts';
import { parseForm } from '../parse-form.ts';
import { loginUrl } from '../return-to.ts';
import { rolesOf, roleToStepUp } from '../session-roles.ts';
import { consoleChoicePage, consolePage } from '../views/console-page.ts';
import { stepUpPage } from '../views/step-up-page.ts';

const roleForm = z.object({ roleArn: z.string().min(20).max(2048) });
const consoleForm = roleForm.extend({
  destination: z.string().max(2048).optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/)
    .optional(),
});

const consoleQuery = consoleForm.omit({ roleArn: true }).extend({ role: z.string().min(1).max(2048) });

export function consoleRoutes(services: Services, frameOf: FrameOf): Router {
  const router = Router();
  const form = [sameOrigin(services.config.baseUrl), urlencoded({ extended: false, limit: '8kb', parameterLimit: 10 })];
  router.get('/console', consoleLink(services, frameOf));
  router.post('/portal/console', form, postConsole(services, frameOf));
  return router;
}

function consoleLink(services: Services, frameOf: FrameOf): RequestHandler {
  return (request, response) => {
    const session = signedInSession(request, services.clock.now());
    if (!session) {
      response.redirect(303, loginUrl(request.originalUrl));
      return;
    }
    const { role: wish, destination, region } = parseForm(consoleQuery, request.query);
    const found = findRole(wish, rolesOf(session, services));
    if (found.kind === 'none') {
      throw new BrokerError('role_not_granted', 'a console link names no role that some rule grants this person');
    }
    const frame = frameOf(request);
    if (found.kind === 'choice') {
      response.type('html').send(consoleChoicePage(frame, session, { ...found, destination, region }));
      return;
    }
    const { role } = found;
    const target = consoleDestination(destination, region ?? role.region, services.console.partition);
    if (target === undefined) throw new BrokerError('bad_request', 'the destination is not on the AWS console');
    response.type('html').send(consolePage(frame, session, { role, destination, region }));
  };
}

function postConsole(services: Services, frameOf: FrameOf): RequestHandler {
  return async (request, response) => {
    const session = requireSession(request, services.clock.now());
    const { roleArn, destination, region } = parseForm(consoleForm, request.body);
    const stepUp = roleToStepUp(session, roleArn, services);
    if (stepUp)
      return response
        .status(403)
        .type('html')
        .send(stepUpPage(frameOf(request), session, stepUp, 'console'));
    const wish = { session, roleArn, destination, region, durationSeconds: undefined, request: requestFacts(request) };
    const { url } = await openConsole(services.console, wish);
    return response.redirect(303, url);
  };
}
