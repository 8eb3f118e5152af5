// The broker as an OpenID provider towards AWS: the two documents that STS reads. No token is given out here.
import { Router } from 'express';
import { discoveryDocument, jwksDocument } from '../../aws/web-identity-token.ts';
import type { Config } from '../../config/config.ts';

export function awsOidcRoutes({ aws }: Config): Router {
  const router = Router();
  const { webIdentity } = aws;
  if (!webIdentity) return router;
  const { issuer, keys } = webIdentity;
  const documents = {
    '/aws/oidc/.well-known/openid-configuration': discoveryDocument(issuer, keys),
    '/aws/oidc/jwks.json': jwksDocument(keys),
  };
  for (const [path, document] of Object.entries(documents)) {
    router.get(path, (_request, response) => {
      response.setHeader('Cache-Control', 'public, max-age=300').json(document);
    });
  }
  return router;
}
