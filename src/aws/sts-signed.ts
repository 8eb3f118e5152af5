// The STS port for calls that somebody signs, and its adapter over the AWS SDK.
import { AssumeRoleCommand, GetFederationTokenCommand } from '@aws-sdk/client-sts';
import { type AssumedRole, completeCredentials, policyMembers, type SessionPolicies } from './sts.ts';
import { callSts, createStsClients, type SdkStsOptions, type Signer } from './sts-client.ts';

interface SignedCall extends SessionPolicies {
  readonly region: string;
  readonly signer: Signer;
  /** 900 to 43,200; to 129,600 for a federated user. */
  readonly durationSeconds: number;
  readonly tags?: readonly { readonly key: string; readonly value: string }[];
}

export interface AssumeRole extends SignedCall {
  readonly roleArn: string;
  readonly roleSessionName: string;
  readonly sourceIdentity: string | undefined;
  readonly externalId: string | undefined;
  readonly transitiveTagKeys?: readonly string[];
}

export interface GetFederationToken extends SignedCall {
  /** 2 to 32 characters. */
  readonly name: string;
}

export interface SignedSts {
  /** @throws BrokerError with one of the sts_ codes */
  assumeRole(request: AssumeRole): Promise<AssumedRole>;
  /** @throws BrokerError with one of the sts_ codes */
  getFederationToken(request: GetFederationToken): Promise<AssumedRole>;
}

export function createSdkSignedSts(options: SdkStsOptions): SignedSts {
  const clientFor = createStsClients(options);
  return {
    assumeRole: (request) =>
      callSts(options, request.region, async (region, bounds) => {
        const { roleArn, roleSessionName, sourceIdentity, externalId, transitiveTagKeys = [] } = request;
        const command = new AssumeRoleCommand({
          RoleArn: roleArn,
          RoleSessionName: roleSessionName,
          ...commonMembers(request),
          ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity }),
          ...(externalId === undefined ? {} : { ExternalId: externalId }),
          ...(transitiveTagKeys.length === 0 ? {} : { TransitiveTagKeys: [...transitiveTagKeys] }),
        });
        const { Credentials, AssumedRoleUser } = await clientFor(region, request.signer).send(command, bounds);
        return { credentials: completeCredentials(Credentials), assumedRoleArn: AssumedRoleUser?.Arn ?? '' };
      }),
    getFederationToken: (request) =>
      callSts(options, request.region, async (region, bounds) => {
        const command = new GetFederationTokenCommand({ Name: request.name, ...commonMembers(request) });
        const { Credentials, FederatedUser } = await clientFor(region, request.signer).send(command, bounds);
        return { credentials: completeCredentials(Credentials), assumedRoleArn: FederatedUser?.Arn ?? '' };
      }),
  };
}

function commonMembers({ durationSeconds, tags = [], ...policies }: SignedCall) {
  return {
    DurationSeconds: durationSeconds,
    ...policyMembers(policies),
    ...(tags.length === 0 ? {} : { Tags: tags.map(({ key, value }) => ({ Key: key, Value: value })) }),
  };
}
