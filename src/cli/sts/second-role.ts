// Role chaining: assumes a second role with the credentials of the role that the broker gave. The session keeps its name,
// and AWS keeps its source identity and transitive tags, so CloudTrail of the second account names the same person.
import { partitionOf, partitions } from '../../aws/partitions.ts';
import type { Credentials } from '../../wire/api.ts';
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { readKnownRoles } from '../machine/known-roles.ts';
import { callSts, type StsRefusal } from './sts-call.ts';

export interface ChainRequest {
  readonly broker: string;
  readonly roleArn: string;
  readonly secondRole: { readonly roleArn: string; readonly externalId?: string | undefined };
  readonly durationSeconds?: number | undefined;
  readonly policy?: string | undefined;
}

/** STS's own default too, and below the maximum session duration of every role. */
const defaultSeconds = 3600;

/** Before the first role is asked for. @throws CliError usage */
export function requireChain({ roleArn, secondRole }: ChainRequest): void {
  if (!roleArn.includes(':iam::')) {
    // STS: credentials of GetFederationToken cannot call AssumeRole.
    throw new CliError(
      'usage',
      `${roleArn} is a federated user, which cannot assume a role: --then needs a role first`,
    );
  }
  const [first, second] = [roleArn, secondRole.roleArn].map(partitionOfArn);
  if (first !== second) {
    throw new CliError(
      'usage',
      `${secondRole.roleArn} is in partition ${second} and ${roleArn} in ${first}: AWS has no way across`,
    );
  }
}

/** @param first credentials of the first role. @throws CliError denied, usage, network, clock, failed */
export async function assumeSecondRole(
  context: CliContext,
  request: ChainRequest,
  first: Credentials,
): Promise<Credentials> {
  const { secondRole, policy, durationSeconds = defaultSeconds } = request;
  const answer = await callSts(context, {
    region: regionFor(context, request),
    credentials: first,
    parameters: {
      Action: 'AssumeRole',
      RoleArn: secondRole.roleArn,
      RoleSessionName: sessionNameOf(first),
      DurationSeconds: String(durationSeconds),
      ...(secondRole.externalId === undefined ? {} : { ExternalId: secondRole.externalId }),
      ...(policy === undefined ? {} : { Policy: policy }),
    },
  });
  if ('refusal' in answer) throw refused(answer.refusal, request);
  return {
    ...answer,
    RoleArn: secondRole.roleArn,
    DurationSeconds: durationSeconds,
    DurationLimitedBy: request.durationSeconds === undefined ? 'chaining' : 'request',
  };
}

const partitionOfArn = (arn: string) => arn.split(':')[1] ?? '';

/** STS of the region that the broker names for the first account; of another partition's region nothing counts. */
function regionFor(context: CliContext, { broker, roleArn }: ChainRequest): string {
  const partition = partitionOfArn(roleArn);
  const { env } = context;
  const known = readKnownRoles(context, broker).find((each) => each.roleArn === roleArn)?.region;
  const candidates = [known, env['AWS_REGION'], env['AWS_DEFAULT_REGION'], partitions[partition]?.firstRegion];
  const region = candidates.find((each) => each !== undefined && partitionOf(each) === partition);
  if (region !== undefined) return region;
  throw new CliError('usage', `no region of partition ${partition} is known: set AWS_REGION`);
}

/** The broker puts the person into it. STS API, RoleSessionName: 2 to 64 of these characters. */
function sessionNameOf({ AssumedRoleArn, RoleArn }: Credentials): string {
  const name = /:assumed-role\/[^/]+\/([\w+=,.@-]{2,64})$/.exec(AssumedRoleArn)?.[1];
  if (name !== undefined) return name;
  throw new CliError('failed', `the broker did not name the session of ${RoleArn}: update the broker, or this command`);
}

function refused({ code, message }: StsRefusal, { roleArn, secondRole }: ChainRequest): CliError {
  const said = `AWS says ${code}${message && `: ${message}`}`;
  if (/^(MalformedPolicyDocument|PackedPolicyTooLarge)$/.test(code)) return new CliError('usage', `${said} (--policy)`);
  if (code === 'ExpiredToken') {
    return new CliError(
      'clock',
      `${said}: the credentials of ${roleArn} should still work; check this machine's clock`,
    );
  }
  if (code === 'RegionDisabledException') {
    return new CliError('failed', `${said}; activate STS for this region in the account of ${roleArn}`);
  }
  if (code !== 'AccessDenied') return new CliError('failed', said);
  const [, tagOrIdentity] = /sts:(SetSourceIdentity|TagSession)/.exec(message) ?? [];
  const { roleArn: second, externalId } = secondRole;
  const check =
    tagOrIdentity === undefined
      ? `check that ${second} exists, that its trust policy allows ${roleArn} sts:AssumeRole` +
        `${externalId === undefined ? ' (without an external id: --external-id)' : ' with this external id'}` +
        `, and that the policies of ${roleArn} allow it too`
      : `the session has ${tagOrIdentity === 'TagSession' ? 'session tags' : 'a source identity'}: allow ` +
        `sts:${tagOrIdentity} in the trust policy of ${second}, and to ${roleArn}`;
  return new CliError('denied', `${said}; ${check}`);
}
