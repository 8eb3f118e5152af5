// Lists the accounts of an AWS organization. The first call loads the SDK's client: few deployments need it.
import { clientOptions } from '../client-options.ts';
import type { Signer } from '../sts.ts';
import { refusalOf } from './refusals.ts';
import { within } from './within.ts';

export interface OrganizationMember {
  readonly id: string;
  readonly name: string;
}

export interface OrganizationsPlace {
  /** Of the broker: Organizations has one endpoint for a partition. */
  readonly region: string;
  /** Undefined: AWS's own. */
  readonly endpoint: string | undefined;
  readonly fips: boolean;
  readonly ownIdentity: Signer;
}

/** Of the whole list: a page has 20 accounts, and AWS allows few pages a second. */
const deadlineMs = 60_000;
const maxAttempts = 6;
const maxAccounts = 20_000;

const reasons = {
  AccessDeniedException:
    "the broker's AWS identity may not list: allow it organizations:ListAccounts, in the management account or one that it delegates to",
  AWSOrganizationsNotInUseException: 'the account of the broker is not in an organization',
};

/** The accounts whose state is ACTIVE, in the order of their ids. @throws Error with the reason, if the list is incomplete */
export async function listActiveAccounts(place: OrganizationsPlace): Promise<OrganizationMember[]> {
  const { ownIdentity, ...where } = place;
  const options = { ...clientOptions(where, ownIdentity), maxAttempts };
  const active: OrganizationMember[] = [];
  try {
    await within(deadlineMs, async (abortSignal) => {
      const { OrganizationsClient, ListAccountsCommand } = await import('@aws-sdk/client-organizations');
      const client = new OrganizationsClient(options);
      let NextToken: string | undefined;
      do {
        const page = await client.send(new ListAccountsCommand({ NextToken }), { abortSignal });
        for (const { Id: id, Name: name, State } of page.Accounts ?? []) {
          if (State === 'ACTIVE' && id !== undefined && name !== undefined) active.push({ id, name });
        }
        NextToken = page.NextToken;
      } while (NextToken !== undefined && active.length <= maxAccounts);
    });
  } catch (error) {
    throw refusalOf(error, reasons, where.region);
  } finally {
    options.requestHandler.destroy();
  }
  if (active.length > maxAccounts) throw new Error(`the organization has more than ${maxAccounts} accounts`);
  // Its management account is always active: an empty list is a mistake, and would take every role away.
  if (active.length === 0) throw new Error('the list has no active account');
  return active.sort((a, b) => (a.id < b.id ? -1 : 1));
}
