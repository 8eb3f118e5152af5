// Lambda function URLs with IAM auth. Under their own name (ID.lambda-url.REGION.on.aws) they begin at `/`; under a local
// name below /lambda-url/ID, where the signature covers the whole path that was sent.

import { AwsError } from '../errors.ts';
import { identityOf, newDraft } from '../events.ts';
import { whyNotPermitted } from '../policy/identity-policy.ts';
import { headerOf, type ReceivedRequest } from '../received-request.ts';
import type { Reply } from '../reply.ts';
import { verifySignature } from '../sigv4/sigv4.ts';
import { callerContext } from '../sts/caller.ts';
import type { IssuedCredentials } from '../sts/credentials.ts';
import { recordCall, type World } from '../world.ts';
import { type FunctionRecord, type FunctionUrlEvent, findFunction } from './lambda-functions.ts';

const LOCAL = /^\/lambda-url\/([a-z0-9]+)(\/.*)?$/;
const FORBIDDEN =
  'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html';
/** How Lambda calls, in `x-amzn-errortype`, what STS calls by another name. */
const ERROR_TYPES: Readonly<Record<string, string>> = {
  InvalidClientTokenId: 'UnrecognizedClientException',
  SignatureDoesNotMatch: 'InvalidSignatureException',
  IncompleteSignature: 'IncompleteSignatureException',
  ExpiredToken: 'ExpiredTokenException',
};

/** Whether a request is for a function URL. */
export function isFunctionUrl({ host, path }: ReceivedRequest): boolean {
  return host.kind === 'lambda-url' || (host.kind === 'local' && LOCAL.test(path));
}

/** Answers with what the function says, or refuses as Lambda does. */
export async function answerFunctionUrl(world: World, request: ReceivedRequest): Promise<Reply> {
  const [, urlId = '', rest = '/'] = LOCAL.exec(request.path) ?? [];
  const isLocal = request.host.kind === 'local';
  const called = findFunction(world.estate(), isLocal ? urlId : (request.host.name.split('.')[0] ?? ''));
  const draft = newDraft();
  try {
    if (called === undefined) throw new AwsError(403, 'AccessDenied', FORBIDDEN);
    draft.recipientAccountId = called.accountId;
    draft.requestParameters = { functionName: called.arn };
    const caller = called.authType === 'NONE' ? undefined : authorize(world, request, called);
    if (caller !== undefined) draft.userIdentity = identityOf(caller);
    recordCall(world, request, { source: 'lambda.amazonaws.com', name: 'InvokeFunctionUrl', draft });
    const result = await called.handler(toEvent(request, isLocal ? rest : request.path, caller));
    return {
      status: result.statusCode ?? 200,
      headers: { 'content-type': 'application/json', 'x-amzn-requestid': request.id, ...result.headers },
      body: result.body ?? '',
    };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    recordCall(world, request, { source: 'lambda.amazonaws.com', name: 'InvokeFunctionUrl', draft, error });
    return refusal(request, error);
  }
}

/** @throws AwsError */
function authorize(world: World, request: ReceivedRequest, called: FunctionRecord): IssuedCredentials {
  if (headerOf(request, 'authorization') === undefined && !request.query.includes('X-Amz-Signature=')) {
    throw new AwsError(403, 'AccessDenied', FORBIDDEN);
  }
  const caller = verifySignature(world, request, 'lambda', called.region);
  const context = new Map([
    ...callerContext(world, request, caller),
    ['lambda:functionurlauthtype', ['AWS_IAM']],
  ] as const);
  // Since October 2025 a function URL needs both permissions. Another account would need a resource policy as well.
  for (const action of ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction']) {
    const isRefused = whyNotPermitted(world, caller, { action, resource: called.arn, context }) !== undefined;
    if (isRefused || caller.principal.accountId !== called.accountId)
      throw new AwsError(403, 'AccessDenied', FORBIDDEN);
  }
  return caller;
}

function toEvent(request: ReceivedRequest, rawPath: string, caller: IssuedCredentials | undefined): FunctionUrlEvent {
  // The function learns who calls, but never gets the caller's signature or session token.
  const shown = request.headers.filter(([name]) => name !== 'authorization' && name !== 'x-amz-security-token');
  const { principal } = caller ?? {};
  const iam = principal && { accountId: principal.accountId, userArn: principal.arn, userId: principal.userId };
  return {
    version: '2.0',
    rawPath,
    rawQueryString: request.query,
    headers: Object.fromEntries(shown),
    ...(request.body.length === 0 ? {} : { body: request.body.toString('utf8') }),
    isBase64Encoded: false,
    requestContext: {
      http: { method: request.method, path: rawPath, sourceIp: request.sourceIp },
      ...(iam === undefined ? {} : { authorizer: { iam } }),
    },
  };
}

/** Its own refusal writes `Message`, those of the signature check `message`. */
function refusal(request: ReceivedRequest, error: AwsError): Reply {
  const isOwn = error.code === 'AccessDenied';
  return {
    // Everything that concerns the signature is 403 at a function URL.
    status: isOwn || error.status < 500 ? 403 : error.status,
    headers: {
      'content-type': 'application/json',
      'x-amzn-requestid': request.id,
      'x-amzn-errortype': isOwn ? 'AccessDeniedException' : (ERROR_TYPES[error.code] ?? error.code),
    },
    body: JSON.stringify({ [isOwn ? 'Message' : 'message']: error.message }),
  };
}
