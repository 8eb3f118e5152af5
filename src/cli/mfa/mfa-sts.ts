// GetSessionToken and AssumeRole with a code, signed with the person's own keys: they go to AWS only, and not to the
// broker.
import { dnsSuffixOf, stsEndpoint } from '../../aws/partitions.ts';
import type { Credentials } from '../../wire/api.ts';
import { signRequest } from '../curl/curl-sign.ts';
import { readTarget } from '../curl/curl-target.ts';
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { agentOf, openRequest, readText } from '../machine/http.ts';
import { networkError } from '../machine/network-error.ts';
import type { MfaProfile } from './mfa-profile.ts';

export interface MfaRequest {
  readonly profile: MfaProfile;
  readonly serial: string;
  /** Six digits. */
  readonly code: string;
  /** Undefined for AWS's default: 12 hours for a user, one for a role. */
  readonly durationSeconds: number | undefined;
}

const answerTimeoutMs = 30_000;

/** @throws CliError denied, clock, network or usage */
export async function askSts(context: CliContext, request: MfaRequest): Promise<Credentials> {
  const { profile, durationSeconds } = request;
  const body = new URLSearchParams(parametersOf(request)).toString();
  const { createHash } = await import('node:crypto');
  const now = context.clock.now();
  const target = readTarget(`${endpointOf(context, profile.region)}/`, { service: 'sts', region: profile.region });
  const headers = await signRequest({
    method: 'POST',
    target,
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    payloadHash: createHash('sha256').update(body).digest('hex'),
    credentials: { AccessKeyId: profile.accessKeyId, SecretAccessKey: profile.secretAccessKey, SessionToken: '' },
    now,
  });
  const { status, text } = await send(context, target.origin, { headers, body });
  if (status !== 200) throw refusal(text, profile);
  const credentials = readAnswer(text);
  const seconds = Math.round((Date.parse(credentials.Expiration) - now.getTime()) / 1000);
  return { ...credentials, DurationSeconds: durationSeconds ?? seconds, DurationLimitedBy: 'request' };
}

function parametersOf({ profile, serial, code, durationSeconds }: MfaRequest): Record<string, string> {
  const { roleArn, externalId } = profile;
  return {
    Version: '2011-06-15',
    SerialNumber: serial,
    TokenCode: code,
    ...(durationSeconds === undefined ? {} : { DurationSeconds: String(durationSeconds) }),
    ...(roleArn === undefined
      ? { Action: 'GetSessionToken' }
      : { Action: 'AssumeRole', RoleArn: roleArn, RoleSessionName: 'rolegate-mfa' }),
    ...(roleArn === undefined || externalId === undefined ? {} : { ExternalId: externalId }),
  };
}

function endpointOf({ env }: CliContext, region: string): string {
  const own = env['AWS_ENDPOINT_URL_STS'] || env['AWS_ENDPOINT_URL'];
  if (own) return own.replace(/\/$/, '');
  const dnsSuffix = dnsSuffixOf(region);
  if (dnsSuffix === undefined) {
    throw new CliError(
      'usage',
      `${region} is in no partition that rolegate knows: set AWS_ENDPOINT_URL_STS to its STS`,
    );
  }
  return stsEndpoint({ dnsSuffix, stsFipsLabel: undefined }, region);
}

async function send(
  context: CliContext,
  origin: string,
  { headers, body }: { headers: Record<string, string>; body: string },
): Promise<{ status: number; text: string }> {
  const signal = AbortSignal.timeout(answerTimeoutMs);
  try {
    const agent = agentOf(context, origin);
    const answer = await openRequest(agent, { method: 'POST', url: `${origin}/`, headers, body, signal });
    return { status: answer.statusCode ?? 0, text: await readText(answer) };
  } catch (error) {
    throw networkError(new URL(origin).host, signal.aborted ? signal.reason : error);
  }
}

function readAnswer(xml: string): Omit<Credentials, 'DurationSeconds' | 'DurationLimitedBy'> {
  const [AccessKeyId, SecretAccessKey, SessionToken, Expiration] = [
    'AccessKeyId',
    'SecretAccessKey',
    'SessionToken',
    'Expiration',
  ].map((name) => elementText(xml, name));
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) {
    throw new CliError('failed', 'STS answered without complete credentials');
  }
  const arn = elementText(xml, 'Arn') ?? '';
  return { Version: 1, AccessKeyId, SecretAccessKey, SessionToken, Expiration, RoleArn: arn, AssumedRoleArn: arn };
}

/** STS's values hold no markup; what it escapes in messages are the five entities of XML. */
function elementText(xml: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return found?.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => entities[entity]!);
}

function refusal(xml: string, { name, roleArn }: MfaProfile): CliError {
  const code = elementText(xml, 'Code') ?? 'an error without a code';
  const message = elementText(xml, 'Message') ?? '';
  if (/invalid MFA one time pass code/.test(message)) {
    return new CliError('denied', 'AWS did not take the code: each one works once, so wait for the next and try again');
  }
  if (/unable to validate MFA code/.test(message)) {
    return new CliError(
      'denied',
      `AWS does not find this MFA device of the user: check mfa_serial of the profile ${name}, or --serial`,
    );
  }
  if (/^Signature (expired|not yet current)/.test(message))
    return new CliError('clock', `${message}: set this machine's clock`);
  const hint =
    roleArn !== undefined && code === 'AccessDenied'
      ? `; the trust policy of ${roleArn} must allow this user, with MFA`
      : '';
  return new CliError('denied', `AWS says ${code}: ${message}${hint}`);
}
