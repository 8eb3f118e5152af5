// Which certificates the SAML provider of an account trusts: what a rotation of the minting key has to know. It only reads.
import { certificateFacts } from '../saml/metadata/certificate.ts';
import { readIdpMetadata } from '../saml/metadata/idp-metadata.ts';
import type { IamAccess } from './doctor-aws.ts';
import type { AccountPlan } from './provisioning.ts';

export interface ProviderTrust {
  /** Alias. */
  readonly account: string;
  /** SHA-256 fingerprints, or why they could not be read. */
  readonly trusts: readonly string[] | { readonly problem: string };
}

/** Accounts that nothing is minted for are left out. @param open the way into an account */
export async function readProviderTrust(
  plans: readonly AccountPlan[],
  open: (plan: AccountPlan) => Promise<IamAccess>,
): Promise<ProviderTrust[]> {
  const found: ProviderTrust[] = [];
  // One after the other: IAM takes few requests a second.
  for (const plan of plans) {
    const { account, samlProvider } = plan;
    if (!samlProvider) continue;
    const trusts = await trustedBy(samlProvider.arn, plan, open).catch((error: Error) => ({ problem: error.message }));
    found.push({ account: account.alias, trusts });
  }
  return found;
}

async function trustedBy(
  arn: string,
  plan: AccountPlan,
  open: (plan: AccountPlan) => Promise<IamAccess>,
): Promise<ProviderTrust['trusts']> {
  const { accountId, iam } = await open(plan);
  if (accountId !== plan.account.id) {
    return {
      problem: `the AWS identity in use belongs to account ${accountId}: give --assume a role of every account`,
    };
  }
  const provider = await iam.samlProvider(arn);
  if (!provider) return { problem: `${arn} does not exist` };
  return readIdpMetadata(provider.metadata).signingCertificates.map((pem) => certificateFacts(pem).fingerprint);
}
