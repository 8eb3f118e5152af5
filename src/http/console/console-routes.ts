// The federation link that other portals embed, and the form that opens a console.
import { type Request, type RequestHandler, type Response, Router, urlencoded } from 'express';
import { z } from 'zod';
import { findRole } from '../../access/find-role.ts';
import type { EligibleRole } from '../../access/model.ts';
import { isConsoleOnly } from '../../access/resolve.ts';
import type { SignedInSession } from '../../broker/sign-in/session.ts';
import { BrokerError } from '../../errors.ts';
import { requireSession, type Services, signedInSession } from '../context.ts';
import { parseForm } from '../middleware/parse-form.ts';
import { sameOrigin } from '../middleware/same-origin.ts';
import type { FrameOf } from '../page/page-context.ts';
import { rolesOf, roleToStepUp } from '../portal/session-roles.ts';
import { loginUrl, maxPathLength } from '../sign-in/return-to.ts';
import { stepUpTo } from '../sign-in/step-up.ts';
import { stepUpPage } from '../sign-in/step-up-page.ts';
import { answerConsole } from './answer-console.ts';
import { consolePath, placeFields, placeUrl } from './console-link.ts';
import { type ConsoleLink, consoleChoicePage, consolePage } from './console-page.ts';
import { askerOf, isProduction, rememberOrigin, trustedClick } from './link-origin.ts';

const ticked = z.literal('yes').optional();

export function consoleRoutes(services: Services, frameOf: FrameOf): Router {
  const router = Router();
  const form = [sameOrigin(services.config.baseUrl), urlencoded({ extended: false, limit: '8kb', parameterLimit: 10 })];
  router.get('/console', consoleLink(services, frameOf));
  router.post('/portal/console', form, postConsole(services, frameOf));
  return router;
}

function consoleLink(services: Services, frameOf: FrameOf): RequestHandler {
  const { config, clock, console: deps } = services;
  const query = z.object({ role: z.string().min(1).max(2048), sign_out_first: ticked, ...placeFields(deps.partition) });
  return async (request, response) => {
    const { role: wish, sign_out_first, ...place } = parseForm(query, request.query);
    // Before any sign-in: nobody should sign in for a link that leads nowhere.
    if (placeUrl(place, config.policy.region, deps.partition) === undefined) throw notOnConsole();
    const session = signedInSession(request, clock.now());
    if (!session) {
      if (request.originalUrl.length > maxPathLength) throw new BrokerError('bad_request', 'too long to come back to');
      rememberOrigin(request, response, services);
      return response.redirect(303, loginUrl(request.originalUrl));
    }
    const found = findRole(wish, rolesOf(session, services));
    if (found.kind === 'none') {
      throw new BrokerError('role_not_granted', 'a console link names no role that some rule grants this person');
    }
    const frame = frameOf(request);
    if (found.kind === 'choice') return sendPage(response, consoleChoicePage(frame, session, { ...found, place }));
    const { role } = found;
    const destination = placeUrl(place, role.region, deps.partition);
    const trustedReferrer = trustedClick(request, role, services);
    if (trustedReferrer === undefined) {
      return sendPage(
        response,
        consolePage(
          frame,
          session,
          askFirst(request, services, session, { role, place, signsOutFirst: sign_out_first === 'yes' }),
        ),
      );
    }
    const asked = { session, roleArn: role.roleArn, destination, region: place.region, trustedReferrer };
    return answerConsole({ services, frameOf, request, response }, asked);
  };
}

function askFirst(
  request: Request,
  services: Services,
  session: SignedInSession,
  { role, place, signsOutFirst }: Pick<ConsoleLink, 'role' | 'place' | 'signsOutFirst'>,
): ConsoleLink {
  const { partition } = services.console;
  return {
    role,
    place,
    // The link's own words where it has some, so that what is shown is what was asked for.
    destination: place.service === undefined ? place.destination : placeUrl(place, role.region, partition),
    asker: askerOf(request, services),
    isProduction: isProduction(role),
    canSignOutFirst: partition.signsOutFirst && !isConsoleOnly(role),
    signsOutFirst,
    stepUpUrl: needsStepUp(role, session.steppedUpFor) ? stepUpTo(role, consolePath(role.roleArn, place)) : undefined,
  };
}

/** Once for each role: an identity provider that did not do what it was asked is not asked again and again. */
function needsStepUp({ stepUp, roleArn }: EligibleRole, triedFor: string | undefined): boolean {
  return stepUp !== undefined && !(triedFor === roleArn && stepUp.reason === 'authn_context');
}

function postConsole(services: Services, frameOf: FrameOf): RequestHandler {
  const { destination, region } = placeFields(services.console.partition);
  const form = z.object({
    roleArn: z.string().min(20).max(2048),
    destination,
    region,
    sign_out_first: ticked,
    choose: ticked,
    signin_region: z.string().regex(services.console.partition.regionForm).optional(),
  });
  return async (request, response) => {
    const session = requireSession(request, services.clock.now());
    const wish = parseForm(form, request.body);
    const stepUp = roleToStepUp(session, wish.roleArn, services);
    if (stepUp)
      return sendPage(response.status(403), stepUpPage(frameOf(request), session, { role: stepUp, action: 'console' }));
    return answerConsole(
      { services, frameOf, request, response },
      {
        session,
        roleArn: wish.roleArn,
        destination: wish.destination,
        region: wish.region,
        signOutFirst: wish.sign_out_first === 'yes',
        choosesAtAws: wish.choose === 'yes',
        signinRegion: wish.signin_region,
      },
    );
  };
}

function sendPage(response: Response, page: string): Response {
  return response.type('html').send(page);
}

function notOnConsole(): BrokerError {
  return new BrokerError('bad_request', 'the destination is not on the AWS console, or it is named twice');
}
