// The STS port for calls that nobody signs, and its adapter over the AWS SDK: the assertion is the only proof, and no AWS
// credential is looked for anywhere. Signed calls stand in sts-signed.ts.
import { AssumeRoleWithSAMLCommand, AssumeRoleWithWebIdentityCommand } from '@aws-sdk/client-sts';
import { BrokerError } from '../errors.ts';
import { callSts, createStsClients, type SdkStsOptions, unsigned } from './sts-client.ts';

/** What limits a session beyond its role: the session has what the role and these allow. */
export interface SessionPolicies {
  /** An inline policy document. */
  readonly policy: string | undefined;
  readonly policyArns?: readonly string[];
}

export interface AssumeRoleWithSaml extends SessionPolicies {
  readonly region: string;
  readonly roleArn: string;
  readonly principalArn: string;
  /** The whole samlp:Response in base64. */
  readonly samlAssertion: string;
  /** 900 to 43,200 and not above the role's own maximum. */
  readonly durationSeconds: number;
}

export interface AssumeRoleWithWebIdentity extends SessionPolicies {
  readonly region: string;
  readonly roleArn: string;
  readonly roleSessionName: string;
  /** An ID token. */
  readonly token: string;
  /** 900 to 43,200 and not above the role's own maximum. */
  readonly durationSeconds: number;
}

export interface TemporaryCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

export interface AssumedRole {
  readonly credentials: TemporaryCredentials;
  /** Who the credentials are: an assumed role's ARN, or a federated user's. */
  readonly assumedRoleArn: string;
}

export interface Sts {
  /** @throws BrokerError with one of the sts_ codes */
  assumeRoleWithSaml(request: AssumeRoleWithSaml): Promise<AssumedRole>;
  /** @throws BrokerError with one of the sts_ codes */
  assumeRoleWithWebIdentity(request: AssumeRoleWithWebIdentity): Promise<AssumedRole>;
}

export function createSdkSts(options: SdkStsOptions): Sts {
  const clientFor = createStsClients(options);
  return {
    assumeRoleWithSaml: (request) =>
      callSts(options, request.region, async (region, bounds) => {
        const command = new AssumeRoleWithSAMLCommand({
          RoleArn: request.roleArn,
          PrincipalArn: request.principalArn,
          SAMLAssertion: request.samlAssertion,
          DurationSeconds: request.durationSeconds,
          ...policyMembers(request),
        });
        const { Credentials, AssumedRoleUser } = await clientFor(region, unsigned).send(command, bounds);
        return { credentials: completeCredentials(Credentials), assumedRoleArn: AssumedRoleUser?.Arn ?? '' };
      }),
    assumeRoleWithWebIdentity: (request) =>
      callSts(options, request.region, async (region, bounds) => {
        const command = new AssumeRoleWithWebIdentityCommand({
          RoleArn: request.roleArn,
          RoleSessionName: request.roleSessionName,
          WebIdentityToken: request.token,
          DurationSeconds: request.durationSeconds,
          ...policyMembers(request),
        });
        const { Credentials, AssumedRoleUser } = await clientFor(region, unsigned).send(command, bounds);
        return { credentials: completeCredentials(Credentials), assumedRoleArn: AssumedRoleUser?.Arn ?? '' };
      }),
  };
}

/** As the API's members, and none where there is no policy. */
export function policyMembers({ policy, policyArns = [] }: SessionPolicies) {
  return {
    ...(policy === undefined ? {} : { Policy: policy }),
    ...(policyArns.length === 0 ? {} : { PolicyArns: policyArns.map((arn) => ({ arn })) }),
  };
}

/** @throws BrokerError sts_refused for an answer that lacks a part */
export function completeCredentials(
  credentials:
    | {
        AccessKeyId?: string | undefined;
        SecretAccessKey?: string | undefined;
        SessionToken?: string | undefined;
        Expiration?: Date | undefined;
      }
    | undefined,
): TemporaryCredentials {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) {
    throw new BrokerError('sts_refused', 'STS answered without complete credentials');
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiration: Expiration,
  };
}
