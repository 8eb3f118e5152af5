// AWS KMS (AWS JSON 1.1): Sign and GetPublicKey of RSA keys, for callers whose signature holds and whose policies allow it.
import { constants, createPrivateKey, createPublicKey, privateEncrypt, sign } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { AwsError, jsonErrorTypes } from '../errors.ts';
import { identityOf, newDraft } from '../events.ts';
import { whyNotPermitted } from '../policy/identity-policy.ts';
import { headerOf, type ReceivedRequest } from '../received-request.ts';
import type { Reply } from '../reply.ts';
import { verifySignature } from '../sigv4/sigv4.ts';
import { callerContext } from '../sts/caller.ts';
import type { IssuedCredentials } from '../sts/credentials.ts';
import { recordCall, type World } from '../world.ts';
import { findKmsKey, type KmsKeyRecord } from './kms-keys.ts';

const TARGET = 'TrentService.';
const ALGORITHM = 'RSASSA_PKCS1_V1_5_SHA_256';
const MAX_MESSAGE_BYTES = 4096;
/** RFC 8017 §9.2, note 1: the DigestInfo of SHA-256 before the digest. */
const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

type Members = Readonly<Record<string, unknown>>;
const OPERATIONS: Readonly<Record<string, (key: KmsKeyRecord, members: Members) => object>> = { Sign, GetPublicKey };

/** Whether a request is for AWS KMS. */
export function isKms(request: ReceivedRequest): boolean {
  return (headerOf(request, 'x-amz-target') ?? '').startsWith(TARGET);
}

/** Answers one request; a refusal is an answer too, and undefined a connection that was cut. */
export async function answerKms(
  world: World,
  request: ReceivedRequest,
  response: ServerResponse,
): Promise<Reply | undefined> {
  const name = (headerOf(request, 'x-amz-target') ?? '').slice(TARGET.length);
  const draft = newDraft();
  const call = { source: 'kms.amazonaws.com' as const, name, draft };
  try {
    if (!(await world.faults.strike('kms', response))) return undefined;
    const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
    if (operation === undefined || request.method !== 'POST') throw new AwsError(400, 'UnknownOperationException', '');
    const caller = verifySignature(world, request, 'kms');
    draft.userIdentity = identityOf(caller);
    draft.recipientAccountId = caller.principal.accountId;
    const members = readMembers(request);
    const place = { accountId: caller.principal.accountId, region: request.host.region };
    const key = findKmsKey(world, String(members['KeyId']), place);
    draft.requestParameters = { keyId: members['KeyId'], signingAlgorithm: members['SigningAlgorithm'] };
    permit(world, request, { caller, action: `kms:${name}`, resource: key.arn });
    if (key.state === 'Disabled') throw new AwsError(400, 'DisabledException', `${key.arn} is disabled.`);
    if (key.state !== undefined && key.state !== 'Enabled') {
      throw new AwsError(400, 'KMSInvalidStateException', `${key.arn} is pending deletion.`);
    }
    const answer = operation(key, members);
    recordCall(world, request, call);
    return reply(request, 200, answer);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    recordCall(world, request, { ...call, error });
    const status = error.status >= 500 ? error.status : 400;
    return reply(request, status, { __type: jsonErrorTypes[error.code] ?? error.code, message: error.message });
  }
}

function readMembers(request: ReceivedRequest): Members {
  try {
    return JSON.parse(request.body.toString('utf8')) as Members;
  } catch {
    throw new AwsError(400, 'SerializationException', '');
  }
}

function permit(
  world: World,
  request: ReceivedRequest,
  { caller, action, resource }: { caller: IssuedCredentials; action: string; resource: string },
): void {
  const why = whyNotPermitted(world, caller, { action, resource, context: callerContext(world, request, caller) });
  if (why === undefined) return;
  const text = `User: ${caller.principal.arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
  throw new AwsError(400, 'AccessDeniedException', text);
}

function Sign(key: KmsKeyRecord, { Message, MessageType = 'RAW', SigningAlgorithm }: Members): object {
  if (SigningAlgorithm !== ALGORITHM) {
    const text = `Algorithm ${String(SigningAlgorithm)} is incompatible with key spec ${specOf(key)}.`;
    throw new AwsError(400, 'InvalidKeyUsageException', text);
  }
  const message = Buffer.from(String(Message), 'base64');
  if (MessageType !== 'RAW' && MessageType !== 'DIGEST') throw invalid(`MessageType ${String(MessageType)}`);
  if (message.length < 1 || message.length > MAX_MESSAGE_BYTES) throw invalid('Message has 1 to 4096 bytes');
  if (MessageType === 'DIGEST' && message.length !== 32) {
    throw invalid(`Digest is invalid length for algorithm ${ALGORITHM}.`);
  }
  const padding = constants.RSA_PKCS1_PADDING;
  const signature =
    MessageType === 'RAW'
      ? sign('sha256', message, key.privateKey)
      : privateEncrypt({ key: key.privateKey, padding }, Buffer.concat([DIGEST_INFO, message]));
  return { KeyId: key.arn, Signature: signature.toString('base64'), SigningAlgorithm };
}

function GetPublicKey(key: KmsKeyRecord): object {
  const publicKey = createPublicKey(key.privateKey).export({ type: 'spki', format: 'der' });
  const spec = specOf(key);
  const shown = { KeySpec: spec, CustomerMasterKeySpec: spec, KeyUsage: 'SIGN_VERIFY', SigningAlgorithms: [ALGORITHM] };
  return { KeyId: key.arn, PublicKey: publicKey.toString('base64'), ...shown };
}

function specOf(key: KmsKeyRecord): string {
  return `RSA_${createPrivateKey(key.privateKey).asymmetricKeyDetails?.modulusLength}`;
}

function invalid(text: string): AwsError {
  return new AwsError(400, 'ValidationException', text);
}

function reply(request: ReceivedRequest, status: number, body: object): Reply {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': request.id };
  return { status, headers, body: JSON.stringify(body) };
}
