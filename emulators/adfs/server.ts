// Starts the AD FS-like identity provider on a real socket. For tests and the demo only; imports nothing of the product.

import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { AdfsError } from './errors.ts';
import { readExchange, sendAnswer } from './http.ts';
import { type IdentityProvider, issuerOf, logEvent } from './identity-provider.ts';
import { buildMetadata } from './metadata.ts';
import { errorPage } from './pages.ts';
import { buildResponse } from './response.ts';
import { metadataPath, route } from './routes.ts';
import { makeSessions } from './sessions.ts';
import type { Adfs, AdfsOptions, IssueInput } from './types.ts';

export type {
  Adfs,
  AdfsEvent,
  AdfsOptions,
  AdfsUser,
  IssueInput,
  RelyingPartyTrust,
  ResponseOverrides,
} from './types.ts';

/**
 * Starts an identity provider on 127.0.0.1, on a free port unless told otherwise.
 *
 * @throws Error when the port is taken
 */
export async function startAdfs(options: AdfsOptions): Promise<Adfs> {
  let idp: IdentityProvider | undefined;
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    // answer() catches everything it can report to the client; only a broken connection remains.
    if (idp !== undefined) void answer(idp, request, response);
  };
  const server = options.tls === undefined ? createHttpServer(listener) : createHttpsServer(options.tls, listener);
  server.keepAliveTimeout = keepAliveMs;
  const host = options.host ?? '127.0.0.1';
  const port = await listen(server, options.port ?? 0, host);
  idp = makeIdentityProvider(options, host, port);
  return expose(idp, server);
}

function makeIdentityProvider(options: AdfsOptions, host: string, port: number): IdentityProvider {
  const name = options.publicHost ?? (host.includes(':') ? `[${host}]` : host);
  const url = options.publicUrl ?? `${options.tls === undefined ? 'http' : 'https'}://${name}:${port}`;
  return {
    options,
    now: options.now,
    url,
    ssoUrl: `${url}/adfs/ls/`,
    entityId: options.entityId ?? `http://${new URL(url).host}/adfs/services/trust`,
    sessions: makeSessions(options),
    events: [],
    trusts: options.relyingParties,
    signing: options.signing,
    secondarySigning: options.secondarySigning,
    encryption: options.encryption,
  };
}

/** Longer than any client keeps a connection: a request on one that just closed fails with ECONNRESET. */
const keepAliveMs = 65_000;

async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return address.port;
}

function expose(idp: IdentityProvider, server: Server): Adfs {
  return {
    url: idp.url,
    entityId: idp.entityId,
    metadataUrl: idp.url + metadataPath,
    ssoUrl: idp.ssoUrl,
    events: idp.events,
    metadata: () => buildMetadata(idp),
    setRelyingParties: (relyingParties) => {
      idp.trusts = relyingParties;
    },
    promoteSecondary: () => {
      if (idp.secondarySigning === undefined) throw new Error('there is no secondary signing certificate');
      [idp.signing, idp.secondarySigning] = [idp.secondarySigning, idp.signing];
    },
    issueResponse: (input) => issueResponse(idp, input),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

async function answer(idp: IdentityProvider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const exchange = await readExchange(request);
    sendAnswer(response, route(idp, exchange), exchange.newCookies);
  } catch (cause) {
    const error = cause instanceof AdfsError ? cause : new AdfsError('MSIS7012', 'the request failed', { cause });
    const { code, eventId, message, relyingParty } = error;
    logEvent(idp, { type: 'error', eventId, code, message, ...(relyingParty === undefined ? {} : { relyingParty }) });
    sendAnswer(response, { kind: 'page', status: 400, html: errorPage(error) }, []);
  }
}

function issueResponse(idp: IdentityProvider, input: IssueInput): string {
  const user = idp.sessions.findUser(input.username);
  const trust = idp.trusts.find((candidate) => candidate.entityId === input.relyingParty);
  if (user === undefined) throw new Error(`there is no user ${input.username}`);
  if (trust === undefined) throw new Error(`there is no relying party trust ${input.relyingParty}`);
  const authnInstant = idp.now();
  const { inResponseTo, overrides } = input;
  const issuance = { ...issuerOf(idp), user, trust, authnInstant, hasSecondFactor: false, inResponseTo, overrides };
  const built = buildResponse(issuance);
  return Buffer.from(built.xml, 'utf8').toString('base64');
}
