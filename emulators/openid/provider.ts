// A small OpenID provider for tests: strict about what it is asked, and able to answer wrongly in one particular way with
// a signature that is right. Everybody who comes is signed in as `person`.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, SignJWT } from 'jose';

export interface OpenidEmulator {
  readonly issuer: string;
  /** Claims of whoever signs in next. */
  person: Record<string, unknown>;
  /** What is wrong with the next answers. */
  fault: OpenidFault;
  /** Parameters of the last authorization request. */
  readonly asked: () => URLSearchParams;
  close(): Promise<void>;
}

export interface OpenidFault {
  /** Over the claims that are right; undefined takes one away. */
  readonly claims?: Record<string, unknown>;
  /** Signs with a key that is not published, under the published key's id. */
  readonly foreignKey?: boolean;
  readonly unsigned?: boolean;
  /** In place of a code. */
  readonly error?: string;
  /** Over the parameters of the redirect back. */
  readonly callback?: Record<string, string>;
}

interface OpenidClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

interface Code {
  readonly challenge: string;
  readonly redirectUri: string;
  readonly nonce: string | null;
}

const lifetimeSeconds = 300;

export interface OpenidOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  readonly now: () => Date;
  readonly client: OpenidClient;
  /** Claims of whoever signs in; may be changed later. */
  readonly person?: Record<string, unknown>;
}

/** Starts a provider. @throws Error when the port is taken */
export async function startOpenidProvider(options: OpenidOptions): Promise<OpenidEmulator> {
  const { client, now } = options;
  const [own, foreign] = [0, 1].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }));
  const jwk = { ...(await exportJWK(own!.publicKey)), kid: 'k1', use: 'sig', alg: 'RS256' };
  const codes = new Map<string, Code>();
  let asked = new URLSearchParams();
  const emulator = { person: options.person ?? {}, fault: {} as OpenidFault };
  const keyFor = (): KeyObject => (emulator.fault.foreignKey ? foreign! : own!).privateKey;

  const authorize = (url: URL, response: ServerResponse): void => {
    asked = url.searchParams;
    const redirectUri = asked.get('redirect_uri') ?? '';
    const isRight = asked.get('response_type') === 'code' && asked.get('code_challenge_method') === 'S256';
    if (!isRight || asked.get('client_id') !== client.clientId) return void response.writeHead(400).end();
    const code = randomBytes(16).toString('hex');
    codes.set(code, { challenge: asked.get('code_challenge') ?? '', redirectUri, nonce: asked.get('nonce') });
    const answer = emulator.fault.error ? { error: emulator.fault.error } : { code };
    const back = new URL(redirectUri);
    const parameters = { ...answer, state: asked.get('state') ?? '', iss: issuer, ...emulator.fault.callback };
    for (const [name, value] of Object.entries(parameters)) back.searchParams.set(name, value);
    response.writeHead(303, { location: back.href }).end();
  };

  const token = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = new URLSearchParams(await bodyOf(request));
    const code = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const verifier = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (!isClient(client, request, form)) return json(response, 401, { error: 'invalid_client' });
    if (!code || code.challenge !== verifier || code.redirectUri !== form.get('redirect_uri')) {
      return json(response, 400, { error: 'invalid_grant' });
    }
    json(response, 200, { access_token: 'a', token_type: 'Bearer', id_token: await idToken(code) });
  };

  const idToken = async ({ nonce }: Code): Promise<string> => {
    const iat = Math.floor(now().getTime() / 1000);
    const fixed = { iss: issuer, aud: client.clientId, iat, exp: iat + lifetimeSeconds, nonce, sub: 'subject-1' };
    const claims = { ...fixed, ...emulator.person, ...emulator.fault.claims };
    if (emulator.fault.unsigned) {
      const parts = [{ alg: 'none' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
      return `${parts.join('.')}.`;
    }
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).sign(keyFor());
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    if (url.pathname === '/.well-known/openid-configuration') return json(response, 200, metadataOf(issuer));
    if (url.pathname === '/jwks') return json(response, 200, { keys: [jwk] });
    if (url.pathname === '/authorize') return authorize(url, response);
    if (url.pathname === '/token') return void token(request, response);
    return void response.writeHead(404).end();
  });
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const name = host.includes(':') ? `[${host}]` : host;
  const issuer = `http://${name}:${(server.address() as AddressInfo).port}`;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return Object.assign(emulator, { issuer, asked: () => asked, close });
}

function metadataOf(issuer: string): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  };
}

/** RFC 6749 §2.3.1, in either form. */
function isClient(client: OpenidClient, request: IncomingMessage, form: URLSearchParams): boolean {
  const basic = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
  const posted = `${form.get('client_id')}:${form.get('client_secret')}`;
  return [basic, posted].includes(`${client.clientId}:${client.clientSecret}`);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
