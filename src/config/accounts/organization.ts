// Adds the accounts of an organization to those of the file. Without AWS Organizations the accounts in force stay, or the last
// good copy counts.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { listActiveAccounts, type OrganizationMember } from '../../aws/configuration/organizations.ts';
import type { TrustedFile } from '../production/replaceable-files.ts';
import { awsPlace } from '../text/aws-place.ts';
import { isRecord } from '../text/include.ts';
import type { Environment } from '../text/interpolate.ts';
import { accountsFromSchema, type OrganizationSection } from './accounts-from.ts';
import { deriveAccounts } from './derive-accounts.ts';
import { type AccountList, readLastGood } from './last-good.ts';

/** The list that a configuration was made with. */
export interface Organization extends AccountList {
  readonly refreshMs: number;
  /** For the last good copy, absolute. */
  readonly file: string | undefined;
  /** Why it is not the list of now. */
  readonly problem?: string;
}

export interface OrganizationSource {
  readonly directory: string;
  readonly env: Environment;
  readonly now: Date;
  readonly isOffline?: boolean;
  /** That the running process has. */
  readonly inForce?: AccountList | undefined;
}

interface Filled {
  readonly raw: unknown;
  readonly value: unknown;
  readonly trustedFiles: readonly TrustedFile[];
}

export interface WithOrganization extends Filled {
  readonly organization: Organization;
}

/**
 * What the file amounts to with the accounts of the organization: with those of now, and with those of before, which count
 * if the file is not good with the new ones. Empty, with a problem, without a list.
 */
export async function withOrganization(read: Filled, from: OrganizationSource, problems: string[]) {
  const { value } = read;
  const parsed = accountsFromSchema.safeParse(isRecord(value) ? value['accountsFrom'] : undefined);
  // The schema of the whole file says it.
  if (!parsed.success) return [];
  const section = parsed.data.organizations;
  const file = section.lastGood === undefined ? undefined : resolve(from.directory, section.lastGood);
  const before = from.inForce ?? (file === undefined ? undefined : readLastGood(file));
  const add = ({ members, listedAt }: AccountList, problem?: string): WithOrganization => {
    const list = { members, listedAt, refreshMs: section.refreshMs, file };
    return addAccounts(read, section, problem === undefined ? list : { ...list, problem });
  };
  try {
    const known = new Map(before?.members.map(({ id, alias }) => [id, alias]));
    const members = (await ask(value, from)).map((member) => ({ ...member, alias: known.get(member.id) }));
    const listed = add({ members, listedAt: from.now });
    return before ? [listed, add(before, 'the configuration does not fit its accounts')] : [listed];
  } catch (error) {
    const problem = (error as Error).message;
    if (before) return [add(before, problem)];
    problems.push(`accountsFrom.organizations: ${problem}; and the last good copy (lastGood) is missing`);
    return [];
  }
}

async function ask(draft: unknown, { env, isOffline = false }: OrganizationSource): Promise<OrganizationMember[]> {
  if (isOffline) throw new Error('offline, AWS Organizations is not asked');
  const place = awsPlace(draft, env);
  if (place === undefined) throw new Error('the section aws is not good');
  if ('problem' in place) throw new Error(place.problem);
  const { region, fips, endpoints, ownIdentity } = place;
  return listActiveAccounts({ region, fips, endpoint: endpoints.organizations, ownIdentity });
}

function addAccounts(read: Filled, section: OrganizationSection, organization: Organization): WithOrganization {
  const { raw, value, trustedFiles } = read;
  const { file } = organization;
  const { accounts = [] } = isRecord(value) ? value : {};
  // The schema refuses anything but a list.
  const derived = Array.isArray(accounts) ? deriveAccounts(organization.members, section, accounts) : [];
  const added = (tree: unknown) => {
    const { accounts: own = [] } = isRecord(tree) ? tree : {};
    return isRecord(tree) && Array.isArray(own) ? { ...tree, accounts: [...own, ...derived] } : tree;
  };
  const aliases = new Map(derived.map(({ id, alias }) => [id, alias]));
  const members = organization.members.map(({ id, name }) => ({ id, name, alias: aliases.get(id) }));
  const copy: TrustedFile[] =
    file === undefined || !existsSync(file)
      ? []
      : [{ path: 'accountsFrom.organizations.lastGood', file, kind: 'public' }];
  return {
    ...{ raw: added(raw), value: added(value), trustedFiles: [...trustedFiles, ...copy] },
    organization: { ...organization, members },
  };
}
