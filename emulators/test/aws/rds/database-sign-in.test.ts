// Passwords of IAM users at a database: which it accepts, and each reason for which it refuses one.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type AwsEmulator, type EmulatedUser, startAws } from '../../../aws/server.ts';
import { NOW } from '../support/fixture.ts';
import { rawRequest } from '../support/raw-request.ts';
import { presignGet, type Signer } from '../support/sign-request.ts';

const host = 'orders.abc1.eu-west-1.rds.amazonaws.com';
const resource = 'arn:aws:rds-db:eu-west-1:111122223333:dbuser:db-ORDERS/app';
const policies = [{ Statement: { Effect: 'Allow', Action: 'rds-db:connect', Resource: resource } }];
const user = (name: string, more: Partial<EmulatedUser> = {}): EmulatedUser => ({
  ...{ name, accessKeyId: `AKIAEXAMPLE${name}`, secretAccessKey: `secret-of-${name}`, policies, ...more },
});
const signerOf = (name: string): Signer => ({
  ...{ accessKeyId: `AKIAEXAMPLE${name}`, secretAccessKey: `secret-of-${name}`, now: NOW },
  ...{ region: 'eu-west-1', service: 'rds-db' },
});
let aws: AwsEmulator;

beforeAll(async () => {
  const databases = [
    { resourceId: 'db-ORDERS', hostname: host, port: 5432 },
    { resourceId: 'db-OTHER', hostname: host.replace('orders', 'other'), port: 5432 },
  ];
  const accounts = [
    { id: '111122223333', name: 'a', roles: [], databases, users: [user('app'), user('none', { policies: [] })] },
    { id: '444455556666', name: 'b', roles: [], users: [user('stranger')] },
  ];
  aws = await startAws({ now: () => NOW, estate: { accounts } });
});
afterAll(() => aws.close());
beforeEach(() => aws.setClockOffset(0));

interface Attempt {
  readonly signer?: Partial<Signer>;
  readonly user?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly expires?: number;
  readonly signedHost?: string;
  readonly askedHost?: string;
  readonly spoil?: (path: string) => string;
}

async function connect(attempt: Attempt = {}) {
  const { query = { Action: 'connect', DBUser: 'app' }, expires = 900, spoil = (path) => path } = attempt;
  const signer = { ...signerOf(attempt.user ?? 'app'), ...attempt.signer };
  const path = spoil(presignGet(signer, attempt.signedHost ?? `${host}:5432`, query, expires));
  const headers = { host: attempt.askedHost ?? `${host}:5432` };
  const answer = await rawRequest(aws.url, { path, headers });
  return { status: answer.status, ...JSON.parse(answer.body) };
}

test('a database accepts the password of a user whose policy names it', async () => {
  expect(await connect()).toEqual({ status: 200, DBUser: 'app' });
  aws.setClockOffset(899);
  expect(await connect({ expires: 604_800 })).toEqual({ status: 200, DBUser: 'app' });
  aws.setClockOffset(901);
  expect(await connect({ expires: 604_800 })).toMatchObject({ message: expect.stringContaining('Signature expired') });
});

const other = host.replace('orders', 'other');
const changed = 'InvalidSignatureException';
test.each<[string, Attempt, string]>([
  ['another secret', { signer: { secretAccessKey: 'x' } }, changed],
  ['an unknown key', { signer: { accessKeyId: 'AKIAUNKNOWN' } }, 'UnrecognizedClientException'],
  ['a session token that does not belong to the key', { signer: { sessionToken: 'x' } }, 'UnrecognizedClientException'],
  ['a password of another database', { signedHost: `${other}:5432` }, changed],
  ['a password sent to another database', { askedHost: `${other}:5432` }, changed],
  ['a password of another port', { signedHost: `${host}:3306` }, changed],
  ['a port at which no database is', { askedHost: `${host}:3306`, signedHost: `${host}:3306` }, 'ValidationError'],
  ['another user than was signed', { spoil: (path) => path.replace('DBUser=app', 'DBUser=root') }, changed],
  ['another service', { signer: { service: 'rds' } }, changed],
  ['another region', { signer: { region: 'us-east-1' } }, changed],
  ['another action', { query: { Action: 'reboot', DBUser: 'app' } }, 'ValidationError'],
  ['no signature', { spoil: (path) => path.replace(/&X-Amz-Signature=.*/, '') }, 'ValidationError'],
  ['a password that ended', { expires: 60, signer: { now: new Date(NOW.getTime() - 61_000) } }, changed],
  ['a database user that no policy names', { query: { Action: 'connect', DBUser: 'root' } }, 'AccessDeniedException'],
  ['a user without a policy', { user: 'none' }, 'AccessDeniedException'],
  ['a user of another account', { user: 'stranger' }, 'AccessDeniedException'],
])('a database refuses %s', async (_, attempt, type) => {
  expect(await connect(attempt)).toMatchObject({ __type: type });
});
