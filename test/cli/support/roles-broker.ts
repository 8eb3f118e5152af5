// A broker that offers roles and preferences of a test's choice: for commands that only read them.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Preferences, RoleEntry } from '../../../src/wire/api.ts';

export interface RolesBroker {
  /** Its origin. */
  readonly url: string;
  /** What it answers; changes count at once. */
  roles: readonly RoleEntry[];
  preferences: Preferences;
  /** Value of the header Rolegate-Version, if it sends one. */
  version?: string;
  /** How long each answer takes; none by default. */
  delayMs?: number;
  /** Paths that were asked for. */
  readonly asked: string[];
  readonly close: () => Promise<void>;
}

export async function startRolesBroker(roles: readonly RoleEntry[] = []): Promise<RolesBroker> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    const isSignedIn = request.headers.authorization === 'Bearer good';
    const lists: Record<string, unknown> = {
      '/api/v1/roles': { roles: broker.roles },
      '/api/v1/console-handles': { handle: 'one-time-handle', expiresAt: new Date(Date.now() + 60_000).toISOString() },
    };
    const found = lists[request.url!] ?? broker.preferences;
    if (broker.version !== undefined) response.setHeader('Rolegate-Version', broker.version);
    response.writeHead(isSignedIn ? 200 : 401, { 'Content-Type': 'application/json', Connection: 'close' });
    const body = JSON.stringify(isSignedIn ? found : { code: 'unauthenticated' });
    setTimeout(() => response.end(body), broker.delayMs ?? 0);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const broker: RolesBroker = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    roles,
    preferences: { favourites: [], recents: [] },
    asked,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return broker;
}

/** A role as the broker lists it: `alias/role`, and the fields that differ from the defaults. */
export function roleEntry(name: string, overrides: Partial<RoleEntry> = {}): RoleEntry {
  const [accountAlias = '', role = ''] = name.split(/\/(.*)/);
  const accountId = overrides.accountId ?? accountIds[accountAlias] ?? '999999999999';
  return {
    roleArn: `arn:aws:iam::${accountId}:role/${role}`,
    accountId,
    accountAlias,
    accountName: accountAlias.replace('-', ' '),
    environment: accountAlias.endsWith('prod') ? 'production' : 'development',
    region: 'eu-west-1',
    roleName: role.split('/').at(-1)!,
    maxDurationSeconds: 3600,
    rule: 'a rule',
    stepUp: null,
    ...overrides,
  };
}

const accountIds: Readonly<Record<string, string>> = {
  'payments-prod': '111122223333',
  'payments-dev': '444455556666',
  sandbox: '777788889999',
};
