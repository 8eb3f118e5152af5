// A broker that hands out credentials and counts: for what the command does around them. The real one is in test/app.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeOwner } from '../../../src/cli/credentials/credential-cache.ts';
import type { CliContext } from '../../../src/cli/machine/context.ts';
import { writeSignIn } from '../../../src/cli/sign-in/tokens.ts';
import type { Credentials, RoleEntry } from '../../../src/wire/api.ts';

export const roleArn = 'arn:aws:iam::444455556666:role/Developer';

export interface SmallBroker {
  /** Its origin. */
  readonly url: string;
  /** Bodies of the requests for credentials. */
  readonly asked: unknown[];
  /** What the next ones get; changes count at once. */
  readonly answer: Answer;
  readonly close: () => Promise<void>;
}

interface Answer {
  status: number;
  problem: { code: string; title: string; detail: string };
  durationSeconds: number;
  delayMs: number;
  now: () => Date;
  /** In place of made-up ones. */
  credentials?: Partial<Credentials>;
}

export async function startSmallBroker(): Promise<SmallBroker> {
  const asked: unknown[] = [];
  const answer: Answer = {
    status: 200,
    problem: { code: 'role_not_granted', title: 'Not yours', detail: 'No rule grants this role.' },
    durationSeconds: 3600,
    delayMs: 0,
    now: () => new Date(),
  };
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    response.setHeader('Date', answer.now().toUTCString());
    if (request.url === '/oauth/token') return send(response, 400, { error: 'invalid_grant' });
    if (!/^(Bearer|DPoP) good$/.test(request.headers.authorization ?? ''))
      return send(response, 401, { code: 'unauthenticated' });
    if (request.url === '/api/v1/roles') return send(response, 200, { roles: [role] });
    if (request.url === '/api/v1/preferences') return send(response, 200, { favourites: [], recents: [] });
    asked.push(JSON.parse(body));
    await new Promise((resolve) => setTimeout(resolve, answer.delayMs));
    send(response, answer.status, answer.status === 200 ? credentials(answer, asked.length) : answer.problem);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, answer, close };
}

const role: RoleEntry = {
  roleArn,
  accountId: '444455556666',
  accountAlias: 'payments-dev',
  accountName: 'Payments Development',
  environment: 'development',
  region: 'eu-west-1',
  roleName: 'Developer',
  maxDurationSeconds: 3600,
  rule: 'payments engineers',
  stepUp: null,
};

function credentials({ durationSeconds, now, credentials: own }: Answer, serial: number): Credentials {
  return {
    Version: 1,
    AccessKeyId: `ASIA${String(serial).padStart(16, '0')}`,
    SecretAccessKey: 'secret/secret+secret',
    SessionToken: `token${serial}==`,
    Expiration: new Date(now().getTime() + durationSeconds * 1000).toISOString(),
    RoleArn: roleArn,
    AssumedRoleArn: 'arn:aws:sts::444455556666:assumed-role/Developer/alice@corp.example',
    DurationSeconds: durationSeconds,
    DurationLimitedBy: 'rule',
    ...own,
  };
}

/** A sign-in as `rolegate login` leaves it, whose access token this broker takes. */
export function signInAt(context: CliContext, broker: string, accessToken = 'good'): void {
  const at = (ms: number) => new Date(context.clock.now().getTime() + ms).toISOString();
  writeSignIn(context, {
    broker,
    signedInAt: at(0),
    accessToken,
    accessTokenExpiresAt: at(3_600_000_000),
    refreshToken: 'refresh',
    tokenEndpoint: `${broker}/oauth/token`,
    revocationEndpoint: `${broker}/oauth/token/revocation`,
  });
  cacheFor(context, broker);
}

/** From now on cached credentials are this person's. */
export function cacheFor(context: CliContext, broker: string, user = 'alice@corp.example'): void {
  writeOwner(context, broker, { identityProvider: 'adfs', user });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' });
  response.end(JSON.stringify(body));
}
