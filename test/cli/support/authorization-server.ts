// A small authorization server for the command's own tests, as strict as the real one in what the command has to get right:
// pushed requests, PKCE, codes and refresh tokens for one use, families that end on reuse.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface StandInOptions {
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Of the origin; the socket is on 127.0.0.1. */
  readonly hostname?: string;
}

interface Grant {
  refreshToken: string;
  accessToken: string;
  isEnded: boolean;
}

export interface StandIn {
  readonly origin: string;
  readonly port: number;
  /** Method and path of every request, with the form's fields. */
  readonly requests: {
    readonly line: string;
    readonly form: URLSearchParams;
    readonly userAgent: string | undefined;
  }[];
  readonly grants: Grant[];
  /** May be changed while it runs. */
  behaviour: {
    /** Of the clock. */
    offsetMs: number;
    answer: 'confirm' | 'deny';
    remoteLogin: boolean;
    /** What the decision endpoint says to the command that asked. */
    refusal: string | undefined;
    /** Seconds. */
    accessTokenLife: number;
    /** Runs the next refresh, and closes the connection instead of answering. */
    losesNextRefresh: boolean;
    /** Over what the discovery document says. */
    metadata: Record<string, unknown>;
    /** Instead of the answer of the API. */
    me: { readonly status: number; readonly body: unknown } | undefined;
  };
  /** Every access token is refused from now on; grants stay. */
  forgetAccessTokens(): void;
  stop(): Promise<void>;
}

