// The mode `mint`: an assertion of our own for one role, for AssumeRoleWithSAML. No AWS credential is involved.
import { createHash } from 'node:crypto';
import type { EligibleRole } from '../../../access/model.ts';
import { principalKey } from '../../../access/principal.ts';
import { type MintingKey, mintResponse } from '../../../aws/mint-assertion.ts';
import { type Partition, samlRecipient } from '../../../aws/partitions.ts';
import type { Sts } from '../../../aws/sts.ts';
import { type RandomBytes, randomXmlId } from '../../../random.ts';
import type { PrepareSession, SessionRequest } from './mode.ts';

export interface MintingDeps {
  readonly partition: Partition;
  readonly issuer: string;
  readonly mintingKey: MintingKey;
  readonly random: RandomBytes;
}

export interface MintDeps extends MintingDeps {
  readonly sts: Sts;
}

export function createMint(deps: MintDeps): PrepareSession {
  return (request) => {
    const { role, content } = request;
    const assertionId = randomXmlId(deps.random);
    const samlAssertion = mintForRole(deps, request, { assertionId, recipient: samlRecipient(deps.partition) });
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

export interface MintWish {
  readonly assertionId: string;
  readonly recipient: string;
  /** For a browser, which opens a console with it. */
  readonly consoleSeconds?: number;
  readonly otherRoles?: readonly EligibleRole[];
}

/** @returns the SAMLResponse in base64: a credential for five minutes */
export function mintForRole(
  deps: MintingDeps,
  { session, role, content, now }: SessionRequest,
  wish: MintWish,
): string {
  const xml = mintResponse(
    {
      ...wish,
      issuer: deps.issuer,
      partition: deps.partition,
      responseId: randomXmlId(deps.random),
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
