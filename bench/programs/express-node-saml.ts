// The usual Node.js service provider, as its libraries' guides show it: Express, helmet, express-session in Redis, node-saml.
import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import express from 'express';
import session, { type SessionData, Store } from 'express-session';
import helmet from 'helmet';
import { Redis } from 'ioredis';

const [port, redisUrl, certificate, idpEntityId] = process.argv.slice(2) as [string, string, string, string];
const baseUrl = `http://127.0.0.1:${port}`;
const redis = new Redis(redisUrl);
const saml = new SAML({
  idpCert: certificate,
  idpIssuer: idpEntityId,
  entryPoint: 'http://127.0.0.1:9/adfs/ls/',
  issuer: `${baseUrl}/saml/metadata`,
  callbackUrl: `${baseUrl}/saml/acs`,
  audience: `${baseUrl}/saml/metadata`,
  validateInResponseTo: ValidateInResponseTo.always,
  wantAuthnResponseSigned: false,
  wantAssertionsSigned: true,
});

declare module 'express-session' {
  interface SessionData {
    user: { nameId: string; groups: readonly string[] };
  }
}

type Done = (error?: unknown, session?: SessionData | null) => void;

/** As connect-redis does it. */
class RedisStore extends Store {
  override get(id: string, done: Done) {
    redis.get(`express:${id}`).then((text) => done(undefined, text === null ? null : JSON.parse(text)), done);
  }
  override set(id: string, data: SessionData, done: Done) {
    redis.set(`express:${id}`, JSON.stringify(data), 'EX', 3600).then(() => done(), done);
  }
  override destroy(id: string, done: Done) {
    redis.del(`express:${id}`).then(() => done(), done);
  }
}

const app = express();
app.use(helmet());
app.use(session({ store: new RedisStore(), secret: 'bench', resave: false, saveUninitialized: false }));
app.get('/login', async (_request, response) => {
  response.redirect(await saml.getAuthorizeUrlAsync('', undefined, {}));
});
app.post('/saml/acs', express.urlencoded({ extended: false, limit: '512kb' }), async (request, response) => {
  const { profile } = await saml.validatePostResponseAsync(request.body);
  if (!profile) throw new Error('no profile');
  const groups = profile['http://schemas.xmlsoap.org/claims/Group'] as string[];
  request.session.regenerate((error: unknown) => {
    if (error) throw error;
    request.session.user = { nameId: profile.nameID, groups };
    response.redirect(303, '/');
  });
});
app.listen(Number(port), '127.0.0.1');
