// How the broker opens a role in each federation mode, as STS and a trust policy see it. Pure.
import { formatProviderArn } from '../access/arn.ts';
import { type Account, type FederationMode, federationModes, type Rule, type TagRule } from '../access/model.ts';
import { providerOf } from '../access/resolve.ts';
import { samlRecipient, signinRegions, signinSamlUrl } from '../aws/partitions.ts';
import type { Config } from '../config/config.ts';

export interface ProvisioningOptions {
  /** Where the broker's own calls come from, as addresses or networks; empty: not pinned. */
  readonly sourceIps: readonly string[];
  /** The role or user that the broker is at AWS, for the mode `assume-role` without a hub. */
  readonly brokerArn: string | undefined;
}

/** One way in which the broker opens a role: what STS sees of it. */
export interface BrokerCall {
  readonly mode: FederationMode;
  readonly rules: readonly string[];
  readonly action: string;
  /** Undefined if the operator did not name the broker's AWS identity. */
  readonly principal: { readonly kind: 'Federated' | 'AWS'; readonly arn: string | undefined };
  /** Condition keys whose value is always the same, as they are written in a policy. */
  readonly facts: Readonly<Record<string, readonly string[]>>;
  readonly sourceIps: readonly string[];
  readonly sendsSourceIdentity: boolean;
  readonly tags: readonly TagRule[];
  readonly transitiveTagKeys: readonly string[];
}

export interface CallContext {
  readonly arn: string;
  readonly account: Account;
  readonly config: Config;
  readonly options: ProvisioningOptions;
}

export function callsOf(rule: Rule, mode: FederationMode, context: CallContext): BrokerCall[] {
  const { sourceIdentity, session } = rule.grant;
  const isForwarded = mode === 'forward';
  return callTemplates[mode](context, rule).map((template) => ({
    mode,
    rules: [rule.name],
    ...template,
    sourceIps: mode === 'browser-post' ? [] : context.options.sourceIps,
    // What the identity provider writes into its response is its own affair.
    sendsSourceIdentity: sourceIdentity && !isForwarded,
    tags: session.tags,
    transitiveTagKeys: session.transitiveTagKeys,
  }));
}

type CallTemplate = (context: CallContext, rule: Rule) => readonly Pick<BrokerCall, 'action' | 'principal' | 'facts'>[];

/** By mode: which calls, who they are for IAM, and what never changes. `federation-token` knows no roles. */
const callTemplates: Readonly<Record<FederationMode, CallTemplate>> = {
  mint: (context) => withMinted(context, [samlRecipient(context.config.aws.partition)]),
  // The identity provider's own response: its Recipient is our AssertionConsumerService.
  forward: ({ account, config }, rule) =>
    forwardProviders(config, rule).map(({ name, entityId }) => ({
      action: 'sts:AssumeRoleWithSAML',
      principal: { kind: 'Federated', arn: formatProviderArn(config.policy.partition, account.id, name) },
      facts: { 'SAML:aud': [config.acsUrl], ...(entityId === undefined ? {} : { 'SAML:iss': [entityId] }) },
    })),
  // The assertion names the sign-in page of a region: the account's own, or a fallback region.
  'browser-post': (context) => {
    const { aws, policy } = context.config;
    const regions = signinRegions(context.account.region ?? policy.region, aws.fallbackRegions);
    return withMinted(
      context,
      regions.map((region) => signinSamlUrl(aws.partition, region)),
    );
  },
  'web-identity': ({ arn, account, config: { aws, policy } }) => {
    const { issuer = '', audience = '' } = aws.webIdentity ?? {};
    const host = withoutScheme(issuer);
    return [
      {
        action: 'sts:AssumeRoleWithWebIdentity',
        principal: { kind: 'Federated', arn: oidcProviderArn(policy.partition, account.id, issuer) },
        facts: { [`${host}:aud`]: [audience], [`${host}:sub`]: [arn] },
      },
    ];
  },
  'assume-role': ({ account, config: { aws }, options }) => {
    const { hub, externalIds, externalId } = aws.assumeRole;
    const id = externalIds[account.id] ?? externalId;
    return [
      {
        action: 'sts:AssumeRole',
        principal: { kind: 'AWS', arn: hub?.roleArn ?? options.brokerArn },
        facts: id === undefined ? {} : { 'sts:ExternalId': [id] },
      },
    ];
  },
  'federation-token': () => [],
};

function withMinted(
  { account, config: { aws, policy } }: CallContext,
  audiences: readonly string[],
): ReturnType<CallTemplate> {
  return [
    {
      action: 'sts:AssumeRoleWithSAML',
      principal: { kind: 'Federated', arn: providerOf(account, policy).arn },
      facts: { 'SAML:aud': audiences, 'SAML:iss': [aws.issuer] },
    },
  ];
}

/** The SAML providers that hold metadata of the identity providers whose word counts for a rule. */
export function forwardProviders({ policy, samlProviders }: Config, { identityProviders: ids }: Rule) {
  const named = Object.entries(policy.forward?.providers ?? {}).filter(([id]) => ids?.includes(id) ?? true);
  return named.map(([idp, name]) => {
    const { metadata, metadataSource } = samlProviders.find(({ id }) => id === idp) ?? {};
    return { idp, name, entityId: metadata?.entityId ?? metadataSource?.rules.entityId };
  });
}

/** Calls that look the same to STS are one; in the order of the modes. */
export function mergeCalls(calls: readonly BrokerCall[]): BrokerCall[] {
  const merged = new Map<string, BrokerCall>();
  for (const call of calls) {
    const { rules, ...seen } = call;
    const key = JSON.stringify(seen);
    const other = merged.get(key);
    merged.set(key, other ? { ...other, rules: [...other.rules, ...rules] } : call);
  }
  return [...merged.values()].sort((a, b) => federationModes.indexOf(a.mode) - federationModes.indexOf(b.mode));
}

/** IAM names an OpenID provider by its URL without the scheme. */
export function oidcProviderArn(partition: string, accountId: string, issuer: string): string {
  return `arn:${partition}:iam::${accountId}:oidc-provider/${withoutScheme(issuer)}`;
}

function withoutScheme(url: string): string {
  return url.replace(/^https?:\/\//, '');
}
