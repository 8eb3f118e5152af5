// The endpoint that SDKs know from containers, on this machine only: AWS_CONTAINER_CREDENTIALS_FULL_URI with a token in a
// file. Every process of the person can read that file, as it can read the cache; other people and web pages cannot.
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { randomSecret } from '../../random.ts';
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { writePrivate } from '../machine/files.ts';
import { cacheDirectory } from '../machine/paths.ts';
import { isSameSecret } from '../machine/same-secret.ts';
import { type CredentialKeeper, keepCredentials } from './credential-keeper.ts';
import type { CredentialsRequest } from './credentials.ts';

export interface CredentialServerRequest extends CredentialsRequest {
  /** Any free one by default. */
  readonly port?: number | undefined;
}

export interface CredentialServer {
  /** For programs that use the endpoint. Variables that SDKs prefer to these must not be set beside them. */
  readonly environment: Record<string, string>;
  readonly close: () => Promise<void>;
}

const path = '/credentials';

/** @throws CliError as obtainCredentials does, and usage for a port that is taken */
export async function startCredentialServer(
  context: CliContext,
  { port = 0, ...request }: CredentialServerRequest,
): Promise<CredentialServer> {
  const keeper = await keepCredentials(context, request);
  const token = randomSecret(context.random);
  const server = createServer({ requestTimeout: 5000, headersTimeout: 5000 }, (request, response) => {
    void answer(keeper, { token, host: hostOf(server) }, request, response);
  });
  try {
    await listen(server, port);
  } catch (error) {
    keeper.stop();
    throw error;
  }
  const tokenFile = join(cacheDirectory(context), 'endpoints', `${randomSecret(context.random).slice(0, 16)}.token`);
  writePrivate(tokenFile, token);
  return {
    environment: {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://${hostOf(server)}${path}`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile,
    },
    close: async () => {
      keeper.stop();
      rmSync(tokenFile, { force: true });
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** @throws CliError usage */
async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${cause.code})`;
      reject(new CliError('usage', `port ${port} ${why}: give another --port`, { cause }));
    });
    // Never another address: SDKs accept plain http from loopback only, and other machines must not connect.
    server.listen(port, '127.0.0.1', resolve);
  });
}

function hostOf(server: Server): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Endpoint {
  readonly token: string;
  readonly host: string;
}

async function answer(
  keeper: CredentialKeeper,
  endpoint: Endpoint,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refusal = refuse(endpoint, request);
  if (refusal !== undefined) return send(response, ...refusal);
  try {
    const credentials = await keeper.current();
    send(response, 200, {
      AccessKeyId: credentials.AccessKeyId,
      SecretAccessKey: credentials.SecretAccessKey,
      Token: credentials.SessionToken,
      Expiration: credentials.Expiration.replace(/\.\d+Z$/, 'Z'),
      RoleArn: credentials.RoleArn,
    });
  } catch (error) {
    // The SDK shows this to the person: it names the command that helps.
    const isKnown = error instanceof CliError;
    const message = isKnown ? error.message : 'no credentials';
    send(response, 503, { code: isKnown ? error.exit : 'failed', message });
  }
}

type Refusal = readonly [status: number, body: Record<string, string>];

/** A page in a browser says where it comes from, and a name that leads here by DNS is not our name. */
const browserHeaders = ['origin', 'referer', 'sec-fetch-site', 'cookie'];

function refuse({ token, host }: Endpoint, { headers, method, url }: IncomingMessage): Refusal | undefined {
  const refusal = (status: number, message: string): Refusal => [status, { code: 'refused', message }];
  if (headers.host !== host) return refusal(403, 'not this host');
  if (browserHeaders.some((name) => headers[name] !== undefined)) return refusal(403, 'not for browsers');
  if (url !== path) return refusal(404, 'not here');
  if (method !== 'GET') return refusal(405, 'GET only');
  if (!isSameSecret(headers.authorization ?? '', token))
    return refusal(401, 'the authorization token is missing or wrong');
  return undefined;
}

function send(response: ServerResponse, status: number, body: Record<string, string>): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(status === 405 ? { Allow: 'GET' } : {}),
  });
  response.end(JSON.stringify(body));
}
