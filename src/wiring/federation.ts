// Wires the federation modes: one entry for each, with what it needs of the configuration and of AWS.
import type { Agent } from 'node:https';
import { forwardedClaims } from '../access/forwarded.ts';
import { createFailover } from '../aws/failover.ts';
import { createOwnIdentity } from '../aws/own-identity.ts';
import { stsEndpoint } from '../aws/partitions.ts';
import { createSts, isStsOutage, type Signer, type Sts } from '../aws/sts.ts';
import { createIdpResponses, type IdpResponses, storedResponseShape } from '../broker/credentials/idp-response.ts';
import { createAssumeRole } from '../broker/credentials/modes/assume-role.ts';
import { createBrowserPost } from '../broker/credentials/modes/browser-post.ts';
import { createFederationToken } from '../broker/credentials/modes/federation-token.ts';
import { createForward } from '../broker/credentials/modes/forward.ts';
import { createMint, type Minting } from '../broker/credentials/modes/mint.ts';
import type { Modes } from '../broker/credentials/modes/mode.ts';
import { createWebIdentity } from '../broker/credentials/modes/web-identity.ts';
import { createRoleMaxima, type RoleMaxima } from '../broker/credentials/session-duration.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../log.ts';
import type { RandomBytes } from '../random.ts';
import { base64FromPem } from '../saml/metadata/certificate.ts';
import { createOneTimeStore } from '../store/one-time.ts';
import { createSharedRecords } from '../store/shared-records.ts';
import type { Storage } from './stores.ts';

interface AwsWorld {
  readonly clock: Clock;
  readonly log: Logger;
  /** For every https call to AWS. */
  readonly agent?: Agent | undefined;
}

/** What writes assertions for AWS. */
export function createMinting({ aws }: Config, random: RandomBytes): Minting {
  const { signing, partition, issuer } = aws;
  const mintingKey = { signer: signing.signer, certificate: base64FromPem(signing.certificate) };
  return { partition, issuer, mintingKey, random };
}

/** What a process calls AWS with: connections, and which regions do not answer. */
export interface AwsClients {
  readonly sts: Sts;
  readonly ownIdentity: Signer;
}

export function createAwsClients({ aws }: Config, { clock, log, agent }: AwsWorld): AwsClients {
  const { partition } = aws;
  const sts = createSts({
    endpointOf: (region) => aws.endpoints.sts ?? stsEndpoint(partition, region, aws.fips),
    fallbackRegions: aws.fallbackRegions,
    failover: createFailover({
      clock,
      isOutage: isStsOutage,
      onOpen: (region) =>
        log.warn({ region }, 'STS does not answer in this region: trying other regions first for a while'),
    }),
    userAgent: 'rolegate',
    agent,
  });
  return { sts, ownIdentity: createOwnIdentity(aws.region) };
}

export function createModes(
  config: Config,
  { sts, ownIdentity }: AwsClients,
  random: RandomBytes,
  idpResponses: IdpResponses,
): Modes {
  const { aws } = config;
  return {
    mint: createMint({ sts, minting: createMinting(config, random) }),
    forward: createForward({ sts, responses: idpResponses }),
    'browser-post': createBrowserPost(),
    'assume-role': createAssumeRole({
      sts,
      settings: aws.assumeRole,
      region: aws.region,
      ownIdentity,
    }),
    'federation-token': createFederationToken({ sts, settings: aws.federationToken }),
    'web-identity': createWebIdentity({ sts, settings: aws.webIdentity, random }),
  };
}

/** Written to where some rule forwards, and nowhere else. */
export function createStoredResponses({ policy }: Config, random: RandomBytes, storage: Storage): IdpResponses {
  const store = createOneTimeStore('idp-response', storedResponseShape, storage, true);
  const claimNames = policy.forward ? Object.values(forwardedClaims(policy.forward.attributePrefix)) : [];
  return createIdpResponses({ store, random, claimNames });
}

export function createStoredRoleMaxima(log: Logger, storage: Storage): RoleMaxima {
  return createRoleMaxima(createSharedRecords('role-maximum', storage), log);
}