export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const requests: StandIn['requests'] = [];
  const grants: Grant[] = [];
  const behaviour: StandIn['behaviour'] = {
    offsetMs: 0,
    answer: 'confirm',
    remoteLogin: true,
    refusal: undefined,
    accessTokenLife: 600,
    losesNextRefresh: false,
    metadata: {},
    me: undefined,
  };
  const pushed = new Map<string, URLSearchParams>();
  const codes = new Map<string, URLSearchParams>();
  let count = 0;
  let origin = '';

  const tokensOf = (grant: Grant) => {
    count += 1;
    grant.accessToken = `access-${count}`;
    grant.refreshToken = `refresh-${count}`;
    const { accessToken, refreshToken } = grant;
    const life = behaviour.accessTokenLife;
    return { access_token: accessToken, token_type: 'Bearer', expires_in: life, refresh_token: refreshToken };
  };
  const spent = new Map<string, Grant>();

  const redeem = (form: URLSearchParams): Reply => {
    const request = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isBound =
      challenge === request?.get('code_challenge') && form.get('redirect_uri') === request.get('redirect_uri');
    if (!isBound) return json(400, { error: 'invalid_grant' });
    const grant = { refreshToken: '', accessToken: '', isEnded: false };
    grants.push(grant);
    return json(200, tokensOf(grant));
  };
  const refresh = (form: URLSearchParams): Reply => {
    const token = form.get('refresh_token') ?? '';
    const reused = spent.get(token);
    if (reused) reused.isEnded = true;
    const grant = grants.find((each) => each.refreshToken === token && !each.isEnded);
    if (!grant) return json(400, { error: 'invalid_grant' });
    spent.set(token, grant);
    const answer = json(200, tokensOf(grant));
    if (!behaviour.losesNextRefresh) return answer;
    behaviour.losesNextRefresh = false;
    return 'nothing';
  };
  const authorize = (url: URL): Reply => {
    const request = pushed.get(url.searchParams.get('request_uri') ?? '');
    if (!request) return json(400, { error: 'invalid_request' });
    const target = new URL(request.get('redirect_uri')!);
    target.searchParams.set('state', request.get('state')!);
    target.searchParams.set('iss', origin);
    if (behaviour.answer === 'deny') {
      target.searchParams.set('error', 'access_denied');
      target.searchParams.set('error_description', 'This was \u001b[31mnot me');
    } else {
      count += 1;
      codes.set(`code-${count}`, request);
      target.searchParams.set('code', `code-${count}`);
    }
    return [303, { location: target.href }, ''];
  };
  const bearer = (request: IncomingMessage) => {
    const token = request.headers.authorization?.replace(/^Bearer /, '');
    return grants.find((grant) => grant.accessToken === token && !grant.isEnded);
  };
  const routes: Record<string, (form: URLSearchParams, url: URL, request: IncomingMessage) => Reply> = {
    'GET /.well-known/oauth-authorization-server': () => json(200, { ...metadata(), ...behaviour.metadata }),
    'POST /oauth/par': (form) => {
      count += 1;
      pushed.set(`urn:request:${count}`, form);
      return json(201, { request_uri: `urn:request:${count}`, expires_in: 300 });
    },
    'GET /oauth/authorize': (_form, url) => authorize(url),
    'GET /oauth/remote': (_form, url) => [200, {}, `${url.searchParams.get('code')}.${url.searchParams.get('state')}`],
    'POST /oauth/token': (form) => (form.get('grant_type') === 'refresh_token' ? refresh(form) : redeem(form)),
    'POST /oauth/decision': (form) => {
      const challenge = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      const isItself = pushed.get(form.get('request_uri') ?? '')?.get('code_challenge') === challenge;
      const detail = isItself ? behaviour.refusal : undefined;
      return json(200, detail === undefined ? { decision: 'pending' } : { decision: 'denied', detail });
    },
    'POST /oauth/revoke': (form) => {
      for (const grant of grants) if (grant.refreshToken === form.get('token')) grant.isEnded = true;
      return [200, {}, ''];
    },
    'GET /api/v1/me': (_form, _url, request) => {
      if (!bearer(request)) return json(401, { code: 'unauthenticated', title: 'Sign in', detail: 'Sign in first.' });
      if (behaviour.me) return json(behaviour.me.status, behaviour.me.body);
      const expiresAt = new Date(Date.now() + 8 * 3_600_000 + 30_000).toISOString();
      return json(200, { user: 'alice@corp.example', displayName: 'Alice', identityProvider: 'adfs', expiresAt });
    },
    'DELETE /api/v1/grants': (_form, _url, request) => {
      if (!bearer(request)) return json(401, {});
      for (const grant of grants) grant.isEnded = true;
      return [204, {}, ''];
    },
  };
  const metadata = () => ({
    issuer: origin,
    authorization_endpoint: `${origin}/oauth/authorize`,
    token_endpoint: `${origin}/oauth/token`,
    pushed_authorization_request_endpoint: `${origin}/oauth/par`,
    revocation_endpoint: `${origin}/oauth/revoke`,
    rolegate: {
      name: 'Example',
      partition: 'aws',
      region: 'eu-west-1',
      remoteLogin: behaviour.remoteLogin,
      decisionEndpoint: `${origin}/oauth/decision`,
    },
  });

  const listener: RequestListener = async (request, response) => {
    const form = new URLSearchParams(await textOf(request));
    const url = new URL(request.url ?? '', origin);
    const line = `${request.method} ${url.pathname}`;
    requests.push({ line, form, userAgent: request.headers['user-agent'] });
    const route = routes[line] ?? (url.pathname.startsWith('/api/') ? routes['GET /api/v1/me'] : undefined);
    const reply: Reply = route?.(form, url, request) ?? [404, {}, ''];
    if (reply === 'nothing') return void request.socket.destroy();
    response.setHeader('date', new Date(Date.now() + behaviour.offsetMs).toUTCString());
    response.writeHead(reply[0], reply[1]).end(reply[2]);
  };
  const { tls, hostname = '127.0.0.1' } = options;
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  origin = `${tls ? 'https' : 'http'}://${hostname}:${port}`;
  return {
    origin,
    port,
    requests,
    grants,
    behaviour,
    forgetAccessTokens: () => {
      for (const grant of grants) grant.accessToken = 'forgotten';
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Reply = [status: number, headers: Record<string, string>, body: string] | 'nothing';

function json(status: number, body: unknown): Reply {
  return [status, { 'content-type': 'application/json' }, JSON.stringify(body)];
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
