// STS over the AWS SDK: which calls the broker makes, and to which region.
import type { Agent } from 'node:https';
import type { Credentials, STSClient } from '@aws-sdk/client-sts';
import { BrokerError, type ErrorCode } from '../errors.ts';
import type { Failover } from './failover.ts';
import { toStsError } from './sts-causes.ts';

export interface StsOptions {
  readonly endpointOf: (region: string) => string;
  /** Asked in this order if the region of a call does not answer. */
  readonly fallbackRegions: readonly string[];
  readonly failover: Failover;
  readonly userAgent: string;
  /** For hosts that must be reached in a particular way: a proxy, a private CA. */
  readonly agent?: Agent | undefined;
}

/** Keys that sign a call. */
export interface SigningKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** The SDK asks the signer again some minutes earlier; never if undefined. */
  readonly expiration?: Date | undefined;
}

export type Signer = () => Promise<SigningKeys>;

interface SessionRequest {
  readonly region: string;
  /** 900 to 43,200 and not above the role's own maximum; to 129,600 for a federated user. */
  readonly durationSeconds: number;
  /** An inline policy document: the session may do what its role and this allow. */
  readonly policy: string | undefined;
  readonly policyArns?: readonly string[];
}

export interface AssumeRoleWithSaml extends SessionRequest {
  readonly roleArn: string;
  readonly principalArn: string;
  /** The whole samlp:Response in base64. */
  readonly samlAssertion: string;
}

interface AssumeRoleWithWebIdentity extends SessionRequest {
  readonly roleArn: string;
  readonly roleSessionName: string;
  /** An ID token. */
  readonly token: string;
}

interface SignedRequest extends SessionRequest {
  readonly signer: Signer;
  readonly tags?: readonly { readonly key: string; readonly value: string }[];
}

export interface AssumeRole extends SignedRequest {
  readonly roleArn: string;
  readonly roleSessionName: string;
  readonly sourceIdentity: string | undefined;
  readonly externalId: string | undefined;
  readonly transitiveTagKeys?: readonly string[];
}

export interface GetFederationToken extends SignedRequest {
  /** 2 to 32 characters. */
  readonly name: string;
}

export interface TemporaryCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

export interface AssumedRole {
  readonly credentials: TemporaryCredentials;
  /** ARN of the assumed role or of the federated user. */
  readonly assumedRoleArn: string;
}

/** Every call throws BrokerError with one of the sts_ codes. */
export type Sts = ReturnType<typeof createSts>;

export function createSts(options: StsOptions) {
  const call = createCall(options);
  return {
    assumeRoleWithSaml: (request: AssumeRoleWithSaml): Promise<AssumedRole> =>
      call(request.region, undefined, async (client, sdk) => {
        const { roleArn: RoleArn, principalArn: PrincipalArn, samlAssertion: SAMLAssertion } = request;
        const members = { RoleArn, PrincipalArn, SAMLAssertion, ...sessionMembers(request) };
        const answer = await client.send(new sdk.AssumeRoleWithSAMLCommand(members));
        return toAssumedRole(answer.Credentials, answer.AssumedRoleUser);
      }),
    assumeRoleWithWebIdentity: (request: AssumeRoleWithWebIdentity): Promise<AssumedRole> =>
      call(request.region, undefined, async (client, sdk) => {
        const { roleArn: RoleArn, roleSessionName: RoleSessionName, token: WebIdentityToken } = request;
        const members = { RoleArn, RoleSessionName, WebIdentityToken, ...sessionMembers(request) };
        const answer = await client.send(new sdk.AssumeRoleWithWebIdentityCommand(members));
        return toAssumedRole(answer.Credentials, answer.AssumedRoleUser);
      }),
    assumeRole: (request: AssumeRole): Promise<AssumedRole> =>
      call(request.region, request.signer, async (client, sdk) => {
        const { roleArn, roleSessionName, sourceIdentity, externalId, transitiveTagKeys = [] } = request;
        const command = new sdk.AssumeRoleCommand({
          RoleArn: roleArn,
          RoleSessionName: roleSessionName,
          ...sessionMembers(request),
          ...tagMember(request),
          ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity }),
          ...(externalId === undefined ? {} : { ExternalId: externalId }),
          ...(transitiveTagKeys.length === 0 ? {} : { TransitiveTagKeys: [...transitiveTagKeys] }),
        });
        const answer = await client.send(command);
        return toAssumedRole(answer.Credentials, answer.AssumedRoleUser);
      }),
    getFederationToken: (request: GetFederationToken): Promise<AssumedRole> =>
      call(request.region, request.signer, async (client, sdk) => {
        const members = { Name: request.name, ...sessionMembers(request), ...tagMember(request) };
        const answer = await client.send(new sdk.GetFederationTokenCommand(members));
        return toAssumedRole(answer.Credentials, answer.FederatedUser);
      }),
    /** The account that the signer's keys belong to. */
    callerAccount: (region: string, signer: Signer): Promise<string> =>
      call(region, signer, async (client, sdk) => {
        return (await client.send(new sdk.GetCallerIdentityCommand())).Account ?? '';
      }),
  };
}

/** Calls in the region that is asked for, then in the others. The first call loads the SDK. */
function createCall(options: StsOptions) {
  const load = async () => {
    const sdk = await import('@aws-sdk/client-sts');
    const { createStsClients } = await import('./sts-client.ts');
    return { sdk, clientFor: createStsClients(options) };
  };
  let loaded: ReturnType<typeof load> | undefined;
  return <T>(
    region: string,
    signer: Signer | undefined,
    send: (client: STSClient, sdk: typeof import('@aws-sdk/client-sts')) => Promise<T>,
  ): Promise<T> =>
    options.failover.run([...new Set([region, ...options.fallbackRegions])], async (each) => {
      loaded ??= load();
      const { sdk, clientFor } = await loaded;
      try {
        return await send(clientFor(each, signer), sdk);
      } catch (error) {
        throw error instanceof BrokerError ? error : toStsError(error);
      }
    });
}

/** Codes with which another region may do better: each has its own quota, and may be switched off in an account. */
const outages: readonly ErrorCode[] = ['sts_unavailable', 'sts_throttled', 'sts_region_disabled'];

export function isStsOutage(error: unknown): boolean {
  return error instanceof BrokerError && outages.includes(error.code);
}

// STS API: a member without a value is left out.
function sessionMembers({ durationSeconds, policy, policyArns = [] }: SessionRequest) {
  return {
    DurationSeconds: durationSeconds,
    ...(policy === undefined ? {} : { Policy: policy }),
    ...(policyArns.length === 0 ? {} : { PolicyArns: policyArns.map((arn) => ({ arn })) }),
  };
}

function tagMember({ tags = [] }: SignedRequest) {
  return tags.length === 0 ? {} : { Tags: tags.map(({ key, value }) => ({ Key: key, Value: value })) };
}

/** @throws BrokerError sts_refused if a part of the answer is missing */
function toAssumedRole(credentials: Credentials | undefined, user: { Arn?: string | undefined } | undefined) {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) {
    throw new BrokerError('sts_refused', 'STS answered without complete credentials');
  }
  return {
    credentials: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration: Expiration,
    },
    assumedRoleArn: user?.Arn ?? '',
  };
}
