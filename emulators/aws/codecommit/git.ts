// CodeCommit over HTTPS, as far as git's first request: who may read or write a repository, and which commits it has.
// The password is a signature (Version 4, method GIT) and the user name holds the session token.
import { AwsError } from '../errors.ts';
import { identityOf, newDraft } from '../events.ts';
import { whyNotPermitted } from '../policy/identity-policy.ts';
import { headerOf, type ReceivedRequest } from '../received-request.ts';
import type { Reply } from '../reply.ts';
import { findCaller, verifyText } from '../sigv4/sigv4.ts';
import { type Claim, MAX_AGE_SECONDS } from '../sigv4/sigv4-claim.ts';
import { stringToSign } from '../sigv4/sigv4-signature.ts';
import { callerContext } from '../sts/caller.ts';
import type { IssuedCredentials } from '../sts/credentials.ts';
import { recordCall, type World } from '../world.ts';
import { type EmulatedRepository, findRepository } from './repositories.ts';

const OPERATIONS: Readonly<Record<string, 'GitPull' | 'GitPush'>> = {
  'git-upload-pack': 'GitPull',
  'git-receive-pack': 'GitPush',
};

/** Whether a request is for CodeCommit's git servers. */
export function isGit({ host }: ReceivedRequest): boolean {
  return host.kind === 'codecommit';
}

/** Answers `GET /v1/repos/NAME/info/refs?service=…`; a refusal is 403 without a reason, as git users see it at AWS. */
export function answerGit(world: World, request: ReceivedRequest): Reply {
  const service = request.params.get('service') ?? '';
  const [, path = '', name = ''] = /^(\/v1\/repos\/([\w.-]{1,100}))\/info\/refs$/.exec(request.path) ?? [];
  const operation = Object.hasOwn(OPERATIONS, service) ? OPERATIONS[service] : undefined;
  if (operation === undefined || path === '' || request.method !== 'GET') return plain(404, '');
  if (headerOf(request, 'authorization') === undefined) {
    return plain(401, '', { 'www-authenticate': 'Basic realm="AWS CodeCommit"' });
  }
  const draft = newDraft();
  const call = { source: 'codecommit.amazonaws.com' as const, name: operation, draft };
  draft.requestParameters = { repositoryName: name };
  try {
    const caller = verifyPassword(world, request, path);
    draft.userIdentity = identityOf(caller);
    draft.recipientAccountId = caller.principal.accountId;
    const found = permittedRepository(world, request, caller, { name, operation });
    recordCall(world, request, call);
    const type = `application/x-${service}-advertisement`;
    return plain(200, advertisement(service, found), { 'content-type': type, 'cache-control': 'no-cache' });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    recordCall(world, request, { ...call, error });
    return plain(error.status, '');
  }
}

/** User name `KEY%TOKEN`, password `YYYYMMDDTHHMMSSZ` and the signature. The date that is signed has no Z. @throws AwsError */
function verifyPassword(world: World, request: ReceivedRequest, path: string): IssuedCredentials {
  const [, encoded = ''] = /^Basic ([\w+/=]+)$/i.exec(headerOf(request, 'authorization') ?? '') ?? [];
  const [, user = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  const [, accessKeyId = '', sessionToken] = /^(\w+)(?:%(.*))?$/s.exec(user) ?? [];
  const [, signed, signature] = /^(\d{8}T\d{6})Z([0-9a-f]{64})$/.exec(password) ?? [];
  if (signed === undefined || signature === undefined) throw new AwsError(403, 'IncompleteSignature', '');
  const { region, name: host } = request.host;
  const claim: Claim = {
    isPresigned: false,
    ...{ accessKeyId, sessionToken, signature, region },
    ...{ service: 'codecommit', terminator: 'aws4_request', signedHeaders: ['host'] },
    ...{ date: signed.slice(0, 8), timestamp: `${signed}Z`, maxAgeSeconds: MAX_AGE_SECONDS },
  };
  const caller = findCaller(world, claim);
  const text = stringToSign({ ...claim, timestamp: signed }, `GIT\n${path}\n\nhost:${host}\n\nhost\n`);
  verifyText(caller, claim, text, request.now);
  return caller;
}

/** @throws AwsError for a repository that does not exist as for one that the caller may not use */
function permittedRepository(
  world: World,
  request: ReceivedRequest,
  caller: IssuedCredentials,
  { name, operation }: { name: string; operation: string },
): EmulatedRepository {
  const { accountId } = caller.principal;
  const { region } = request.host;
  const resource = `arn:${world.estate().partition}:codecommit:${region}:${accountId}:${name}`;
  const context = callerContext(world, request, caller);
  const found = findRepository(world.estate(), { accountId, region, name });
  const why = whyNotPermitted(world, caller, { action: `codecommit:${operation}`, resource, context });
  if (found === undefined || why !== undefined) throw new AwsError(403, 'AccessDeniedException', why ?? resource);
  return found;
}

/** gitprotocol-http, "Smart Server Response", in version 0. */
function advertisement(service: string, { head }: EmulatedRepository): string {
  const line = (text: string) => `${(text.length + 4).toString(16).padStart(4, '0')}${text}`;
  const refs = [`${head} HEAD\0symref=HEAD:refs/heads/main\n`, `${head} refs/heads/main\n`];
  return `${line(`# service=${service}\n`)}0000${refs.map(line).join('')}0000`;
}

function plain(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'content-type': 'text/plain', ...headers }, body };
}
