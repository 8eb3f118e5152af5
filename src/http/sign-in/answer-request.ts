// What a request that brings an identity provider's answer says about its browser, and how that browser gets its session.
import type { Request, Response } from 'express';
import type { AnswerRequest } from '../../broker/sign-in/open-session.ts';
import { requestFacts, type Services } from '../context.ts';
import { readEndCookie, readLoginCookie, readSessionCookie, setSessionCookie } from '../middleware/cookies.ts';
import { giveBackCost } from '../middleware/rate-limit.ts';

export function answerRequest(request: Request, response: Response, { config, sessions }: Services): AnswerRequest {
  return {
    browserSecret: readLoginCookie(request, config) ?? '',
    request: requestFacts(request),
    // Only there if the identity provider is on the same site, or sent the browser here by a redirect: the cookie is Lax.
    cookieSession: readSessionCookie(request, config),
    endToken: readEndCookie(request, config),
    giveSession: (id) => {
      setSessionCookie(request, response, { id, endToken: sessions.endTokenOf(id) }, config);
      giveBackCost(response);
    },
  };
}
