// Why a person has a role, or not: for themselves, and for administrators about any person.
import { type Request, type RequestHandler, Router, urlencoded } from 'express';
import { z } from 'zod';
import { concerns, explainRules, type RuleExplanation } from '../../access/explain.ts';
import { identityHints } from '../../access/identity-hints.ts';
import type { Identity } from '../../access/model.ts';
import { sessionName } from '../../access/session-name.ts';
import { hypotheticalIdentity } from '../../admin/explain.ts';
import { requestFacts, requireSession, type Services, signedInSession } from '../context.ts';
import { parseForm } from '../middleware/parse-form.ts';
import { sameOrigin } from '../middleware/same-origin.ts';
import { loginUrl } from '../page/return-to.ts';
import { adminExplainPage, refusalsPage, suggestedFix } from './admin-page.ts';
import { onlyAdministrators } from './only-administrators.ts';
import { whyPage } from './why-page.ts';

const line = z.string().max(300).default('');
const searchQuery = z.object({ role: line, account: line });
const questionForm = searchQuery.extend({
  user: line,
  idp: line,
  groups: z.string().max(400_000).default(''),
});

export function whyRoutes(services: Services): Router {
  const router = Router();
  const { config, clock } = services;
  router.get('/why', (request, response) => {
    const session = signedInSession(request, clock.now());
    if (!session) return response.redirect(303, loginUrl(request.originalUrl));
    const query = parseForm(searchQuery, request.query);
    const explanations = explainTo(session.identity, query, services, request.ip ?? '');
    const idp = config.identityProviders.find(({ id }) => id === session.identity.idp);
    const hints = identityHints(session.identity, config.policy);
    const view = { ...query, session, explanations, hints, idpLabel: idp?.label ?? session.identity.idp };
    return response.type('html').send(whyPage(services.pageContext(request), view));
  });
  // Before the body is read: only administrators may make us parse thousands of groups.
  const guard = onlyAdministrators(services);
  const form = urlencoded({ extended: false, limit: '512kb', parameterLimit: 10 });
  const explain = (fieldsOf: (request: Request) => unknown) => explainAnyone(services, fieldsOf);
  router.get(
    '/admin/explain',
    guard,
    explain(({ query }) => query),
  );
  router.post(
    '/admin/explain',
    guard,
    sameOrigin(config.baseUrl),
    form,
    explain(({ body }) => body),
  );
  router.get('/admin/refusals', guard, showRefusals(services));
  return router;
}

function explainAnyone(services: Services, fieldsOf: (request: Request) => unknown): RequestHandler {
  const { config, clock, audit } = services;
  return async (request, response) => {
    const session = requireSession(request, clock.now());
    const question = parseForm(questionForm, fieldsOf(request));
    const frame = services.pageContext(request, '/admin/explain');
    const idps = config.identityProviders;
    if (question.user === '' && question.groups.trim() === '') {
      return response.type('html').send(adminExplainPage(frame, { ...question, session, idps, answer: undefined }));
    }
    // A person with these groups and nothing else, freshly signed in.
    const names = question.groups.split(/\r?\n/).map((group) => group.trim());
    const person = {
      user: question.user.trim() === '' ? 'unnamed' : question.user.trim(),
      groups: [...new Set(names)].filter((group) => group !== ''),
      idp: config.identityProviders.find(({ id }) => id === question.idp)?.id,
    };
    const identity = hypotheticalIdentity(config, person, clock.now());
    const { idp, user } = session.identity;
    const event = {
      event: 'roles_explained',
      idp,
      user,
      about: identity.user,
      groups: identity.groups.length,
    } as const;
    await audit.record(event, requestFacts(request));
    const explanations = explainTo(identity, question, services);
    const hints = identityHints(identity, config.policy);
    const answer = { identity, explanations, hints, sessionName: sessionName(identity, identity.idp === idps[0]!.id) };
    return response.type('html').send(adminExplainPage(frame, { ...question, session, idps, answer }));
  };
}

function showRefusals(services: Services): RequestHandler {
  const { clock, audit } = services;
  return async (request, response) => {
    const session = requireSession(request, clock.now());
    const { idp, user } = session.identity;
    const refusals = await services.refusals.last();
    await audit.record({ event: 'refusals_viewed', idp, user, shown: refusals.length }, requestFacts(request));
    const frame = services.pageContext(request);
    if (request.accepts(['html', 'json']) === 'json') {
      const withFixes = refusals.map((refusal) => ({ ...refusal, suggestedFix: suggestedFix(refusal, frame.text) }));
      return response.json({ refusals: withFixes });
    }
    return response.type('html').send(refusalsPage(frame, session, refusals));
  };
}

function explainTo(
  identity: Identity,
  query: z.infer<typeof searchQuery>,
  { config, clock }: Services,
  address?: string,
): RuleExplanation[] {
  return explainRules(identity, config.policy, clock.now(), address).filter((each) => concerns(each, query));
}
