// The mode `mint`: an assertion of our own for one role, for AssumeRoleWithSAML. No AWS credential is involved.
import { createHash } from 'node:crypto';
import { principalKey } from '../../access/principal.ts';
import { type MintingKey, mintResponse } from '../../aws/mint-assertion.ts';
import { type Partition, samlRecipient } from '../../aws/partitions.ts';
import type { Sts } from '../../aws/sts.ts';
import { type RandomBytes, randomXmlId } from '../../random.ts';
import type { PrepareSession, SessionRequest } from './mode.ts';

export interface MintDeps {
  readonly sts: Sts;
  readonly partition: Partition;
  readonly issuer: string;
  readonly mintingKey: MintingKey;
  readonly random: RandomBytes;
}

export function createMint(deps: MintDeps): PrepareSession {
  return (request) => {
    const { role, content } = request;
    const assertionId = randomXmlId(deps.random);
    const samlAssertion = mint(deps, request, assertionId);
    const { region, roleArn, principalArn } = role;
    const { policy, policyArns } = content;
    return {
      facts: { assertionId },
      takesConsoleDuration: true,
      redeem: (durationSeconds) =>
        deps.sts.assumeRoleWithSaml({
          region,
          roleArn,
          principalArn,
          samlAssertion,
          durationSeconds,
          policy,
          policyArns,
        }),
    };
  };
}

function mint(deps: MintDeps, { session, role, content, now }: SessionRequest, assertionId: string): string {
  const xml = mintResponse(
    {
      issuer: deps.issuer,
      partition: deps.partition,
      recipient: samlRecipient(deps.partition),
      responseId: randomXmlId(deps.random),
      assertionId,
      issuedAt: now,
      authenticatedAt: new Date(session.identity.authnInstant),
      subject: createHash('sha256').update(principalKey(session.identity)).digest('base64url'),
      roleArn: role.roleArn,
      principalArn: role.principalArn,
      roleSessionName: content.roleSessionName,
      sourceIdentity: content.sourceIdentity,
      tags: content.tags,
      transitiveTagKeys: content.transitiveTagKeys,
    },
    deps.mintingKey,
  );
  return Buffer.from(xml, 'utf8').toString('base64');
}
