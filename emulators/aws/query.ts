// The Query protocol of STS and IAM: finds the operation (T1), verifies the signature where one is due (T8-T12), checks members
// (T2-T4), runs it, renders the answer, records the event.

import { AwsError } from './errors.ts';
import { type EventDraft, identityOf, newDraft } from './events.ts';
import { iamOperations } from './iam.ts';
import { rolePolicyOperations } from './iam-role-policies.ts';
import type { Operation } from './operation.ts';
import { headerOf, type ReceivedRequest } from './received-request.ts';
import type { Reply } from './reply.ts';
import { verifySignature } from './sigv4/sigv4.ts';
import { getAccessKeyInfo } from './sts/access-key-info.ts';
import { assumeRole } from './sts/assume-role.ts';
import { assumeRoleWithSaml } from './sts/assume-role-with-saml.ts';
import { decodeAuthorizationMessage } from './sts/decode-authorization-message.ts';
import { getFederationToken } from './sts/federation-token.ts';
import { getCallerIdentity } from './sts/get-caller-identity.ts';
import { checkMembers } from './sts/members.ts';
import { getSessionToken } from './sts/session-token.ts';
import { assumeRoleWithWebIdentity } from './sts/web-identity.ts';
import { recordCall, type World } from './world.ts';
import { type AnswerForm, type AnswerMembers, renderAnswer, renderError } from './xml/xml.ts';

const OPERATIONS: readonly Operation[] = [
  assumeRole,
  assumeRoleWithSaml,
  assumeRoleWithWebIdentity,
  decodeAuthorizationMessage,
  getAccessKeyInfo,
  getCallerIdentity,
  getFederationToken,
  getSessionToken,
  ...iamOperations,
  ...rolePolicyOperations,
];
/** STS and IAM are told apart by the version of their interface. */
const VERSIONS = { sts: '2011-06-15', iam: '2010-05-08' };

/** Answers one request; a refusal is an answer too. */
export async function answerQuery(world: World, request: ReceivedRequest): Promise<Reply> {
  const draft = newDraft();
  const action = request.params.get('Action') ?? 'Unknown';
  const call = { source: `${serviceOf(request)}.amazonaws.com`, name: action, draft } as const;
  try {
    const members = await runOperation(world, request, draft);
    recordCall(world, request, call);
    return stsReply(request, 200, renderAnswer(action, members, formOf(request)));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    recordCall(world, request, { ...call, error });
    return stsError(request, error);
  }
}

/** An error in the form the service gives it. */
export function stsError(request: ReceivedRequest, error: AwsError): Reply {
  return stsReply(request, error.status, renderError(error, formOf(request)));
}

function serviceOf(request: ReceivedRequest): 'sts' | 'iam' {
  return request.params.get('Version') === VERSIONS.iam ? 'iam' : 'sts';
}

function formOf(request: ReceivedRequest): AnswerForm {
  const asJson = /^application\/json\b/.test(headerOf(request, 'accept') ?? '');
  return { service: serviceOf(request), requestId: request.id, asJson };
}

async function runOperation(world: World, request: ReceivedRequest, draft: EventDraft): Promise<AnswerMembers> {
  const operation = findOperation(request);
  if (request.repeated.length > 0) {
    throw new AwsError(400, 'MalformedInput', `Parameter ${request.repeated.join(', ')} was sent more than once`);
  }
  for (const member of operation.shownMembers) {
    const value = request.params.get(member);
    const name = member.charAt(0).toLowerCase() + member.slice(1);
    if (value !== undefined) draft.requestParameters[name] = value.slice(0, 2048);
  }
  const caller = operation.isSigned ? verifySignature(world, request, serviceOf(request)) : undefined;
  if (caller !== undefined) {
    draft.userIdentity = identityOf(caller);
    draft.recipientAccountId = caller.principal.accountId;
  }
  const account = caller?.principal.accountId ?? request.params.get('RoleArn')?.split(':')[4] ?? '';
  world.countRequest(`${request.host.region}:${account.slice(0, 12)}`, request.now);
  checkMembers(request.params, operation.members);
  return operation.run(world, { request, params: request.params, caller, draft });
}

/** T1. */
function findOperation(request: ReceivedRequest): Operation {
  const action = request.params.get('Action');
  if (action === undefined || action === '') {
    throw new AwsError(400, 'MissingAction', 'The request must contain the parameter Action');
  }
  const version = request.params.get('Version');
  const service = serviceOf(request);
  const operation = OPERATIONS.find((one) => one.name === action && (one.service ?? 'sts') === service);
  // Under a real name each host serves its own service; a local one serves both.
  const isElsewhere = ['sts', 'iam'].includes(request.host.kind) && request.host.kind !== service;
  if (operation !== undefined && version === VERSIONS[service] && !isElsewhere) return operation;
  throw new AwsError(
    400,
    'InvalidAction',
    `Could not find operation ${action} for version ${version ?? 'NO_VERSION_SPECIFIED'}`,
  );
}

function stsReply(request: ReceivedRequest, status: number, content: { contentType: string; body: string }): Reply {
  const headers = {
    'content-type': content.contentType,
    'x-amzn-requestid': request.id,
    'x-amz-sts-extended-request-id': Buffer.from(request.id).toString('base64'),
  };
  return { status, headers, body: content.body };
}
