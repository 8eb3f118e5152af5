// The federation link that other portals embed, and the form that opens a console.
import { type RequestHandler, Router, urlencoded } from 'express';
import { z } from 'zod';
import { findRole } from '../../access/find-role.ts';
import { isConsoleOnly } from '../../access/resolve.ts';
import { notOnConsole } from '../../broker/credentials/console-session.ts';
import { BrokerError } from '../../errors.ts';
import { requireSession, type Services, signedInSession } from '../context.ts';
import { parseForm } from '../middleware/parse-form.ts';
import { sameOrigin } from '../middleware/same-origin.ts';
import { loginUrl, maxPathLength } from '../page/return-to.ts';
import { needsCare } from '../portal/production.ts';
import { needsStepUp, notGranted, requestedRole, rolesOf } from '../portal/session-roles.ts';
import { answerIgnoredStepUp, isStepUpIgnored } from '../sign-in/ignored-step-up.ts';
import { consoleToResume, resumeGuard } from '../sign-in/resume-guard.ts';
import { stepUpPage } from '../sign-in/sign-in-pages.ts';
import { stepUpTo } from '../sign-in/step-up.ts';
import { answerConsole } from './answer-console.ts';
import { commandOf, splitHandle } from './console-handles.ts';
import { consolePath, otherAccountIn, targetFields, targetUrl } from './console-link.ts';
import { consoleChoicePage, consolePage } from './console-page.ts';
import { askerOf, rememberOrigin, trustedClick } from './link-origin.ts';

const ticked = z.literal('yes').optional();

export function consoleRoutes(services: Services): Router {
  const router = Router();
  router.get('/console', getConsole(services));
  router.post(
    '/portal/console',
    sameOrigin(services.config.baseUrl),
    urlencoded({ extended: false, limit: '8kb', parameterLimit: 10 }),
    resumeGuard(services, consoleToResume),
    postConsole(services),
  );
  return router;
}

function getConsole(services: Services): RequestHandler {
  const { config, clock } = services;
  const { partition } = config.aws;
  const linkQuery = z.object({ role: z.string().min(1).max(2048), sign_out_first: ticked, ...targetFields(partition) });
  return async (request, response) => {
    const { role: query, sign_out_first, ...target } = parseForm(linkQuery, request.query);
    // Before any sign-in: a link with a bad target must not lead through one.
    if (targetUrl(target, config.policy.region, partition) === undefined) {
      throw notOnConsole(partition);
    }
    const session = signedInSession(request, clock.now());
    const command = await commandOf(request, session, services);
    if (!session) {
      const link = splitHandle(request.originalUrl)?.path ?? request.originalUrl;
      if (link.length > maxPathLength) throw new BrokerError('bad_request', 'too long to come back to');
      rememberOrigin(request, response, services);
      return response.redirect(303, loginUrl(link));
    }
    const roles = rolesOf(request, session, services);
    const found = findRole(query, roles);
    if (found.kind === 'none') throw notGranted(session, query, services);
    const frame = services.pageContext(request);
    if (found.kind === 'choice') {
      return response.type('html').send(consoleChoicePage(frame, session, { ...found, target }));
    }
    const { role } = found;
    if (isStepUpIgnored(session, role)) {
      return answerIgnoredStepUp(services, { request, response, session }, { role, action: 'console' });
    }
    const { service, region } = target;
    const url = targetUrl(target, role.region, partition);
    const otherAccount = otherAccountIn(target.destination, role, partition);
    // An address of another account is not what its reader expects: the page says so.
    const trustedReferrer = otherAccount === undefined ? trustedClick(request, role, services) : undefined;
    const isCommand = command !== undefined && otherAccount === undefined && !needsStepUp(session, role);
    if (isCommand || trustedReferrer !== undefined) {
      // Of the browser's session, which has to last; the CLI session that asked is for the audit record.
      const requested = requestedRole(request, { session, roles, roleArn: role.roleArn }, services);
      if (isCommand) request.grantName = command;
      const options = { destination: url, region, trustedReferrer };
      return answerConsole(services, request, response, frame, requested, options);
    }
    const page = consolePage(frame, session, {
      role,
      target,
      // A path as the link has it, so that the page shows what was asked for; an address as it will be opened.
      destination: service === undefined && target.destination?.startsWith('/') !== false ? target.destination : url,
      otherAccount,
      asker: askerOf(request, services),
      needsCare: needsCare(role.account.environment),
      canSignOutFirst: partition.signsOutFirst && !isConsoleOnly(role),
      signsOutFirst: sign_out_first === 'yes',
      stepUpUrl: needsStepUp(session, role) ? stepUpTo(role, consolePath(role.roleArn, target)) : undefined,
    });
    return response.type('html').send(page);
  };
}

function postConsole(services: Services): RequestHandler {
  const { partition } = services.config.aws;
  const { destination, region } = targetFields(partition);
  const consoleForm = z.object({
    roleArn: z.string().min(20).max(2048),
    destination,
    region,
    sign_out_first: ticked,
    choose: ticked,
    signin_region: z.string().regex(partition.regionForm).optional(),
  });
  return async (request, response) => {
    const session = requireSession(request, services.clock.now());
    const form = parseForm(consoleForm, request.body);
    const requested = requestedRole(
      request,
      { session, roles: rolesOf(request, session, services), roleArn: form.roleArn },
      services,
    );
    const { role } = requested;
    if (role && needsStepUp(session, role)) {
      const page = stepUpPage(services.pageContext(request), session, { role, action: 'console' });
      return response.status(403).type('html').send(page);
    }
    if (role && isStepUpIgnored(session, role)) {
      return answerIgnoredStepUp(services, { request, response, session }, { role, action: 'console' });
    }
    return answerConsole(services, request, response, services.pageContext(request), requested, {
      destination: form.destination,
      region: form.region,
      signOutFirst: form.sign_out_first === 'yes',
      choosesAtAws: form.choose === 'yes',
      signinRegion: form.signin_region,
    });
  };
}
