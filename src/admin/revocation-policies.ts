// Puts deny policies into files and, with an operator's own AWS credentials, on roles; removes what no longer denies anything.
import type { Account } from '../access/model.ts';
import type { Audit } from '../audit/events.ts';
import { createRolePolicies, type RolePolicies } from '../aws/iam-role-policies.ts';
import { type RevocationPolicy, revocationPolicy, revocationPolicyName } from '../aws/revocation-policy.ts';
import type { RoleRevocation } from '../broker/revocation/revocation.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { accountAccess } from './iam-access.ts';
import { isFederatedUser, type RevocationFiles, roleNameOf } from './revocation-files.ts';

export interface PolicyOutcome {
  readonly roleArn: string;
  /** Undefined where the role has none. */
  readonly file?: string;
  readonly until?: string;
  readonly deniesEveryone?: true;
  /** `file`: written and not put on the role. */
  readonly state: 'file' | 'put' | 'kept' | 'removed' | 'failed';
  readonly detail?: string;
}

interface RevocationPolicies {
  /** @param apply also on the role */
  deny(revocation: RoleRevocation, apply: boolean): Promise<PolicyOutcome>;
  /** Removes what has expired, from the role and from its file. */
  cleanUp(roleArn: string): Promise<PolicyOutcome | undefined>;
  /** ARNs of all roles of an account. @throws Error of AWS */
  rolesOf(accountId: string): Promise<string[]>;
}

export function createRevocationPolicies(deps: {
  readonly config: Config;
  readonly files: RevocationFiles;
  readonly audit: Audit;
  readonly clock: Clock;
  /** Name of a role to assume in each account. */
  readonly assume: string | undefined;
  /** Who runs the command, for audit records. */
  readonly by: string;
}): RevocationPolicies {
  const { config, files, audit, clock, assume, by } = deps;
  const open = openAccounts(config, clock, assume);
  const record = async (roleArn: string, outcome: Omit<PolicyOutcome, 'roleArn'>): Promise<PolicyOutcome> => {
    const { state: action, until, deniesEveryone, detail } = outcome;
    if (action === 'put' || action === 'removed' || action === 'failed') {
      const facts = { ...(until && { until }), ...(deniesEveryone && { deniesEveryone }), ...(detail && { detail }) };
      await audit.record({ event: 'revocation_policy', by, roleArn, action, ...facts }, undefined);
    }
    return { roleArn, ...outcome };
  };
  return {
    rolesOf: async (accountId) => (await open(accountId)).roles(),
    deny: async ({ roleArn, denied }, apply) => {
      const inFile = revocationPolicy(await files.read(roleArn), denied, clock.now())!;
      await files.write(roleArn, inFile.document);
      const file = { file: files.pathOf(roleArn) };
      if (!apply) return record(roleArn, { ...file, ...facts(inFile), state: 'file' });
      try {
        const policies = await open(accountOf(roleArn), roleArn);
        const put = await putOn(policies, roleArn, denied, clock.now());
        return record(roleArn, { ...file, ...facts(put), state: 'put' });
      } catch (error) {
        return record(roleArn, { ...file, ...facts(inFile), state: 'failed', detail: (error as Error).message });
      }
    },
    cleanUp: async (roleArn) => {
      try {
        const policies = isFederatedUser(roleArn) ? undefined : await open(accountOf(roleArn));
        const left = policies && (await reduceOn(policies, roleNameOf(roleArn), clock.now()));
        const isInFile = await reduceFile(files, roleArn, clock.now());
        if (left?.isRemoved) return record(roleArn, { state: 'removed' });
        if (left?.policy) return record(roleArn, { ...facts(left.policy), state: 'kept' });
        return isInFile === undefined ? undefined : { roleArn, state: isInFile ? 'kept' : 'removed' };
      } catch (error) {
        return record(roleArn, { state: 'failed', detail: (error as Error).message });
      }
    },
  };
}

function facts({ until, deniesEveryone }: RevocationPolicy) {
  return { until: until.toISOString(), ...(deniesEveryone ? { deniesEveryone } : {}) } as const;
}

function accountOf(roleArn: string): string {
  return roleArn.split(':')[4] ?? '';
}

/** With the names if they fit beside the role's other policies, otherwise without. */
async function putOn(
  policies: RolePolicies,
  roleArn: string,
  denied: RoleRevocation['denied'],
  now: Date,
): Promise<RevocationPolicy> {
  const roleName = roleNameOf(roleArn);
  const existing = await policies.read(roleName);
  const named = revocationPolicy(existing, denied, now)!;
  if (await policies.write(roleName, named.document)) return named;
  const everyone = revocationPolicy(existing, denied, now, 0)!;
  if (await policies.write(roleName, everyone.document)) return everyone;
  throw new Error(
    'the inline policies of the role leave no room: remove one, or revoke all sessions in the IAM console',
  );
}

async function reduceOn(policies: RolePolicies, roleName: string, now: Date) {
  const existing = await policies.read(roleName);
  if (existing === undefined) return { isRemoved: false, policy: undefined };
  const policy = revocationPolicy(existing, undefined, now);
  if (!policy) await policies.remove(roleName);
  else if (JSON.stringify(policy.document) !== JSON.stringify(existing))
    await policies.write(roleName, policy.document);
  return { isRemoved: policy === undefined, policy };
}

/** @returns whether the file denies anything still; undefined if there is none */
async function reduceFile(files: RevocationFiles, roleArn: string, now: Date): Promise<boolean | undefined> {
  const existing = await files.read(roleArn);
  if (existing === undefined) return undefined;
  const policy = revocationPolicy(existing, undefined, now);
  if (policy) await files.write(roleArn, policy.document);
  else await files.remove(roleArn);
  return policy !== undefined;
}

/** Of each account once. */
function openAccounts(config: Config, clock: Clock, assume: string | undefined) {
  const { partition, endpoints } = config.aws;
  const access = accountAccess(config, { assume, clock });
  const opened = new Map<string, Promise<RolePolicies>>();
  const openOne = async (id: string): Promise<RolePolicies> => {
    const known: Account | undefined = config.policy.accounts.find((account) => account.id === id);
    const { accountId, signer } = await access({ id, region: known?.region });
    if (accountId !== id) {
      throw new Error(`these AWS credentials belong to the account ${accountId}: use those of ${id}, or --assume ROLE`);
    }
    return createRolePolicies(revocationPolicyName, { partition, endpoint: endpoints.iam, signer });
  };
  return (id: string, roleArn = ''): Promise<RolePolicies> => {
    if (isFederatedUser(roleArn)) {
      throw new Error(`put the file on the IAM user of aws.federationToken.keys for ${id}: its name is not known here`);
    }
    const found = opened.get(id) ?? openOne(id);
    opened.set(id, found);
    return found;
  };
}
