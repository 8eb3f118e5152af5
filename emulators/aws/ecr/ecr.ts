// ECR's GetAuthorizationToken (AWS JSON 1.1), for callers whose signature holds and whose policies allow it. There are no
// registries behind it: the password is a random text.
import { randomBytes } from 'node:crypto';
import { AwsError, jsonErrorTypes } from '../errors.ts';
import { identityOf, newDraft } from '../events.ts';
import { partitionNames } from '../hosts.ts';
import { whyNotPermitted } from '../policy/identity-policy.ts';
import { headerOf, type ReceivedRequest } from '../received-request.ts';
import type { Reply } from '../reply.ts';
import { verifySignature } from '../sigv4/sigv4.ts';
import { callerContext } from '../sts/caller.ts';
import { recordCall, type World } from '../world.ts';

const OPERATION = 'GetAuthorizationToken';
const TARGET = 'AmazonEC2ContainerRegistry_V20150921.';
/** Whether a request is for ECR. */
export function isEcr(request: ReceivedRequest): boolean {
  return request.host.kind === 'ecr' || (headerOf(request, 'x-amz-target') ?? '').startsWith(TARGET);
}

/** Answers one request; a refusal is an answer too. */
export function answerEcr(world: World, request: ReceivedRequest): Reply {
  const draft = newDraft();
  const call = { source: 'ecr.amazonaws.com' as const, name: OPERATION, draft };
  try {
    if (headerOf(request, 'x-amz-target') !== TARGET + OPERATION || request.method !== 'POST') {
      throw new AwsError(400, 'UnknownOperationException', '');
    }
    const region = request.host.kind === 'ecr' ? request.host.region : undefined;
    const caller = verifySignature(world, request, 'ecr', region);
    draft.userIdentity = identityOf(caller);
    draft.recipientAccountId = caller.principal.accountId;
    const question = {
      action: 'ecr:GetAuthorizationToken',
      resource: '*',
      context: callerContext(world, request, caller),
    };
    const why = whyNotPermitted(world, caller, question);
    if (why !== undefined) {
      const text = `User: ${caller.principal.arn} is not authorized to perform: ${question.action} on resource: * ${why}`;
      throw new AwsError(400, 'AccessDeniedException', text);
    }
    recordCall(world, request, call);
    const { dnsSuffix } = partitionNames(world.estate().partition);
    const registry = `${caller.principal.accountId}.dkr.ecr.${request.host.region}.${dnsSuffix}`;
    return reply(request, 200, { authorizationData: [authorizationData(request, registry)] });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    recordCall(world, request, { ...call, error });
    return reply(request, 400, { __type: jsonErrorTypes[error.code] ?? error.code, message: error.message });
  }
}

function authorizationData(request: ReceivedRequest, registry: string) {
  return {
    authorizationToken: Buffer.from(`AWS:${randomBytes(48).toString('base64')}`).toString('base64'),
    expiresAt: request.now.getTime() / 1000 + 12 * 3600,
    proxyEndpoint: `https://${registry}`,
  };
}

function reply(request: ReceivedRequest, status: number, body: object): Reply {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': request.id };
  return { status, headers, body: JSON.stringify(body) };
}
