// How credentials are got: the federation mode, its settings, and what a rule puts into its sessions.
import { z } from 'zod';
import { parseRoleArn } from '../access/arn.ts';
import { federationModes, type SessionRules, type TagRule } from '../access/model.ts';
import { nameTemplateProblem } from '../access/session-name.ts';
import { isTagKey, isTagValue, maxTags } from '../access/session-tags.ts';
import { maxPolicyLength, restrictedPolicy } from '../access/source-addresses.ts';
import { formatNetwork } from '../networks.ts';
import { networkList } from './fields.ts';
import { resolveLimit, sessionLimit } from './policy-document.ts';

export const federationMode = z.enum(federationModes, {
  error: `is not a federation mode of this version: it is one of ${federationModes.join(', ')}`,
});

/** STS API AssumeRole: ExternalId. */
export const externalId = z
  .string()
  .regex(/^[\w+=,.@:/-]{2,1224}$/, 'must be 2 to 1,224 of letters, digits and _ + = , . @ : / -');

const roleArn = z.string().refine((text) => /:role\//.test(text) && parseRoleArn(text) !== undefined, {
  message: 'is not the ARN of an IAM role',
});

export const assumeRoleSchema = z.strictObject({
  /** What the broker's own AWS identity is: from a role to the next one AWS gives one hour at most. */
  caller: z.enum(['role', 'user']).default('role'),
  externalId: externalId.optional(),
  /** A role that is assumed first, and that assumes the others. */
  hub: z.strictObject({ roleArn, externalId: externalId.optional() }).optional(),
});

/** Keys of IAM users, by id or alias of the account. */
export const federationTokenSchema = z.strictObject({
  keys: z
    .record(
      z.string(),
      z.strictObject({
        // Not echoed: a misplaced value may be the secret.
        accessKeyId: z.string().regex(/^AKIA[A-Z0-9]{12,124}$/, 'is not the access key id of an IAM user (AKIA…)'),
        secretAccessKey: z.string().min(16, 'is not a secret access key'),
      }),
    )
    .default({}),
  sessionPolicy: sessionLimit.optional(),
});

const tagSource = z.union(
  [
    z.string(),
    z.strictObject({ claim: z.string().min(1), optional: z.boolean().default(false) }),
    z.strictObject({ from: z.enum(['user', 'displayName', 'identityProvider']) }),
  ],
  { error: 'must be a text, or one of claim, from (user, displayName, identityProvider)' },
);

/** What a grant may say of its sessions. */
export const sessionFields = {
  mode: federationMode.optional(),
  sessionName: z.string().min(1).max(300).optional(),
  sessionTags: z.record(z.string(), tagSource).default({}),
  transitiveTags: z.array(z.string()).default([]),
  sessionPolicy: sessionLimit.optional(),
  sourceIp: networkList.transform((list) => list.map(formatNetwork)).optional(),
};

interface SessionFields {
  readonly sessionName?: string | undefined;
  readonly sessionTags: Readonly<Record<string, z.output<typeof tagSource>>>;
  readonly transitiveTags: readonly string[];
  readonly sessionPolicy?: z.output<typeof sessionLimit> | undefined;
  readonly sourceIp?: readonly string[] | undefined;
}

interface Presets {
  readonly presets: readonly { readonly id: string; readonly policy: string }[];
  readonly problems: string[];
}

/** What a rule puts into its sessions; what AWS would refuse is added to the problems. */
export function compileSession(fields: SessionFields, path: string, context: Presets): SessionRules {
  const { problems } = context;
  const nameProblem = fields.sessionName === undefined ? undefined : nameTemplateProblem(fields.sessionName);
  if (nameProblem !== undefined) problems.push(`${path}.sessionName: ${nameProblem}`);
  const tags = Object.entries(fields.sessionTags).map(([key, source]) => toTagRule(key, source));
  checkTags(tags, `${path}.sessionTags`, problems);
  for (const key of fields.transitiveTags) {
    // STS API: the transitive keys are among the tags of the same call.
    if (!Object.hasOwn(fields.sessionTags, key))
      problems.push(`${path}.transitiveTags: ${key} is not a key of sessionTags`);
  }
  const limit = resolveLimit(fields.sessionPolicy, `${path}.sessionPolicy`, context);
  const { sourceIp } = fields;
  const length = sourceIp ? restrictedPolicy(sourceIp, limit).length + limit.policyArns.join('').length : 0;
  if (length > maxPolicyLength) {
    problems.push(`${path}.sourceIp: with it the session policy has ${length} characters, and STS takes 2,048`);
  }
  return {
    nameTemplate: fields.sessionName,
    tags,
    transitiveTagKeys: fields.transitiveTags,
    ...limit,
    ...(sourceIp ? { sourceIp } : {}),
  };
}

