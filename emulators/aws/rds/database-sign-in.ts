// How RDS checks the password of an IAM user. The password is a presigned `GET https://HOST:PORT/?Action=connect`; the
// emulator accepts that request under the database's name. It runs no database.
import { AwsError, jsonErrorTypes } from '../errors.ts';
import { whyNotPermitted } from '../policy/identity-policy.ts';
import type { ReceivedRequest } from '../received-request.ts';
import type { Reply } from '../reply.ts';
import { verifySignature } from '../sigv4/sigv4.ts';
import { callerContext } from '../sts/caller.ts';
import type { World } from '../world.ts';
import { findDatabase } from './databases.ts';

/** Whether a request is for a database. */
export function isDatabase({ host }: ReceivedRequest): boolean {
  return host.kind === 'rds';
}

/** Says which database user is signed in, or why the database refuses. CloudTrail records neither. */
export function answerDatabase(world: World, request: ReceivedRequest): Reply {
  try {
    return reply(200, { DBUser: signIn(world, request) });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return reply(error.status, { __type: jsonErrorTypes[error.code] ?? error.code, message: error.message });
  }
}

/** @throws AwsError */
function signIn(world: World, request: ReceivedRequest): string {
  const { path, method, params, host } = request;
  const database = findDatabase(world.estate(), host.name);
  const user = params.get('DBUser') ?? '';
  const isConnect = method === 'GET' && path === '/' && params.get('Action') === 'connect' && user !== '';
  if (database === undefined || !isConnect || !params.has('X-Amz-Signature')) {
    throw new AwsError(400, 'ValidationError', `not a password for ${host.name}`);
  }
  const caller = verifySignature(world, request, 'rds-db', host.region);
  const { accountId, resourceId } = database;
  const resource = `arn:${world.estate().partition}:rds-db:${host.region}:${accountId}:dbuser:${resourceId}/${user}`;
  const context = callerContext(world, request, caller);
  const why = whyNotPermitted(world, caller, { action: 'rds-db:connect', resource, context });
  if (why !== undefined || caller.principal.accountId !== accountId) {
    throw new AwsError(
      403,
      'AccessDeniedException',
      `PAM authentication failed for user "${user}" ${why ?? ''}`.trim(),
    );
  }
  return user;
}

function reply(status: number, body: object): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
