// Credentials of a role: from the cache, or from the broker, which one process at a time asks for them; those of a second
// role from STS, with the broker's.
import { type Credentials, credentials as credentialsSchema } from '../../wire/api.ts';
import { type CliContext, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { withLock } from '../machine/lock.ts';
import { noteOutage, type OutageSource, outageSince } from '../machine/outage.ts';
import { describeSeconds } from '../machine/time-left.ts';
import { createBrokerClient } from '../sign-in/broker-client.ts';
import { withSignIn } from '../sign-in/with-sign-in.ts';
import type { ChainRequest } from '../sts/second-role.ts';
import {
  type CacheKey,
  credentialLock,
  isFresh,
  isGood,
  lastRoleOf,
  readCached,
  readOwner,
  remainingMs,
  writeCached,
} from './credential-cache.ts';

export interface CredentialsRequest extends CacheKey {
  /** How much longer they must be good; those from the cache that are not are renewed. */
  readonly minTtlSeconds?: number | undefined;
}

/** Longer than a request may take, with a new access token before it. */
const lockTimeoutMs = 150_000;
/** With credentials that are valid for some minutes, waiting longer for another renewal is not worth it. */
const shortLockTimeoutMs = 1000;
/** For so long after a failure, credentials that are still good are handed out without another try. */
const outagePauseMs = 60_000;

/** @throws CliError login, denied, network, clock, busy; failed, if the role's sessions are shorter than minTtlSeconds */
export async function obtainCredentials(context: CliContext, request: CredentialsRequest): Promise<Credentials> {
  // Do not ask while this process holds the lock: other processes wait for it.
  const quiet = { ...context, requestSignIn: undefined };
  const credentials = await withSignIn(context, request.broker, () => obtain(quiet, request));
  sayIfShorter(context, request, credentials);
  return credentials;
}

/** What was asked for and not given must not surprise hours later. */
function sayIfShorter(context: CliContext, { durationSeconds = 0 }: CredentialsRequest, given: Credentials): void {
  const { DurationSeconds, DurationLimitedBy } = given;
  if (DurationSeconds >= durationSeconds) return;
  const [got, wanted] = [DurationSeconds, durationSeconds].map(describeSeconds);
  const limits: Readonly<Record<string, string>> = {
    rule: 'the rule allows no more',
    role: "the role's maximum session duration",
    chaining: 'AWS allows one hour for chained roles',
  };
  const why = limits[DurationLimitedBy] ?? `limited by ${DurationLimitedBy}`;
  say(context, `rolegate: valid for ${got} instead of ${wanted}: ${why}`);
}

async function obtain(context: CliContext, request: CredentialsRequest): Promise<Credentials> {
  const startedAt = context.clock.now().getTime();
  const cached = cachedFor(context, request);
  if (cached?.isFresh) return cached.credentials;
  const outage = cached && outageSince(context, request.broker, sourceOf(request), startedAt - outagePauseMs);
  if (outage) return serveOld(context, cached.credentials, outage.message);
  try {
    const timeoutMs = cached ? shortLockTimeoutMs : lockTimeoutMs;
    return await withLock(context, credentialLock(request), timeoutMs, () => renewOnce(context, request, startedAt));
  } catch (error) {
    const mayServeOld = error instanceof CliError && ['network', 'busy'].includes(error.exit);
    const old = mayServeOld && cachedFor(context, request);
    if (!old) throw error;
    return serveOld(context, old.credentials, error.message);
  }
}

const sourceOf = ({ secondRole }: CredentialsRequest): OutageSource => (secondRole === undefined ? 'broker' : 'sts');

/** Cached credentials that are valid for as long as requested; fresh if they need no renewal yet. */
function cachedFor(context: CliContext, { minTtlSeconds = 0, ...key }: CredentialsRequest) {
  const credentials = readCached(context, key);
  const now = context.clock.now();
  if (!credentials || !isGood(credentials, now, minTtlSeconds)) return undefined;
  return { credentials, isFresh: isFresh(credentials, now) };
}

function serveOld(context: CliContext, old: Credentials, why: string): Credentials {
  say(context, `rolegate: ${why}; using credentials that expire at ${old.Expiration}`);
  return old;
}

/** A caller that waited for the lock shares the result of its holder: credentials, or the error. */
async function renewOnce(context: CliContext, request: CredentialsRequest, startedAt: number): Promise<Credentials> {
  const cached = cachedFor(context, request);
  if (cached?.isFresh) return cached.credentials;
  const outage = outageSince(context, request.broker, sourceOf(request), startedAt);
  if (outage) throw new CliError('network', outage.message);
  try {
    return await renew(context, request);
  } catch (error) {
    if (error instanceof CliError && error.exit === 'network')
      remember(() => noteOutage(context, request.broker, sourceOf(request), error.message));
    throw error;
  }
}

async function renew(context: CliContext, request: CredentialsRequest): Promise<Credentials> {
  const { broker, secondRole, minTtlSeconds = 0 } = request;
  // Before the token is read: a sign-in as another person meanwhile must not get what belongs to this one.
  const owner = readOwner(context, broker);
  const answer =
    secondRole === undefined ? await askBroker(context, request) : await askSts(context, { ...request, secondRole });
  remember(() => writeCached(context, request, answer, owner));
  const remainingSeconds = remainingMs(answer, context.clock.now()) / 1000;
  if (remainingSeconds > minTtlSeconds) return answer;
  // The duration of the session, not its remaining time.
  const [given, wanted] = [answer.DurationSeconds, minTtlSeconds].map((seconds) => Math.floor(seconds / 60));
  throw new CliError('failed', `${lastRoleOf(request)} gives ${given} min at a time, and ${wanted} min were asked for`);
}

function askBroker(context: CliContext, request: CredentialsRequest): Promise<Credentials> {
  const { broker, roleArn, durationSeconds, policy, policyId } = request;
  const body = { roleArn, durationSeconds, policy, sessionPolicy: policyId };
  return createBrokerClient(context, broker).post('/api/v1/credentials', body, credentialsSchema);
}

/** The first role's credentials are those that it has by itself, for as long as its rule allows. */
async function askSts(context: CliContext, request: ChainRequest): Promise<Credentials> {
  const { assumeSecondRole, requireChain } = await import('../sts/second-role.ts');
  requireChain(request);
  const { broker, roleArn } = request;
  return assumeSecondRole(context, request, await obtain(context, { broker, roleArn }));
}

/** A full disk, a read-only home, or a folder that others can write costs a request each time and nothing else. */
function remember(write: () => void): void {
  try {
    write();
  } catch (error) {
    const isOfFiles = (error as NodeJS.ErrnoException).code !== undefined || error instanceof CliError;
    if (!isOfFiles) throw error;
  }
}
