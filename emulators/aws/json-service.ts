// What services of the protocol AWS JSON 1.1 have in common: the target, the signature, permissions, events and errors.
import type { ServerResponse } from 'node:http';
import { AwsError, jsonErrorTypes } from './errors.ts';
import { type CloudTrailLikeEvent, type EventDraft, identityOf, newDraft } from './events.ts';
import type { FaultScope } from './faults.ts';
import { whyNotPermitted } from './policy/identity-policy.ts';
import { headerOf, type ReceivedRequest } from './received-request.ts';
import type { Reply } from './reply.ts';
import { verifySignature } from './sigv4/sigv4.ts';
import { callerContext } from './sts/caller.ts';
import type { IssuedCredentials } from './sts/credentials.ts';
import { recordCall, type World } from './world.ts';

export interface JsonCall {
  readonly members: Readonly<Record<string, unknown>>;
  readonly caller: IssuedCredentials;
  readonly region: string;
  readonly draft: EventDraft;
  /** @throws AwsError AccessDeniedException */
  permit(resource: string): void;
}

export interface JsonService {
  /** In X-Amz-Target, before the name of the operation; ends with a dot. */
  readonly target: string;
  /** Of signatures and of actions in policies. */
  readonly name: 'secretsmanager' | 'ssm' | 'organizations';
  readonly source: CloudTrailLikeEvent['eventSource'];
  readonly operations: Readonly<Record<string, (world: World, call: JsonCall) => object>>;
}

/** Whether a request is for this service. */
export function isFor({ target }: JsonService, request: ReceivedRequest): boolean {
  return (headerOf(request, 'x-amz-target') ?? '').startsWith(target);
}

/** Answers one request; a refusal is an answer too, and undefined a connection that was cut. */
export async function answerJson(
  service: JsonService,
  world: World,
  request: ReceivedRequest,
  response: ServerResponse,
): Promise<Reply | undefined> {
  const name = (headerOf(request, 'x-amz-target') ?? '').slice(service.target.length);
  const draft = newDraft();
  const call = { source: service.source, name, draft };
  try {
    if (!(await world.faults.strike(service.name satisfies FaultScope, response))) return undefined;
    const operation = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
    if (operation === undefined || request.method !== 'POST') throw new AwsError(400, 'UnknownOperationException', '');
    const caller = verifySignature(world, request, service.name);
    draft.userIdentity = identityOf(caller);
    draft.recipientAccountId = caller.principal.accountId;
    const permit = (resource: string) => {
      const action = `${service.name}:${name}`;
      const why = whyNotPermitted(world, caller, { action, resource, context: callerContext(world, request, caller) });
      if (why === undefined) return;
      const { arn } = caller.principal;
      const text = `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
      throw new AwsError(400, 'AccessDeniedException', text);
    };
    const { region } = request.host;
    const answer = operation(world, { members: readMembers(request), caller, region, draft, permit });
    recordCall(world, request, call);
    return reply(request, 200, answer);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    recordCall(world, request, { ...call, error });
    const status = error.status >= 500 ? error.status : 400;
    return reply(request, status, { __type: jsonErrorTypes[error.code] ?? error.code, message: error.message });
  }
}

function readMembers(request: ReceivedRequest): JsonCall['members'] {
  try {
    return JSON.parse(request.body.toString('utf8')) as JsonCall['members'];
  } catch {
    throw new AwsError(400, 'SerializationException', '');
  }
}

function reply(request: ReceivedRequest, status: number, body: object): Reply {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': request.id };
  return { status, headers, body: JSON.stringify(body) };
}
