// A small OpenID provider for tests: strict about what it is asked, and able to answer wrongly in one particular way with
// a signature that is right. Everybody who comes is signed in as `person`.
import { createHash, createPublicKey, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwtVerify } from 'jose';
import { createLogout } from './logout.ts';
import { createSigner, type LogoutFault, type OpenidFault } from './tokens.ts';

export interface OpenidEmulator {
  readonly issuer: string;
  /** Claims of the next user who signs in. */
  person: Record<string, unknown>;
  /** The fault that the next answers contain. */
  fault: OpenidFault;
  /** Claims of the UserInfo endpoint, in place of `sub` alone. */
  userInfo: Record<string, unknown>;
  /** What the token endpoint takes; everything by default. */
  methods: readonly ClientMethod[];
  /** Parameters of the last authorization request. */
  readonly asked: () => URLSearchParams;
  /** How clients authenticated themselves at the token endpoint. */
  readonly authenticated: readonly ClientMethod[];
  /** Parameters of the last request to end a session there; none yet. */
  readonly loggedOut: () => URLSearchParams | undefined;
  /**
   * Sends a logout token (Back-Channel Logout 1.0 §2.5) there.
   * @param claims over those that are right; undefined takes one away
   */
  sendLogout(url: string, claims: Record<string, unknown>, fault?: LogoutFault): Promise<Response>;
  close(): Promise<void>;
}

const everyMethod = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;
type ClientMethod = (typeof everyMethod)[number];

interface OpenidClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** PEM, for private_key_jwt. */
  readonly publicKey?: string;
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
  /** Claims of the user who signs in; a test may change them later. */
  readonly person?: Record<string, unknown>;
}

/** Starts a provider. @throws Error when the port is taken */
export async function startOpenidProvider(options: OpenidOptions): Promise<OpenidEmulator> {
  const { client, now } = options;
  const { jwk, signToken } = await createSigner();
  const codes = new Map<string, Code>();
  let asked = new URLSearchParams();
  const emulator = {
    person: options.person ?? {},
    fault: {} as OpenidFault,
    userInfo: {} as Record<string, unknown>,
    methods: everyMethod as readonly ClientMethod[],
  };
  const authenticated: ClientMethod[] = [];

  const authorize = (url: URL, response: ServerResponse): void => {
    asked = url.searchParams;
    const redirectUri = asked.get('redirect_uri') ?? '';
    const isRight = asked.get('response_type') === 'code' && asked.get('code_challenge_method') === 'S256';
    if (!isRight || asked.get('client_id') !== client.clientId) return void response.writeHead(400).end();
    const code = randomBytes(16).toString('hex');
    codes.set(code, { challenge: asked.get('code_challenge') ?? '', redirectUri, nonce: asked.get('nonce') });
    const { error, callback } = emulator.fault;
    const parameters = { ...(error ? { error } : { code }), state: asked.get('state') ?? '', iss: issuer, ...callback };
    response.writeHead(303, { location: `${redirectUri}?${new URLSearchParams(parameters)}` }).end();
  };

  const token = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = new URLSearchParams(await bodyOf(request));
    const code = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const method = await methodOf(client, request, form, issuer);
    if (method) authenticated.push(method);
    if (!method || !emulator.methods.includes(method)) {
      // RFC 6749 §5.2: a challenge where the client used the header.
      if (request.headers.authorization) response.setHeader('www-authenticate', 'Basic realm="emulator"');
      return json(response, 401, { error: 'invalid_client' });
    }
    if (!code || !fits(code, form)) return json(response, 400, { error: 'invalid_grant' });
    json(response, 200, { access_token: 'a', token_type: 'Bearer', id_token: await idToken(code) });
  };

  const idToken = async ({ nonce }: Code): Promise<string> => {
    const iat = Math.floor(now().getTime() / 1000);
    const fixed = { iss: issuer, aud: client.clientId, iat, exp: iat + lifetimeSeconds, nonce, sub: 'subject-1' };
    const { fault, person } = emulator;
    return signToken({ ...fixed, ...person, ...fault.claims }, fault);
  };

  const logout = createLogout({ client, now, signToken, issuer: () => issuer });

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    const wrong = emulator.fault.answers?.[url.pathname];
    if (wrong) return answerWith(response, wrong);
    if (url.pathname === '/.well-known/openid-configuration')
      return json(response, 200, { ...metadataOf(issuer), ...emulator.fault.metadata });
    if (url.pathname === '/jwks') return json(response, 200, { keys: [jwk] });
    if (url.pathname === '/end-session') return logout.endSession(url, response);
    if (url.pathname === '/authorize') return authorize(url, response);
    if (url.pathname === '/userinfo') return json(response, 200, { sub: emulator.person['sub'], ...emulator.userInfo });
    if (url.pathname === '/token') return void token(request, response);
    return void response.writeHead(404).end();
  });
  // Longer than any client keeps a connection: a request on one that just closed fails with ECONNRESET.
  server.keepAliveTimeout = 65_000;
  const issuer = await listen(server, options);
  const close = () => closeServer(server);
  return Object.assign(emulator, { issuer, asked: () => asked, authenticated, ...logout, close });
}

function answerWith(response: ServerResponse, answer: NonNullable<OpenidFault['answers']>[string]): void {
  const { status, body, type = 'application/json' } = answer;
  response.writeHead(status, { 'content-type': type });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** RFC 6749 §4.1.3, RFC 7636 §4.6. */
function fits({ challenge, redirectUri }: Code, form: URLSearchParams): boolean {
  const verifier = createHash('sha256').update(form.get('code_verifier') ?? '');
  return challenge === verifier.digest('base64url') && redirectUri === form.get('redirect_uri');
}

/** @returns the origin */
async function listen(server: Server, { host = '127.0.0.1', port = 0 }: OpenidOptions): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const name = host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${(server.address() as AddressInfo).port}`;
}

function metadataOf(issuer: string): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    end_session_endpoint: `${issuer}/end-session`,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    userinfo_endpoint: `${issuer}/userinfo`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  };
}

/** RFC 6749 §2.3.1 in either form, or RFC 7523. */
async function methodOf(
  client: OpenidClient,
  request: IncomingMessage,
  form: URLSearchParams,
  issuer: string,
): Promise<ClientMethod | undefined> {
  const header = request.headers.authorization;
  if (header !== undefined) {
    const basic = Buffer.from(header.replace(/^Basic /, ''), 'base64').toString();
    const [id, secret] = basic.split(':').map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
    const isRight = id === client.clientId && secret === client.clientSecret && !form.has('client_secret');
    return isRight ? 'client_secret_basic' : undefined;
  }
  const assertion = form.get('client_assertion');
  if (assertion !== null && client.publicKey !== undefined) {
    const audience = [issuer, `${issuer}/token`];
    const verified = jwtVerify(assertion, createPublicKey(client.publicKey), { audience, subject: client.clientId });
    return verified.then(
      () => 'private_key_jwt',
      () => undefined,
    );
  }
  const isRight = form.get('client_id') === client.clientId && form.get('client_secret') === client.clientSecret;
  return isRight ? 'client_secret_post' : undefined;
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
