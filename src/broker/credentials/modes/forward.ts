// The mode `forward`: the identity provider's own response, byte for byte, for AssumeRoleWithSAML. The broker adds
// nothing: the identity provider wrote names, tags and the pair of role and provider.
import type { Sts } from '../../../aws/sts.ts';
import { BrokerError } from '../../../errors.ts';
import { type IdpResponses, reauthenticationRequired } from '../idp-response.ts';
import type { PrepareSession } from './mode.ts';

export function createForward({
  sts,
  responses,
}: {
  readonly sts: Sts;
  readonly responses: IdpResponses;
}): PrepareSession {
  return async ({ session, role, content, purpose, now }) => {
    const { roleArn, principalArn, region } = role;
    const { policy, policyArns } = content;
    const samlAssertion = await responses.read(session, roleArn, purpose, now);
    const request = { region, roleArn, principalArn, samlAssertion, policy, policyArns };
    return {
      facts: { assertionId: session.assertionId },
      takesConsoleDuration: true,
      redeem: async (durationSeconds) => {
        try {
          return await sts.assumeRoleWithSaml({ ...request, durationSeconds });
        } catch (error) {
          // The identity provider may give its assertions less time than AWS does.
          const isTooOld = error instanceof BrokerError && error.code === 'sts_assertion_expired';
          throw isTooOld ? reauthenticationRequired(roleArn, purpose, error) : error;
        }
      },
    };
  };
}
