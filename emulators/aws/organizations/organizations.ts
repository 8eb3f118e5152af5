// AWS Organizations: ListAccounts in pages, for the management account and those that it delegates to.
import { AwsError } from '../errors.ts';
import type { JsonCall, JsonService } from '../json-service.ts';
import type { World } from '../world.ts';

export interface EmulatedOrganization {
  readonly managementAccountId: string;
  /** Accounts that may list as well: delegated administrators. */
  readonly delegatedTo?: readonly string[];
  readonly members: readonly EmulatedMember[];
}

interface EmulatedMember {
  readonly id: string;
  readonly name: string;
  /** Default ACTIVE. */
  readonly state?: 'PENDING_ACTIVATION' | 'ACTIVE' | 'SUSPENDED' | 'PENDING_CLOSURE' | 'CLOSED';
}

export const organizations: JsonService = {
  target: 'AWSOrganizationsV20161128.',
  name: 'organizations',
  source: 'organizations.amazonaws.com',
  operations: { ListAccounts },
};

const MAX_PAGE = 20;

function ListAccounts(world: World, { members, caller, permit }: JsonCall): object {
  permit('*');
  const { partition, organization } = world.estate();
  const { accountId } = caller.principal;
  if (organization === undefined) {
    const text = 'Your account is not a member of an organization.';
    throw new AwsError(400, 'AWSOrganizationsNotInUseException', text);
  }
  const { managementAccountId: management, delegatedTo = [] } = organization;
  if (accountId !== management && !delegatedTo.includes(accountId)) {
    throw new AwsError(400, 'AccessDeniedException', "You don't have permissions to access this resource.");
  }
  const { MaxResults: size = MAX_PAGE, NextToken: token } = members;
  if (typeof size !== 'number' || size < 1 || size > MAX_PAGE) throw invalid('INVALID_PAGINATION_TOKEN');
  const start = token === undefined ? 0 : Number(Buffer.from(String(token), 'base64url'));
  if (!Number.isInteger(start)) throw invalid('INVALID_PAGINATION_TOKEN');
  const page = organization.members.slice(start, start + size);
  const next = start + size;
  const hasMore = next < organization.members.length;
  return {
    // Without Status: AWS retired it in September 2026.
    Accounts: page.map(({ id, name, state = 'ACTIVE' }) => ({
      ...{ Id: id, Name: name, State: state, JoinedMethod: 'CREATED', JoinedTimestamp: 1_700_000_000 },
      ...{ Arn: `arn:${partition}:organizations::${management}:account/o-exampleorgid/${id}` },
      Email: `aws-${id}@example.com`,
    })),
    ...(hasMore && { NextToken: Buffer.from(String(next)).toString('base64url') }),
  };
}

function invalid(reason: string): AwsError {
  return new AwsError(400, 'InvalidInputException', reason);
}