function toTagRule(key: string, source: z.output<typeof tagSource>): TagRule {
  if (typeof source === 'string') return { key, from: { kind: 'value', value: source }, isOptional: false };
  if ('claim' in source) return { key, from: { kind: 'claim', name: source.claim }, isOptional: source.optional };
  const field = source.from === 'identityProvider' ? 'idp' : source.from;
  return { key, from: { kind: 'identity', field }, isOptional: false };
}

function checkTags(tags: readonly TagRule[], path: string, problems: string[]): void {
  if (tags.length > maxTags) problems.push(`${path}: AWS takes at most ${maxTags} tags`);
  const seen = new Set<string>();
  for (const { key, from } of tags) {
    if (!isTagKey(key)) problems.push(`${path}: ${key} is not a valid tag key of AWS`);
    // IAM User Guide, session tags: keys that differ in case only are one.
    if (seen.has(key.toLowerCase())) problems.push(`${path}: ${key} is used twice; AWS ignores case in keys`);
    seen.add(key.toLowerCase());
    if (from.kind === 'value' && !isTagValue(from.value))
      problems.push(`${path}.${key}: is not a valid tag value of AWS`);
  }
}

/** AWS gives a session that a role opened for another one hour at most. */
export function chainsRoles({ caller, hub }: z.output<typeof assumeRoleSchema>): boolean {
  return caller === 'role' || hub !== undefined;
}

interface Sections {
  readonly accounts: readonly {
    readonly id: string;
    readonly alias: string;
    readonly externalId?: string | undefined;
  }[];
  readonly aws: {
    readonly assumeRole: z.output<typeof assumeRoleSchema>;
    readonly federationToken: z.output<typeof federationTokenSchema>;
  };
  readonly portal: { readonly sessionPolicies: readonly { readonly id: string; readonly policy: string }[] };
}

export type AssumeRoleSettings = Readonly<ReturnType<typeof resolveFederation>['assumeRole']>;
export type FederationTokenSettings = Readonly<ReturnType<typeof resolveFederation>['federationToken']>;

/** The settings of the modes, with accounts by their id. */
export function resolveFederation({ accounts, aws, portal }: Sections, problems: string[]) {
  const { caller, externalId, hub } = aws.assumeRole;
  const own = accounts.flatMap((each) => (each.externalId === undefined ? [] : [[each.id, each.externalId] as const]));
  const keys = Object.entries(aws.federationToken.keys).flatMap(([reference, pair]) => {
    const account = accounts.find(({ id, alias }) => reference === id || reference === alias);
    if (account) return [[account.id, pair] as const];
    problems.push(`aws.federationToken.keys: no account has the id or alias ${reference}`);
    return [];
  });
  const path = 'aws.federationToken.sessionPolicy';
  const context = { presets: portal.sessionPolicies, problems };
  return {
    assumeRole: {
      callerIsUser: caller === 'user',
      externalId,
      /** By account id; they take precedence over the one for all. */
      externalIds: Object.fromEntries(own),
      hub: hub && { roleArn: hub.roleArn, externalId: hub.externalId },
    },
    federationToken: {
      /** By account id. */
      keys: Object.fromEntries(keys),
      ...resolveLimit(aws.federationToken.sessionPolicy, path, context),
    },
  };
}

/** Keys of IAM users in the file itself, from which they would end up in a repository or a backup. */
export function literalFederationSecrets(file: unknown): string[] {
  const parsed = z
    .object({ aws: z.object({ federationToken: z.object({ keys: z.record(z.string(), z.unknown()) }) }) })
    .safeParse(file);
  const secrets = Object.entries(parsed.data?.aws.federationToken.keys ?? {}).filter(([, pair]) => {
    const { secretAccessKey } = (pair ?? {}) as { secretAccessKey?: unknown };
    return typeof secretAccessKey === 'string' && !/^\$\{[^}]+\}$/.test(secretAccessKey);
  });
  return secrets.map(
    ([account]) => `aws.federationToken.keys.${account}.secretAccessKey: must come from \${file:PATH} or \${NAME}`,
  );
}
