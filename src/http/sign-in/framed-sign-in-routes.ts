// Signing in never begins inside a frame: identity providers refuse to be framed, and nobody can see whose page it is.
import { Router } from 'express';
import type { FrameOf } from '../page/page-context.ts';
import { framedPage } from './resume-page.ts';

export function framedSignInRoutes(frameOf: FrameOf): Router {
  const router = Router();
  router.get('/login', (request, response, next) => {
    // Fetch Metadata: browsers say what a document is for, and scripts cannot change it.
    const destination = request.get('sec-fetch-dest') ?? '';
    if (!['iframe', 'frame', 'embed', 'object'].includes(destination)) return next();
    return response
      .status(401)
      .type('html')
      .send(framedPage({ ...frameOf(request), path: '/' }, request.originalUrl));
  });
  return router;
}
