// A person and a policy to start from; tests change one thing each.
import type { Account, Condition, Identity, Policy, Rule, SessionRules } from '../../src/access/model.ts';

export const now = new Date('2026-03-02T09:00:00.000Z');
export const mfa = 'http://schemas.microsoft.com/claims/multipleauthn';

export function person(changes: Partial<Identity> = {}): Identity {
  return {
    idp: 'adfs',
    user: 'alice@corp.example',
    userSource: 'upn',
    displayName: 'Alice Sample',
    groups: ['CORP\\AWS-Payments-Dev', 'CORP\\Domain Users'],
    claims: {},
    authnContexts: ['urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport'],
    authnInstant: now.getTime(),
    ...changes,
  };
}

const account = (id: string, alias: string, changes: Partial<Account> = {}): Account => ({
  ...{
    id,
    alias,
    name: alias,
    environment: undefined,
    region: undefined,
    owner: undefined,
    labels: [],
    mode: undefined,
  },
  ...changes,
});

const accounts: readonly Account[] = [
  account('111122223333', 'payments-prod', { environment: 'production', region: 'eu-central-1' }),
  account('444455556666', 'payments-dev'),
  account('012345678901', 'data-dev'),
];

/** Nothing but the person's name goes into it. */
export const plainSession: SessionRules = {
  nameTemplate: undefined,
  tags: [],
  transitiveTagKeys: [],
  policy: undefined,
  policyArns: [],
};

export function rule(when: Condition, grant: Partial<Rule['grant']> = {}, name = 'rule'): Rule {
  return {
    name,
    ask: undefined,
    identityProviders: undefined,
    when,
    grant: {
      accounts: ['payments-dev'],
      role: 'Developer',
      maxDurationSeconds: 3600,
      roleMaxDurationSeconds: undefined,
      require: { authnContext: undefined, maxAuthenticationAgeMs: undefined },
      sourceIdentity: true,
      description: undefined,
      mode: undefined,
      session: plainSession,
      ...grant,
    },
  };
}

export function policy(...rules: Rule[]): Policy {
  return {
    partition: 'aws',
    provider: 'rolegate',
    region: 'eu-west-1',
    mode: 'mint',
    chainsRoles: true,
    accounts,
    rules,
    authnContexts: { adfs: { mfa: [mfa, 'https://refeds.org/profile/mfa'] } },
  };
}

export const group = (value: string): Condition => ({ kind: 'group', value });
export const claim = (name: string, value: string): Condition => ({ kind: 'claim', name, value });
export const any = (...conditions: Condition[]): Condition => ({ kind: 'any', conditions });
export const all = (...conditions: Condition[]): Condition => ({ kind: 'all', conditions });
export const not = (condition: Condition): Condition => ({ kind: 'not', condition });
export const pattern = (source: string): Condition => ({
  kind: 'groupPattern',
  pattern: source,
});
export const convention = pattern('(?:CORP\\\\)?AWS-(?<account>\\d{12})-(?<role>[\\w+=,.@-]{1,64})');
