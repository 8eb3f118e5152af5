// Which roles a person may have now. Pure: identity, policy and time in, roles out.
import {
  formatFederatedUserArn,
  formatProviderArn,
  formatRoleArn,
  isFederatedUserName,
  isRolePath,
  roleNameOf,
} from './arn.ts';
import { forwardedSession } from './forwarded.ts';
import { type Captures, matchCondition } from './match.ts';
import type { Account, EligibleRole, FederationMode, Identity, Policy, Requirement, Rule, StepUp } from './model.ts';

/** Every role once, in the order of the accounts and then of the rules. */
export function resolveRoles(identity: Identity, policy: Policy, now: Date): EligibleRole[] {
  const accounts = accountIndex(policy.accounts);
  const roles = new Map<string, EligibleRole>();
  for (const rule of policy.rules) {
    for (const role of grantedBy(rule, identity, policy, accounts, now)) {
      const other = roles.get(role.roleArn);
      roles.set(role.roleArn, other ? better(other, role) : role);
    }
  }
  const order = new Map(policy.accounts.map((account, index) => [account.id, index]));
  return [...roles.values()].sort((a, b) => order.get(a.account.id)! - order.get(b.account.id)!);
}

/** By id and by alias. */
export function accountIndex(accounts: readonly Account[]): ReadonlyMap<string, Account> {
  return new Map(accounts.flatMap((account) => [[account.id, account] as const, [account.alias, account] as const]));
}

function* grantedBy(
  rule: Rule,
  identity: Identity,
  policy: Policy,
  accounts: ReadonlyMap<string, Account>,
  now: Date,
): Generator<EligibleRole> {
  if (!isTrusted(rule, identity)) return;
  const stepUp = missing(rule.grant.require, identity, policy, now);
  for (const captures of matchCondition(rule.when, identity)) {
    const role = fill(rule.grant.role, captures);
    if (role === undefined) continue;
    for (const reference of rule.grant.accounts) {
      // A captured account counts only if it is listed.
      const account = accounts.get(fill(reference, captures) ?? '');
      if (!account || !isNameIn(modeOf(rule, account, policy), role)) continue;
      const eligible = toEligible(rule, role, account, identity, policy);
      if (eligible) yield { ...eligible, stepUp };
    }
  }
}

/** Any identity provider can assert any group: a rule may say whose word it takes. */
export function isTrusted({ identityProviders }: Rule, { idp }: Identity): boolean {
  return identityProviders?.includes(idp) ?? true;
}

/** The rule's word, else the account's, else the configuration's. */
export function modeOf(rule: Pick<Rule, 'grant'>, account: Account, policy: Pick<Policy, 'mode'>): FederationMode {
  return rule.grant.mode ?? account.mode ?? policy.mode;
}

/** The IAM SAML provider that holds our metadata in an account. */
export function providerOf(account: Account, { partition, provider }: Pick<Policy, 'partition' | 'provider'>) {
  const name = account.provider ?? provider;
  return { name, arn: formatProviderArn(partition, account.id, name) };
}

/** Whether the role opens consoles and gives no credentials. */
export function isConsoleOnly({ mode }: Pick<EligibleRole, 'mode'>): boolean {
  return mode === 'browser-post';
}

/** Whether a grant of this mode can be called so. */
export function isNameIn(mode: FederationMode, role: string): boolean {
  return mode === 'federation-token' ? isFederatedUserName(role) : isRolePath(role);
}

function toEligible(
  rule: Rule,
  role: string,
  account: Account,
  identity: Identity,
  policy: Policy,
): Omit<EligibleRole, 'stepUp'> | undefined {
  const { partition } = policy;
  const mode = modeOf(rule, account, policy);
  const formatArn = mode === 'federation-token' ? formatFederatedUserArn : formatRoleArn;
  const roleArn = formatArn({ partition, accountId: account.id, role });
  const provider = mode === 'forward' ? policy.forward?.providers[identity.idp] : providerOf(account, policy).name;
  if (provider === undefined) return undefined;
  const principalArn = formatProviderArn(partition, account.id, provider);
  const { forward } = mode === 'forward' ? policy : {};
  const forwarded = forward && forwardedSession(identity, forward, { roleArn, principalArn });
  if (mode === 'forward' && !forwarded) return undefined;
  return {
    roleArn,
    mode,
    principalArn,
    account,
    roleName: roleNameOf(role),
    region: account.region ?? policy.region,
    ...longest(rule, mode, policy, forwarded?.maxSeconds ?? Infinity),
    session: rule.grant.session,
    ...(forwarded ? { sessionName: forwarded.sessionName } : {}),
    rule: rule.name,
    description: rule.grant.description,
    sourceIdentity: rule.grant.sourceIdentity,
  };
}

/** How long credentials may last, and what decides it: of two that are equal, the one nearer to us. */
function longest({ grant }: Rule, mode: FederationMode, { chainsRoles }: Policy, idpSeconds: number) {
  const rule = { maxDurationSeconds: grant.maxDurationSeconds, durationLimitedBy: 'rule' as const };
  // IAM User Guide: SessionDuration of a console session is not bound by the role's MaxSessionDuration.
  const ofRole = isConsoleOnly({ mode }) ? undefined : grant.roleMaxDurationSeconds;
  const role = { maxDurationSeconds: ofRole ?? Infinity, durationLimitedBy: 'role' as const };
  const isChained = mode === 'assume-role' && chainsRoles;
  const chaining = {
    maxDurationSeconds: isChained ? chainedSeconds : Infinity,
    durationLimitedBy: 'chaining' as const,
  };
  // IAM User Guide: SessionDuration of the identity provider's response shortens credentials and consoles alike.
  const session = { maxDurationSeconds: idpSeconds, durationLimitedBy: 'session' as const };
  const least = [rule, role, chaining, session].reduce((a, b) => (b.maxDurationSeconds < a.maxDurationSeconds ? b : a));
  return { ...least, ruleDurationSeconds: Math.min(grant.maxDurationSeconds, idpSeconds) };
}

/** IAM User Guide, role chaining: at most one hour. */
const chainedSeconds = 3600;

/** Two rules give one role: the one that asks for nothing more wins, then the longer duration, then the first. */
function better(a: EligibleRole, b: EligibleRole): EligibleRole {
  if ((a.stepUp === undefined) !== (b.stepUp === undefined)) return a.stepUp === undefined ? a : b;
  return b.maxDurationSeconds > a.maxDurationSeconds ? b : a;
}

function fill(template: string, captures: Captures): string | undefined {
  let isComplete = true;
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (Object.hasOwn(captures, name) && captures[name] !== undefined) return captures[name];
    isComplete = false;
    return '';
  });
  return isComplete ? filled : undefined;
}

function missing(require: Requirement, identity: Identity, policy: Policy, now: Date): StepUp | undefined {
  const contexts = require.authnContext ? (policy.authnContexts[identity.idp]?.[require.authnContext] ?? []) : [];
  if (require.authnContext && !contexts.some((context) => identity.authnContexts.includes(context))) {
    return { reason: 'authn_context', contexts };
  }
  const age = identity.isAuthnInstantGuessed ? Number.POSITIVE_INFINITY : now.getTime() - identity.authnInstant;
  if (require.maxAuthenticationAgeMs !== undefined && age > require.maxAuthenticationAgeMs) {
    return { reason: 'authentication_age', contexts };
  }
  return undefined;
}
