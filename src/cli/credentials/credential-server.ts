// The endpoint that SDKs know from containers, on this machine only: AWS_CONTAINER_CREDENTIALS_FULL_URI with a token in a
// file. Every process of the person can read that file, as it can read the cache; other people and web pages cannot.
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { randomSecret } from '../../random.ts';
import { readRoleArn } from '../../wire/role-arn.ts';
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { writePrivate } from '../machine/files.ts';
import { cacheDirectory } from '../machine/paths.ts';
import { isSameSecret } from '../machine/same-secret.ts';
import { lastRoleOf } from './credential-cache.ts';
import { type CredentialKeeper, keepCredentials } from './credential-keeper.ts';
import type { CredentialsRequest } from './credentials.ts';

export interface CredentialServerRequest extends CredentialsRequest {
  /** Any free one by default. */
  readonly port?: number | undefined;
  /** Other roles, each at the path of its account and name. */
  readonly others?: readonly CredentialsRequest[];
}

export interface CredentialServer {
  /** For programs that use the endpoint. Variables that SDKs prefer to these must not be set beside them. */
  readonly environment: Record<string, string>;
  readonly token: string;
  /** Address by ARN, the first role's too. */
  readonly addresses: ReadonlyMap<string, string>;
  readonly close: () => Promise<void>;
}

const path = '/credentials';

/** `/credentials/444455556666/Developer`, in which a role may have a path. */
function pathOf(roleArn: string): string {
  const { accountId = '', name = '' } = readRoleArn(roleArn) ?? {};
  return `${path}/${accountId}/${name}`;
}

/** @throws CliError as obtainCredentials does, and usage for a port that is taken */
export async function startCredentialServer(
  context: CliContext,
  { port = 0, others = [], ...request }: CredentialServerRequest,
): Promise<CredentialServer> {
  const roles = new Map<string, CredentialKeeper>();
  const stop = () => {
    for (const keeper of roles.values()) keeper.stop();
  };
  try {
    for (const each of [request, ...others]) roles.set(pathOf(lastRoleOf(each)), await keepCredentials(context, each));
  } catch (error) {
    stop();
    throw error;
  }
  roles.set(path, roles.get(pathOf(lastRoleOf(request)))!);
  const token = randomSecret(context.random);
  const server = createServer({ requestTimeout: 5000, headersTimeout: 5000 }, (request, response) => {
    void answer({ token, roles, port: portOf(server) }, request, response);
  });
  try {
    await listen(server, port);
  } catch (error) {
    stop();
    throw error;
  }
  const origin = `http://127.0.0.1:${portOf(server)}`;
  const tokenFile = join(cacheDirectory(context), 'endpoints', `${randomSecret(context.random).slice(0, 16)}.token`);
  writePrivate(tokenFile, token);
  return {
    environment: {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: origin + path,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile,
    },
    token,
    addresses: new Map([request, ...others].map(lastRoleOf).map((roleArn) => [roleArn, origin + pathOf(roleArn)])),
    close: async () => {
      stop();
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

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

interface Endpoint {
  readonly token: string;
  readonly roles: ReadonlyMap<string, CredentialKeeper>;
  readonly port: number;
}

async function answer(endpoint: Endpoint, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refusal = refuse(endpoint, request);
  if (refusal !== undefined) return send(response, ...refusal);
  try {
    const credentials = await endpoint.roles.get(request.url ?? '')!.current();
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

function refuse({ token, roles, port }: Endpoint, { headers, method, url }: IncomingMessage): Refusal | undefined {
  const refusal = (status: number, message: string): Refusal => [status, { code: 'refused', message }];
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(headers.host ?? '')) return refusal(403, 'not this host');
  if (browserHeaders.some((name) => headers[name] !== undefined)) return refusal(403, 'not for browsers');
  if (!roles.has(url ?? '')) return refusal(404, 'not here');
  if (method !== 'GET') return refusal(405, 'GET only');
  // Some clients put the scheme of RFC 6750 in front.
  if (!isSameSecret((headers.authorization ?? '').replace(/^Bearer /, ''), token))
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
