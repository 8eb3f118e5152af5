// The mode `assume-role`: the broker's own AWS identity assumes the role, if the configuration says so by way of a hub.
import type { Signer } from '../../../aws/sts-client.ts';
import type { SignedSts } from '../../../aws/sts-signed.ts';
import type { AssumeRoleSettings } from '../../../config/federation.ts';
import type { PrepareSession } from './mode.ts';

export interface AssumeRoleDeps {
  readonly sts: SignedSts;
  readonly settings: AssumeRoleSettings;
  /** Where the hub is asked for. */
  readonly region: string;
  readonly ownIdentity: Signer;
}

const hubSessionName = 'rolegate';
/** IAM User Guide, role chaining: one hour at most. */
const hubSeconds = 3600;

export function createAssumeRole(deps: AssumeRoleDeps): PrepareSession {
  const { sts, settings } = deps;
  const signer = settings.hub ? hubIdentity(deps, settings.hub) : deps.ownIdentity;
  const isChained = !settings.callerIsUser || settings.hub !== undefined;
  return ({ role, content }) => ({
    facts: {},
    // For a chained session the sign-in answers SessionDuration with 400.
    takesConsoleDuration: !isChained,
    redeem: (durationSeconds) =>
      sts.assumeRole({
        ...content,
        region: role.region,
        signer,
        roleArn: role.roleArn,
        externalId: settings.externalIds[role.account.id] ?? settings.externalId,
        durationSeconds,
      }),
  });
}

// One session of the hub serves everybody: it carries no SourceIdentity and no tags, so that each person's own can be set
// on the way out of it. The STS client keeps it until it is about to end.
function hubIdentity(
  { sts, region, ownIdentity }: AssumeRoleDeps,
  hub: NonNullable<AssumeRoleSettings['hub']>,
): Signer {
  return async () => {
    const { credentials } = await sts.assumeRole({
      region,
      signer: ownIdentity,
      roleArn: hub.roleArn,
      roleSessionName: hubSessionName,
      externalId: hub.externalId,
      sourceIdentity: undefined,
      policy: undefined,
      durationSeconds: hubSeconds,
    });
    return credentials;
  };
}
