// Whose keys these are, as STS says.
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { callSts, createStsClients, type SdkStsOptions, type Signer } from './sts-client.ts';

export interface CallerIdentity {
  readonly accountId: string;
  readonly arn: string;
}

/** @throws BrokerError with one of the sts_ codes */
export async function callerIdentity(options: SdkStsOptions, region: string, signer: Signer): Promise<CallerIdentity> {
  const clientFor = createStsClients(options);
  const answer = await callSts(options, region, (each, bounds) =>
    clientFor(each, signer).send(new GetCallerIdentityCommand(), bounds),
  );
  return { accountId: answer.Account ?? '', arn: answer.Arn ?? '' };
}
