// Which roles a person may have now. Pure: identity, policy and time in, roles out.
import { isInNetworks, parseAddress } from '../networks.ts';
import {
  formatFederatedUserArn,
  formatProviderArn,
  formatRoleArn,
  isFederatedUserName,
  isRolePath,
  roleNameOf,
} from './arn.ts';
import { isDenied } from './denied.ts';
import { forwardedSession } from './forwarded.ts';
import { type Captures, type IdentityFacts, matchCondition } from './match.ts';
import type { Account, EligibleRole, FederationMode, Identity, Policy, Requirement, Rule, StepUp } from './model.ts';
import { indexOf, type PolicyIndex } from './policy-index.ts';

/** What a decision depends on besides the person, the policy and the time. */
export interface RequestOrigin {
  /** Names the sign-in that the identity is from: its decision is cached for as long as it stays the same. */
  readonly session?: string;
  /** The address that the broker sees. Without it no rule holds that asks for a network. */
  readonly address?: string | undefined;
}

/** Every role once, in the order of the accounts and then of the rules. */
export function resolveRoles(
  identity: Identity,
  policy: Policy,
  now: Date,
  { session: signIn, address = '' }: RequestOrigin = {},
): readonly EligibleRole[] {
  if (isDenied(identity, policy.deny)) return [];
  const index = indexOf(policy);
  const session = signIn !== undefined && index.readsAddress ? JSON.stringify([signIn, address]) : signIn;
  const cached = session === undefined ? undefined : index.decisions.read(session, now);
  if (cached) return cached.roles;
  const facts = index.factsOf(identity);
  const rules = index.candidates(facts).filter((rule) => isFromNetwork(rule, address));
  const roles = rules.flatMap((rule) => rolesOfRule(rule, identity, facts, policy, now));
  // The next moment at which a sign-in is too old for a role; nothing else in a decision depends on the time.
  const ends = rules.map(({ grant }) => identity.authnInstant + (grant.require.maxAuthenticationAgeMs ?? Infinity));
  const decision = {
    roles: mergeRoles(roles, index),
    from: now.getTime(),
    until: Math.min(...ends.filter((end) => end >= now.getTime()), Infinity),
  };
  if (session !== undefined) index.decisions.write(session, decision);
  return decision.roles;
}

/** The roles of the rules that ask for a network, as if the request came from it. */
export function rolesOfNetworks(identity: Identity, policy: Policy, now: Date): readonly EligibleRole[] {
  if (isDenied(identity, policy.deny)) return [];
  const index = indexOf(policy);
  const facts = index.factsOf(identity);
  const rules = index.candidates(facts).filter(({ grant }) => grant.require.networks !== undefined);
  return mergeRoles(
    rules.flatMap((rule) => rolesOfRule(rule, identity, facts, policy, now)),
    index,
  );
}

/** Whether the rule applies to requests from the address. A value that is not an address is in no network. */
export function isFromNetwork({ grant }: Rule, address: string): boolean {
  const { networks } = grant.require;
  if (networks === undefined) return true;
  const parsed = parseAddress(address);
  return parsed !== undefined && isInNetworks(parsed, networks);
}

/** What one rule grants, from whatever address; a role may be there more than once. */
export function rolesOfRule(
  rule: Rule,
  identity: Identity,
  facts: IdentityFacts,
  policy: Policy,
  now: Date,
): readonly EligibleRole[] {
  if (!isTrusted(rule, identity)) return [];
  const ways = matchCondition(rule.when, facts);
  if (ways.length === 0) return [];
  const roles = fixedRoles(rule, policy) ?? ways.flatMap((captures) => grantedRoles(rule, captures, identity, policy));
  const stepUp = missingStepUp(rule.grant.require, identity, policy, now);
  return stepUp ? roles.map((role) => ({ ...role, stepUp })) : roles;
}

/** The roles of a rule that grants the same to each person for whom it holds; undefined for other rules. */
function fixedRoles(rule: Rule, policy: Policy): readonly EligibleRole[] | undefined {
  const { accounts, fixedRoles: known } = indexOf(policy);
  const found = known.get(rule);
  if (found) return found;
  const { role, accounts: references } = rule.grant;
  const isForwarded = (reference: string) => {
    const account = accounts.get(reference);
    return account !== undefined && modeOf(rule, account, policy) === 'forward';
  };
  if (/[{}]/.test(role) || references.some((each) => /[{}]/.test(each) || isForwarded(each))) return undefined;
  const roles = grantedRoles(rule, {}, undefined, policy);
  known.set(rule, roles);
  return roles;
}

