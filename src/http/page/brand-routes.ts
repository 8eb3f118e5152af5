// The company's mark: its logo and its colour, from the configuration. Public: they are on the sign-in pages too.
import { Router } from 'express';
import type { Config } from '../../config/config.ts';

export function brandRoutes({ portal }: Config): Router {
  const router = Router();
  const { logo, color } = portal;
  if (logo) {
    router.get('/assets/brand-logo', (_request, response) => {
      // An SVG that is opened by itself is a document: it may draw, and nothing else.
      response.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
      response.set('Cache-Control', 'public, max-age=300').type(logo.type).send(logo.bytes);
    });
  }
  if (color !== undefined) {
    router.get('/assets/brand.css', (_request, response) => {
      response.set('Cache-Control', 'public, max-age=300').type('css').send(`:root {\n  --brand: ${color};\n}\n`);
    });
  }
  return router;
}
