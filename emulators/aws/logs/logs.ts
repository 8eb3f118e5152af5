// CloudWatch Logs (AWS JSON 1.1): CreateLogGroup, CreateLogStream, PutLogEvents with its limits, and GetLogEvents.
import { AwsError, jsonErrorTypes } from '../errors.ts';
import { identityOf, newDraft } from '../events.ts';
import { whyNotPermitted } from '../policy/identity-policy.ts';
import { headerOf, type ReceivedRequest } from '../received-request.ts';
import type { Reply } from '../reply.ts';
import { verifySignature } from '../sigv4/sigv4.ts';
import { callerContext } from '../sts/caller.ts';
import type { IssuedCredentials } from '../sts/credentials.ts';
import { recordCall, type World } from '../world.ts';
import type { StoredLogEvent } from './log-groups.ts';

const TARGET = 'Logs_20140328.';
const MAX_BATCH_EVENTS = 10_000;
const MAX_BATCH_BYTES = 1_048_576;
const EVENT_OVERHEAD_BYTES = 26;
const DAY_MS = 86_400_000;

type Members = Readonly<Record<string, unknown>>;
type Operation = (world: World, members: Members, now: Date) => object;
const OPERATIONS: Readonly<Record<string, Operation>> = { CreateLogGroup, CreateLogStream, PutLogEvents, GetLogEvents };
/** Data events: CloudTrail does not show them by default. */
const UNRECORDED = ['PutLogEvents', 'GetLogEvents'];

/** Whether a request is for CloudWatch Logs. */
export function isLogs(request: ReceivedRequest): boolean {
  return (headerOf(request, 'x-amz-target') ?? '').startsWith(TARGET);
}

/** Answers one request; a refusal is an answer too. */
export function answerLogs(world: World, request: ReceivedRequest): Reply {
  const name = (headerOf(request, 'x-amz-target') ?? '').slice(TARGET.length);
  const draft = newDraft();
  const call = { source: 'logs.amazonaws.com' as const, name, draft };
  try {
    const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
    if (operation === undefined || request.method !== 'POST') throw new AwsError(400, 'UnknownOperationException', '');
    const caller = verifySignature(world, request, 'logs');
    draft.userIdentity = identityOf(caller);
    draft.recipientAccountId = caller.principal.accountId;
    const members = readMembers(request);
    const { logGroupName, logStreamName } = members;
    draft.requestParameters = { logGroupName, logStreamName };
    permit(world, request, { caller, name, group: String(logGroupName) });
    const answer = operation(world, members, request.now);
    if (!UNRECORDED.includes(name)) recordCall(world, request, call);
    return reply(request, 200, answer);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    recordCall(world, request, { ...call, error });
    return reply(request, 400, { __type: jsonErrorTypes[error.code] ?? error.code, message: error.message });
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
  { caller, name, group }: { caller: IssuedCredentials; name: string; group: string },
): void {
  const { accountId, arn } = caller.principal;
  const { partition } = world.estate();
  const resource = `arn:${partition}:logs:${request.host.region}:${accountId}:log-group:${group}:*`;
  const question = { action: `logs:${name}`, resource, context: callerContext(world, request, caller) };
  const why = whyNotPermitted(world, caller, question);
  if (why === undefined) return;
  const text = `User: ${arn} is not authorized to perform: ${question.action} on resource: ${resource} ${why}`;
  throw new AwsError(400, 'AccessDeniedException', text);
}

function CreateLogGroup(world: World, { logGroupName }: Members): object {
  const name = String(logGroupName);
  if (world.logGroups.has(name)) {
    throw new AwsError(400, 'ResourceAlreadyExistsException', 'The specified log group already exists');
  }
  world.logGroups.set(name, new Map());
  return {};
}

function CreateLogStream(world: World, { logGroupName, logStreamName }: Members): object {
  const streams = world.logGroups.get(String(logGroupName));
  const name = String(logStreamName);
  if (streams === undefined) throw missing('log group');
  if (!/^[^:*]{1,512}$/.test(name)) throw invalid(`logStreamName ${name} is not valid`);
  if (streams.has(name)) {
    throw new AwsError(400, 'ResourceAlreadyExistsException', 'The specified log stream already exists');
  }
  streams.set(name, []);
  return {};
}

/** Limits as in the API reference: size, count, order, a span of one day; events too old or too new are left out. */
function PutLogEvents(world: World, members: Members, now: Date): object {
  const stream = streamOf(world, members);
  const events = (Array.isArray(members['logEvents']) ? members['logEvents'] : []) as StoredLogEvent[];
  if (events.length < 1 || events.length > MAX_BATCH_EVENTS)
    throw invalid('logEvents has no event, or more than 10000');
  const bytes = events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES, 0);
  if (bytes > MAX_BATCH_BYTES) throw invalid(`Upload too large: ${bytes} bytes exceeds limit of ${MAX_BATCH_BYTES}`);
  const isSorted = events.every(({ timestamp }, index) => index === 0 || timestamp >= events[index - 1]!.timestamp);
  if (!isSorted) throw invalid('Log events in a single PutLogEvents request must be in chronological order.');
  if (events.at(-1)!.timestamp - events[0]!.timestamp > DAY_MS) {
    throw invalid('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.');
  }
  const [earliest, latest] = [now.getTime() - 14 * DAY_MS, now.getTime() + 2 * 3_600_000];
  const tooOld = events.filter(({ timestamp }) => timestamp < earliest).length;
  const tooNew = events.findIndex(({ timestamp }) => timestamp > latest);
  const taken = events.slice(tooOld, tooNew < 0 ? undefined : tooNew);
  for (const { timestamp, message } of taken) stream.push({ timestamp, message, ingestionTime: now.getTime() });
  if (taken.length === events.length) return {};
  const old = tooOld > 0 ? { tooOldLogEventEndIndex: tooOld } : {};
  return { rejectedLogEventsInfo: { ...old, ...(tooNew < 0 ? {} : { tooNewLogEventStartIndex: tooNew }) } };
}

function GetLogEvents(world: World, members: Members): object {
  const events = [...streamOf(world, members)].sort((a, b) => a.timestamp - b.timestamp);
  return { events, nextForwardToken: 'f/end', nextBackwardToken: 'b/end' };
}

function streamOf(world: World, { logGroupName, logStreamName }: Members): StoredLogEvent[] {
  const streams = world.logGroups.get(String(logGroupName));
  if (streams === undefined) throw missing('log group');
  const stream = streams.get(String(logStreamName));
  if (stream === undefined) throw missing('log stream');
  return stream;
}

function missing(what: string): AwsError {
  return new AwsError(400, 'ResourceNotFoundException', `The specified ${what} does not exist.`);
}

function invalid(text: string): AwsError {
  return new AwsError(400, 'InvalidParameterException', text);
}

function reply(request: ReceivedRequest, status: number, body: object): Reply {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': request.id };
  return { status, headers, body: JSON.stringify(body) };
}
