import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCached, writeCached } from '../../../src/cli/credentials/credential-cache.ts';
import type { Credentials } from '../../../src/wire/api.ts';
import { type StandIn, startStandIn } from '../support/authorization-server.ts';
import { browse, run } from '../support/login.ts';
import { createMachine, type Machine } from '../support/machine.ts';

const roleArn = 'arn:aws:iam::444455556666:role/Developer';
let server: StandIn;
let machine: Machine;
beforeAll(async () => {
  server = await startStandIn();
  machine = createMachine();
});
afterAll(async () => {
  await server.stop();
  machine.remove();
});

async function signIn(user: string): Promise<void> {
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  server.behaviour.me = { status: 200, body: { user, displayName: user, identityProvider: 'adfs', expiresAt } };
  const login = run(machine, 'login', '--force', '--broker', server.origin);
  await browse(login);
  expect(await login.ended).toMatchObject({ exit: 'ok' });
}

test('what is in the cache stays with the person: not for the next one who signs in here', async () => {
  const key = { broker: server.origin, roleArn };
  const secrets = { AccessKeyId: 'ASIAALICE', SecretAccessKey: 'secret', SessionToken: 'token' };
  const role = { RoleArn: roleArn, AssumedRoleArn: roleArn, DurationSeconds: 3600, DurationLimitedBy: 'rule' } as const;
  const credentials: Credentials = { Version: 1, ...secrets, Expiration: '2099-01-01T00:00:00Z', ...role };
  await signIn('alice@corp.example');
  writeCached(machine.context, key, credentials);
  await signIn('alice@corp.example');
  expect(readCached(machine.context, key)).toEqual(credentials);
  await signIn('bob@corp.example');
  expect(readCached(machine.context, key)).toBeUndefined();
});
