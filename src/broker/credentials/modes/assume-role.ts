// The mode `assume-role`: the broker's own AWS identity assumes the role, if the configuration says so by way of a hub.
import type { Signer, Sts } from '../../../aws/sts.ts';
import type { AssumeRoleSettings } from '../../../config/federation.ts';
import type { PrepareSession } from './mode.ts';

interface Dependencies {
  readonly sts: Sts;
  readonly settings: AssumeRoleSettings;
  /** Of the STS endpoint for the hub. */
  readonly region: string;
  readonly ownIdentity: Signer;
}

const hubSessionName = 'rolegate';
/** IAM User Guide, role chaining: one hour at most. */
const hubSeconds = 3600;

export function createAssumeRole(dependencies: Dependencies): PrepareSession {
  const { sts, settings, ownIdentity } = dependencies;
  const signer = settings.hub ? hubIdentity(dependencies, settings.hub) : ownIdentity;
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

// One session of the hub serves every user: it carries no SourceIdentity and no tags, so that the next call can set those
// of each person. The STS client reuses it until shortly before it expires.
function hubIdentity({ sts, region, ownIdentity }: Dependencies, hub: NonNullable<AssumeRoleSettings['hub']>): Signer {
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
