// EC2 instance metadata, version 2 only (HttpTokens required): a token by PUT, then region, instance and the role's
// credentials by GET. On a real instance a hop limit keeps the token from forwarded requests; here a forwarded PUT is
// refused by its X-Forwarded-For, as the service does too.
import { randomBytes } from 'node:crypto';
import { headerOf, type ReceivedRequest } from '../received-request.ts';
import type { Reply } from '../reply.ts';
import { isoSeconds, type World } from '../world.ts';
import { shownCredentials } from './machine.ts';

const ROLE_PATH = '/latest/meta-data/iam/security-credentials/';
const TTL_HEADER = 'x-aws-ec2-metadata-token-ttl-seconds';
const MAX_TTL_SECONDS = 21_600;

/** The tokens handed out, with their ends in milliseconds. */
export interface MetadataTokens {
  readonly ends: Map<string, number>;
}

export function createMetadataTokens(): MetadataTokens {
  return { ends: new Map() };
}

/** Whether a request is for instance metadata; only where the estate has an instance. */
export function isInstanceMetadata(world: World, { host, path }: ReceivedRequest): boolean {
  return host.kind === 'local' && path.startsWith('/latest/') && world.estate().machine?.instance !== undefined;
}

export function answerInstanceMetadata(world: World, request: ReceivedRequest): Reply {
  if (request.path === '/latest/api/token') return giveToken(world, request);
  if (request.method !== 'GET') return text(405, 'Method Not Allowed');
  const token = headerOf(request, 'x-aws-ec2-metadata-token') ?? '';
  if ((world.metadataTokens.ends.get(token) ?? 0) <= request.now.getTime()) return text(401, 'Unauthorized');
  return describe(world, request);
}

function giveToken(world: World, request: ReceivedRequest): Reply {
  if (request.method !== 'PUT') return text(405, 'Method Not Allowed');
  if (headerOf(request, 'x-forwarded-for') !== undefined) return text(403, 'Forbidden');
  const seconds = headerOf(request, TTL_HEADER) ?? '';
  if (!/^\d{1,5}$/.test(seconds) || Number(seconds) < 1 || Number(seconds) > MAX_TTL_SECONDS) {
    return text(400, 'Bad Request');
  }
  const token = randomBytes(42).toString('base64url');
  world.metadataTokens.ends.set(token, request.now.getTime() + Number(seconds) * 1000);
  return text(200, token, { [TTL_HEADER]: seconds });
}

function describe(world: World, { path, now }: ReceivedRequest): Reply {
  const instance = world.estate().machine?.instance;
  if (instance === undefined) return text(404, 'Not Found');
  const { id, roleArn } = instance;
  const role = roleArn.split('/').at(-1) ?? '';
  if (path === '/latest/meta-data/instance-id') return text(200, id);
  if (path === '/latest/meta-data/placement/region') return text(200, world.region);
  const credentials = world.computeSessions.find(world, { service: 'ec2', roleArn, sessionName: id });
  if (credentials === undefined) return text(404, 'Not Found');
  if (path === ROLE_PATH || path === ROLE_PATH.slice(0, -1)) return text(200, role);
  if (path !== ROLE_PATH + role) return text(404, 'Not Found');
  const document = {
    Code: 'Success',
    LastUpdated: isoSeconds(now),
    Type: 'AWS-HMAC',
    ...shownCredentials(credentials),
  };
  return text(200, JSON.stringify(document, null, 2), { 'content-type': 'application/json' });
}

function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'content-type': 'text/plain', server: 'EC2ws', ...headers }, body };
}
