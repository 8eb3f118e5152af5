// The mode `web-identity`: an ID token of our own for one role, for AssumeRoleWithWebIdentity. No AWS credential is involved.
import type { Sts } from '../../../aws/sts.ts';
import { mintWebIdentityToken } from '../../../aws/web-identity-token.ts';
import type { WebIdentitySettings } from '../../../config/web-identity.ts';
import { BrokerError } from '../../../errors.ts';
import { type RandomBytes, randomXmlId } from '../../../random.ts';
import type { PrepareSession } from './mode.ts';

export function createWebIdentity({
  sts,
  settings,
  random,
}: {
  readonly sts: Sts;
  readonly settings: WebIdentitySettings | undefined;
  readonly random: RandomBytes;
}): PrepareSession {
  return async ({ role, content, now }) => {
    if (!settings) throw new BrokerError('sts_refused', 'aws.webIdentity.signing is not configured');
    const { issuer, audience, keys } = settings;
    const { roleArn, region } = role;
    const { roleSessionName, sourceIdentity, tags, transitiveTagKeys, policy, policyArns } = content;
    const tokenId = randomXmlId(random);
    const claims = { issuer, audience, roleArn, tokenId, issuedAt: now, sourceIdentity, tags, transitiveTagKeys };
    const token = await mintWebIdentityToken(claims, keys[0]);
    return {
      facts: { assertionId: tokenId },
      takesConsoleDuration: true,
      redeem: (durationSeconds) =>
        sts.assumeRoleWithWebIdentity({ region, roleArn, roleSessionName, token, durationSeconds, policy, policyArns }),
    };
  };
}
