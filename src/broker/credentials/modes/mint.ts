// The mode `mint`: an assertion of our own for one role, for AssumeRoleWithSAML. No AWS credential is involved.
import { createHash } from 'node:crypto';
import type { EligibleRole } from '../../../access/model.ts';
import { principalKey } from '../../../access/principal.ts';
import { type MintingKey, mintResponse } from '../../../aws/mint-assertion.ts';
import { type Partition, samlRecipient } from '../../../aws/partitions.ts';
import type { Sts } from '../../../aws/sts.ts';
import { type RandomBytes, randomXmlId } from '../../../random.ts';
import type { PrepareSession, SessionRequest } from './mode.ts';

export interface Minting {
  readonly partition: Partition;
  readonly issuer: string;
  readonly mintingKey: MintingKey;
  readonly random: RandomBytes;
}

export function createMint({ sts, minting }: { readonly sts: Sts; readonly minting: Minting }): PrepareSession {
  return (request) => {
    const { role, content } = request;
    const assertionId = randomXmlId(minting.random);
    const { region, roleArn, principalArn } = role;
    const { policy, policyArns } = content;
    const call = { region, roleArn, principalArn, policy, policyArns };
    const options = { assertionId, recipient: samlRecipient(minting.partition) };
    let minted: Promise<string> | undefined;
    return {
      facts: { assertionId },
      takesConsoleDuration: true,
      redeem: async (durationSeconds) => {
        minted ??= mintForRole(minting, request, options);
        return sts.assumeRoleWithSaml({ ...call, samlAssertion: await minted, durationSeconds });
      },
    };
  };
}

export interface MintOptions {
  readonly assertionId: string;
  readonly recipient: string;
  /** For a browser, which opens a console with it. */
  readonly consoleSeconds?: number;
  readonly otherRoles?: readonly EligibleRole[];
}

/** @returns the SAMLResponse in base64: a credential for five minutes */
export async function mintForRole(
  { partition, issuer, mintingKey, random }: Minting,
  { session, role, content, now }: SessionRequest,
  options: MintOptions,
): Promise<string> {
  const xml = await mintResponse(
    {
      ...options,
      issuer,
      partition,
      responseId: randomXmlId(random),
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
    mintingKey,
  );
  return Buffer.from(xml, 'utf8').toString('base64');
}
