import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCached, readOwner, writeCached } from '../../../src/cli/credentials/credential-cache.ts';
import { readSignIn } from '../../../src/cli/sign-in/tokens.ts';
import type { Credentials } from '../../../src/wire/api.ts';
import { type StandIn, startStandIn } from '../../cli/support/authorization-server.ts';
import { browse, run } from '../../cli/support/login.ts';
import { createMachine, type Machine } from '../../cli/support/machine.ts';

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

async function signIn(user: string, identityProvider = 'adfs'): Promise<void> {
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  server.behaviour.me = { status: 200, body: { user, displayName: user, identityProvider, expiresAt } };
  const login = run(machine, 'login', '--force', '--broker', server.origin);
  await browse(login);
  expect(await login.ended).toMatchObject({ exit: 'ok' });
}

const key = () => ({ broker: server.origin, roleArn });
const role = { RoleArn: roleArn, AssumedRoleArn: roleArn, DurationSeconds: 3600, DurationLimitedBy: 'rule' } as const;
const credentials: Credentials = {
  ...{ Version: 1, AccessKeyId: 'ASIAALICE', SecretAccessKey: 'secret', SessionToken: 'token', ...role },
  Expiration: '2099-01-01T00:00:00Z',
};
const cached = () => readCached(machine.context, key());

test('the next user who signs in here does not get credentials that the cache holds for the former', async () => {
  await signIn('alice@corp.example');
  writeCached(machine.context, key(), credentials);
  await signIn('alice@corp.example');
  expect(cached()).toEqual(credentials);
  await signIn('bob@corp.example');
  expect(cached()).toBeUndefined();
  await signIn('alice@corp.example');
  expect(cached()).toBeUndefined();
});

test("nor for another identity provider's alice", async () => {
  await signIn('alice', 'adfs');
  writeCached(machine.context, key(), credentials);
  expect(cached()).toEqual(credentials);
  await signIn('alice', 'partner');
  expect(cached()).toBeUndefined();
});

test('credentials that were asked for as another person are not kept for this one', async () => {
  await signIn('alice');
  const owner = readOwner(machine.context, server.origin);
  await signIn('bob');
  writeCached(machine.context, key(), credentials, owner);
  expect(cached()).toBeUndefined();
});

test('a sign-in whose person the broker does not tell leaves everything as it was', async () => {
  await signIn('alice');
  const former = readSignIn(machine.context, server.origin);
  writeCached(machine.context, key(), credentials);
  server.behaviour.me = { status: 503, body: { code: 'store_unavailable', title: 'Later', detail: 'Try again.' } };
  const login = run(machine, 'login', '--force', '--broker', server.origin);
  await browse(login);
  expect(await login.ended).toMatchObject({ exit: 'network' });
  expect(readSignIn(machine.context, server.origin)).toEqual(former);
  expect(server.grants.map(({ isEnded }) => isEnded).slice(-2)).toEqual([false, true]);
  expect(cached()).toEqual(credentials);
});
