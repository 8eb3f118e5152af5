// What each AWS account needs so that the rules hold: identity providers, roles, and what the broker sends when it opens
// one. Pure; templates write it down, the doctor compares it with the state of the account.
import { formatProviderArn, formatRoleArn, roleNameOf } from '../access/arn.ts';
import type { Account, FederationMode, Rule } from '../access/model.ts';
import { accountIndex } from '../access/policy-index.ts';
import { modeOf, providerOf } from '../access/resolve.ts';
import type { Config } from '../config/config.ts';
import {
  type BrokerCall,
  callsOf,
  forwardProviders,
  mergeCalls,
  oidcProviderArn,
  type ProvisioningOptions,
} from './broker-calls.ts';

export interface AccountPlan {
  readonly account: Account;
  readonly samlProvider: { readonly arn: string; readonly name: string } | undefined;
  readonly oidcProvider: { readonly arn: string; readonly url: string; readonly audience: string } | undefined;
  /** For the mode `forward`: providers that hold the metadata of an identity provider, and its entityID if it is known. */
  readonly idpProviders: readonly IdpProviderPlan[];
  /** By name. */
  readonly roles: readonly RolePlan[];
  /** What cannot be written into a template. */
  readonly notes: readonly string[];
}

export interface IdpProviderPlan {
  readonly arn: string;
  readonly name: string;
  readonly idp: string;
  readonly entityId: string | undefined;
}

export interface RolePlan {
  readonly arn: string;
  readonly name: string;
  /** `/`, or `/team/`. */
  readonly path: string;
  readonly description: string;
  /** MaxSessionDuration: 3,600 to 43,200. */
  readonly maxSessionSeconds: number;
  /** At least one; two for rules that send different things. */
  readonly calls: readonly BrokerCall[];
}

/** Whether this is an ARN in the role's own account: a template says it for any account. */
export function isOwn(value: unknown, { arn, calls }: RolePlan): value is string {
  const providers = calls.flatMap(({ principal }) => (principal.kind === 'Federated' ? [principal.arn] : []));
  return typeof value === 'string' && (value === arn || providers.includes(value));
}

/** In the order of the configuration. */
export function planAccounts(config: Config, options: ProvisioningOptions): AccountPlan[] {
  return config.policy.accounts.map((account) => planAccount(account, config, options));
}

interface Grant {
  readonly rule: Rule;
  readonly mode: FederationMode;
  /** Whether the rule names this account, and not only what a pattern captures. */
  readonly isListed: boolean;
}

function planAccount(account: Account, config: Config, options: ProvisioningOptions): AccountPlan {
  const { aws, policy } = config;
  // What rules give in this account; a captured account may be any that is listed.
  const known = accountIndex(policy.accounts);
  const grants = policy.rules.flatMap((rule) => {
    const isListed = rule.grant.accounts.some((reference) => known.get(reference) === account);
    const isCaptured = rule.grant.accounts.some((reference) => /[{}]/.test(reference));
    return isListed || isCaptured ? [{ rule, mode: modeOf(rule, account, policy), isListed }] : [];
  });
  const isUsed = (mode: FederationMode) => grants.some((grant) => grant.mode === mode);
  const partition = policy.partition;
  const { roles, notes } = planRoles(grants, account, config, options);
  const webIdentity = isUsed('web-identity') ? aws.webIdentity : undefined;
  const used = grants.flatMap(({ rule, mode }) => (mode === 'forward' ? forwardProviders(config, rule) : []));
  const distinct = new Map(used.map((each) => [`${each.idp} ${each.name}`, each]));
  const idpProviders = [...distinct.values()].map((each) => ({
    ...each,
    arn: formatProviderArn(config.policy.partition, account.id, each.name),
  }));
  const forwardNotes = idpProviders.map(
    ({ name, idp }) =>
      `the SAML provider ${name} has to hold the metadata of ${idp}, which no template here has; where ${idp} sends SourceIdentity or PrincipalTag, its roles have to allow sts:SetSourceIdentity or sts:TagSession as well`,
  );
  return {
    account,
    samlProvider: isUsed('mint') || isUsed('browser-post') ? providerOf(account, policy) : undefined,
    oidcProvider: webIdentity && {
      arn: oidcProviderArn(partition, account.id, webIdentity.issuer),
      url: webIdentity.issuer,
      audience: webIdentity.audience,
    },
    idpProviders,
    roles,
    notes: [...notes, ...forwardNotes, ...hubNotes(account, config), ...addressNotes(config, options)],
  };
}