/** The roles that rules name outright. Roles that depend on a person's groups or sign-in are not known before. */
export function namedRoles(policy: Policy): EligibleRole[] {
  const roles = policy.rules.flatMap((rule) => fixedRoles(rule, policy) ?? []);
  return mergeRoles(roles, indexOf(policy));
}

/** Without step-up. @param identity undefined where no role depends on it */
function grantedRoles(
  rule: Rule,
  captures: Captures,
  identity: Identity | undefined,
  policy: Policy,
): readonly EligibleRole[] {
  const role = fillTemplate(rule.grant.role, captures);
  if (role === undefined) return [];
  return rule.grant.accounts.flatMap((reference) => {
    // A captured account counts only if it is listed.
    const account = indexOf(policy).accounts.get(fillTemplate(reference, captures) ?? '');
    if (!account || !isNameIn(modeOf(rule, account, policy), role)) return [];
    return toEligible(rule, role, account, identity, policy) ?? [];
  });
}

/** Two rules grant one role: the one without a step-up wins, then the longer duration, then the first. */
export function mergeRoles(granted: readonly EligibleRole[], { order }: PolicyIndex): EligibleRole[] {
  const roles = new Map<string, EligibleRole>();
  for (const role of granted) {
    const other = roles.get(role.roleArn);
    const isEqual = (other?.stepUp === undefined) === (role.stepUp === undefined);
    const isBetter = isEqual ? role.maxDurationSeconds > (other?.maxDurationSeconds ?? 0) : role.stepUp === undefined;
    if (!other || isBetter) roles.set(role.roleArn, role);
  }
  return [...roles.values()].sort((a, b) => order.get(a.account.id)! - order.get(b.account.id)!);
}

/** Any identity provider can assert any group: a rule may say whose word it takes. */
export function isTrusted({ identityProviders }: Rule, { idp }: Identity): boolean {
  return identityProviders?.includes(idp) ?? true;
}

/** The rule's word, else the account's, else the configuration's. */
export function modeOf(rule: Rule, account: Account, policy: Policy): FederationMode {
  return rule.grant.mode ?? account.mode ?? policy.mode;
}

/** The IAM SAML provider that holds our metadata in an account. */
export function providerOf(account: Account, { partition, provider }: Policy) {
  const name = account.provider ?? provider;
  return { name, arn: formatProviderArn(partition, account.id, name) };
}

/** True for a role that is for the console only. */
export function isConsoleOnly({ mode }: { readonly mode: FederationMode }): boolean {
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
  identity: Identity | undefined,
  policy: Policy,
): EligibleRole | undefined {
  const { partition } = policy;
  const mode = modeOf(rule, account, policy);
  const formatArn = mode === 'federation-token' ? formatFederatedUserArn : formatRoleArn;
  const roleArn = formatArn({ partition, accountId: account.id, role });
  const provider =
    mode === 'forward' ? policy.forward?.providers[identity?.idp ?? ''] : providerOf(account, policy).name;
  if (provider === undefined) return undefined;
  const principalArn = formatProviderArn(partition, account.id, provider);
  const { forward } = mode === 'forward' ? policy : {};
  const forwarded = forward && identity && forwardedSession(identity, forward, { roleArn, principalArn });
  if (mode === 'forward' && !forwarded) return undefined;
  return {
    roleArn,
    mode,
    principalArn,
    account,
    roleName: roleNameOf(role),
    region: account.region ?? policy.region,
    ...longestDuration(rule, mode, policy, forwarded?.maxSeconds ?? Infinity),
    session: rule.grant.session,
    ...(forwarded ? { sessionName: forwarded.sessionName } : {}),
    rule: rule.name,
    description: rule.grant.description,
    sourceIdentity: rule.grant.sourceIdentity,
    stepUp: undefined,
  };
}

/** How long credentials may last, and what decides it: of two that are equal, the one nearer to us. */
function longestDuration({ grant }: Rule, mode: FederationMode, { chainsRoles }: Policy, idpSeconds: number) {
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

function fillTemplate(template: string, captures: Captures): string | undefined {
  if (!template.includes('{')) return template;
  let isComplete = true;
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (Object.hasOwn(captures, name) && captures[name] !== undefined) return captures[name];
    isComplete = false;
    return '';
  });
  return isComplete ? filled : undefined;
}

/** The requirements that a sign-in does not meet; undefined if it meets all. */
export function missingStepUp(require: Requirement, identity: Identity, policy: Policy, now: Date): StepUp | undefined {
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
