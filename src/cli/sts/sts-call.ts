// Signed calls of STS that return credentials: where STS answers, and what its XML says. They go to AWS only, and not to
// the broker.
import { createHash } from 'node:crypto';
import { dnsSuffixOf, stsEndpoint } from '../../aws/partitions.ts';
import type { Credentials } from '../../wire/api.ts';
import { type SigningInput, signRequest } from '../curl/curl-sign.ts';
import { readTarget } from '../curl/curl-target.ts';
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { agentOf, openRequest, readText } from '../machine/http.ts';
import { networkError } from '../machine/network-error.ts';

export interface StsCall {
  readonly region: string;
  readonly credentials: SigningInput['credentials'];
  /** Action and its members. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface StsRefusal {
  readonly code: string;
  /** Empty where it could repeat what was signed, with the session token. */
  readonly message: string;
}

type StsCredentials = Omit<Credentials, 'DurationSeconds' | 'DurationLimitedBy'>;

/** Some SDKs give a credential_process a minute, and the broker may have been asked before. */
const answerTimeoutMs = 15_000;

/** One call, never repeated: a code of an MFA device is spent by it. @throws CliError network, clock or usage */
export async function callSts(
  context: CliContext,
  { region, credentials, parameters }: StsCall,
): Promise<StsCredentials | { readonly refusal: StsRefusal }> {
  const body = new URLSearchParams({ Version: '2011-06-15', ...parameters }).toString();
  const target = readTarget(`${endpointOf(context, region)}/`, { service: 'sts', region });
  const headers = await signRequest({
    method: 'POST',
    target,
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    payloadHash: createHash('sha256').update(body).digest('hex'),
    credentials,
    now: context.clock.now(),
  });
  const { status, text } = await send(context, target.origin, { headers, body });
  if (status === 200) return readAnswer(text);
  const refusal = readRefusal(text);
  if (status >= 500 || /^(Throttling|RequestLimitExceeded|TooManyRequests)/.test(refusal.code)) {
    throw new CliError('network', `${target.host} cannot answer now (${refusal.code}, status ${status})`);
  }
  if (/^Signature (expired|not yet current)/.test(refusal.message)) {
    throw new CliError('clock', `${refusal.message}: set this machine's clock`);
  }
  return { refusal };
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

function readAnswer(xml: string): StsCredentials {
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

/** Codes whose message names ARNs, limits and times only. SignatureDoesNotMatch repeats all that was signed. */
const plainCodes =
  /^(AccessDenied|ValidationError|MalformedPolicyDocument|PackedPolicyTooLarge|RegionDisabledException|ExpiredToken|InvalidClientTokenId|InvalidParameterValue)$/;
const maxMessageLetters = 500;

function readRefusal(xml: string): StsRefusal {
  const code = elementText(xml, 'Code') ?? 'an error without a code';
  const message = elementText(xml, 'Message') ?? '';
  const isOfClock = /^Signature (expired|not yet current): \d{8}T\d{6}Z is /.test(message);
  return { code, message: plainCodes.test(code) || isOfClock ? message.slice(0, maxMessageLetters) : '' };
}

/** STS's values hold no markup; what it escapes in messages are the five entities of XML. */
function elementText(xml: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return found?.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => entities[entity]!);
}