function planRoles(grants: readonly Grant[], account: Account, config: Config, options: ProvisioningOptions) {
  const notes: string[] = [];
  const byRole = new Map<string, Grant[]>();
  for (const grant of grants) {
    const note = whyNoRole(grant, account, config.policy.partition);
    const { role } = grant.rule.grant;
    if (note === undefined) byRole.set(role, [...(byRole.get(role) ?? []), grant]);
    else notes.push(note);
  }
  // IAM User Guide, quotas: names are unique in an account whatever their path and case.
  const names = new Map<string, string>();
  for (const role of [...byRole.keys()].sort()) {
    const name = roleNameOf(role).toLowerCase();
    const other = names.get(name);
    if (other === undefined) names.set(name, role);
    else notes.push(`roles ${other} and ${role} cannot both be in one account: only the first is planned`);
  }
  const roles = [...names.values()].map((role) => planRole(role, byRole.get(role)!, account, config, options));
  return { roles: roles.sort((a, b) => (a.name < b.name ? -1 : 1)), notes };
}

/** Why a grant cannot be written down as a role; undefined if it can. */
function whyNoRole({ rule, mode, isListed }: Grant, account: Account, partition: string): string | undefined {
  const { name, grant } = rule;
  if (mode === 'federation-token') {
    const actions = ['sts:GetFederationToken', ...(grant.session.tags.length > 0 ? ['sts:TagSession'] : [])];
    return `rule "${name}" has no role: the IAM user of aws.federationToken.keys needs ${actions.join(' and ')} on arn:${partition}:sts::${account.id}:federated-user/*, and the permissions that the users need`;
  }
  if (/[{}]/.test(grant.role)) return `rule "${name}" takes role names from groups: its roles cannot be listed here`;
  if (!isListed) return `rule "${name}" takes accounts from groups: add the role ${grant.role} where it is needed`;
  return /(^|\/)AWSReservedSSO_/.test(grant.role)
    ? `rule "${name}": ${grant.role} belongs to IAM Identity Center, which alone can assume it`
    : undefined;
}

function planRole(
  role: string,
  grants: readonly Grant[],
  account: Account,
  config: Config,
  options: ProvisioningOptions,
): RolePlan {
  const arn = formatRoleArn({ partition: config.policy.partition, accountId: account.id, role });
  const name = roleNameOf(role);
  return {
    arn,
    name,
    path: `/${role.slice(0, role.length - name.length)}`,
    description: describe(grants.map(({ rule }) => rule)),
    maxSessionSeconds: Math.max(
      3600,
      ...grants.map((grant) => {
        // What the broker may ask for: as resolve.ts counts it.
        // IAM User Guide: the role's maximum does not bind the console that a browser opens with an assertion.
        const isShort = grant.mode === 'browser-post' || (grant.mode === 'assume-role' && config.policy.chainsRoles);
        return Math.min(
          grant.rule.grant.maxDurationSeconds,
          grant.rule.grant.roleMaxDurationSeconds ?? 43_200,
          isShort ? 3600 : 43_200,
        );
      }),
    ),
    calls: mergeCalls(grants.flatMap(({ rule, mode }) => callsOf(rule, mode, { arn, account, config, options }))),
  };
}

/** IAM API CreateRole: printable Latin-1, at most 1,000 characters. */
function describe(rules: readonly Rule[]): string {
  const texts = [
    rules.find(({ grant }) => grant.description)?.grant.description,
    `Rolegate: ${rules.map(({ name }) => name).join(', ')}`,
  ];
  const legal = texts.find((text) => text !== undefined && /^[\t\n\r -~¡-ÿ]{1,1000}$/.test(text));
  return legal ?? 'Granted to users by Rolegate';
}

function hubNotes(account: Account, { aws }: Config): string[] {
  const hub = aws.assumeRole.hub?.roleArn;
  if (hub?.split(':')[4] !== account.id) return [];
  return [
    `the hub ${hub} has to trust the identity of the broker, and needs sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity on the roles of the other accounts`,
  ];
}

function addressNotes({ aws }: Config, { sourceIps }: ProvisioningOptions): string[] {
  const isPrivate = /\.vpce\./.test(aws.endpoints.sts ?? '') && sourceIps.length > 0;
  return isPrivate
    ? [
        'aws.endpoints.sts is a VPC endpoint: calls through it have no aws:SourceIp, so --source-ip would refuse them all',
      ]
    : [];
}
