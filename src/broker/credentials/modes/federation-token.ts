// The mode `federation-token`: keys of an IAM user and a session policy, without a role. The person becomes a federated
// user of the account, with what that IAM user and the policy both allow.

import type { Signer, Sts } from '../../../aws/sts.ts';
import type { FederationTokenSettings } from '../../../config/federation.ts';
import { BrokerError } from '../../../errors.ts';
import type { PrepareSession } from './mode.ts';

export function createFederationToken({
  sts,
  settings,
}: {
  readonly sts: Sts;
  readonly settings: FederationTokenSettings;
}): PrepareSession {
  const signers = new Map(
    Object.entries(settings.keys).map(([accountId, keys]): [string, Signer] => [accountId, async () => keys]),
  );
  return ({ role, content }) => {
    const signer = signers.get(role.account.id);
    if (!signer) throw new BrokerError('sts_refused', `aws.federationToken.keys has none for ${role.account.alias}`);
    const { policy, policyArns } = content.policy === undefined && content.policyArns.length === 0 ? settings : content;
    // STS API: without a policy the credentials allow nothing, and an operator would widen the IAM user's policy instead.
    if (policy === undefined && policyArns.length === 0) {
      throw new BrokerError('sts_session_policy', 'the mode federation-token needs a session policy');
    }
    return {
      facts: {},
      // IAM User Guide, custom identity broker: not with GetFederationToken.
      takesConsoleDuration: false,
      redeem: (durationSeconds) =>
        sts.getFederationToken({
          region: role.region,
          signer,
          name: content.roleSessionName,
          tags: content.tags,
          policy,
          policyArns,
          durationSeconds,
        }),
    };
  };
}
