// The configuration file's shape. Unknown keys are refused; every key has a safe default or is required.
import { z } from 'zod';
import { accountsFromSchema } from './accounts/accounts-from.ts';
import { awsSchema } from './aws-section.ts';
import { externalId, federationMode, sessionFields } from './federation.ts';
import { between, httpUrl, keyPair, line, port, requirement, signingPair } from './fields.ts';
import { providerName } from './forward.ts';
import { limitsSchema } from './limits.ts';
import { offboardingSchema } from './offboarding/offboarding.ts';
import { openidSchema, withClaimNames } from './openid-provider.ts';
import { regionName } from './partition.ts';
import { policyTestSchema } from './policy-tests.ts';
import { portalSchema } from './portal.ts';
import { storeSchema } from './store.ts';
import { auditSchema } from './trail/trail-section.ts';
import { trustProxyHopsSchema, trustProxySchema } from './trust-proxy.ts';

const identityProviderShape = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be lower-case letters, digits and hyphens'),
  label: z.string().min(1).max(80),
  /** SAML. */
  metadata: z
    .strictObject({
      file: z.string().optional(),
      url: httpUrl.optional(),
      refresh: between(5, 7 * 24 * 60).default(12 * 3_600_000),
      entityId: z.string().optional(),
      /** Pinned: who must have signed the document. The file may hold several, for their rollover. */
      signingCertificate: z.string().optional(),
      requireValidUntil: z.boolean().default(false),
      maxValidity: between(60, 400 * 24 * 60).optional(),
    })
    .optional(),
  /** OpenID Connect, in place of metadata. */
  openid: openidSchema.optional(),
  want: z
    .strictObject({ assertionsSigned: z.boolean().default(true), responseSigned: z.boolean().default(false) })
    .prefault({}),
  /** IdP-initiated sign-in, and the paths that its RelayState may name. */
  unsolicited: z
    .strictObject({
      allowed: z.boolean().default(false),
      returnTo: z.array(z.string().regex(/^\/(?![/\\])/)).default([]),
    })
    .prefault({}),
  clockSkew: between(0, 5).default(180_000),
  /** SAML: AuthnInstant is the moment when the person signed in there, not that of the answer. */
  trustAuthnInstant: z.boolean().default(false),
  attributes: z.strictObject({
    user: z.union([z.string().min(1), z.strictObject({ nameId: z.literal(true) })]),
    groups: z.string().min(1).default('http://schemas.xmlsoap.org/claims/Group'),
    displayName: z.string().min(1).default('http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name'),
  }),
  authnContexts: z.record(z.string(), z.array(z.string().min(1)).min(1)).default({}),
});

const identityProvider = z
  .preprocess(withClaimNames, identityProviderShape)
  .refine(({ metadata, openid }) => (metadata === undefined) !== (openid === undefined), {
    message: 'give either metadata (SAML) or openid (OpenID Connect)',
  });

/** Core §8.3.6, saml2int SDP-G04: an absolute URI of at most 256 characters. */
const entityId = z
  .string()
  .max(256)
  .regex(/^[A-Za-z][A-Za-z0-9+.-]*:[!-~]+$/, 'is not an absolute URI');

const serviceProvider = z.strictObject({
  entityId,
  signing: signingPair.optional(),
  /** Published beside the key in use, before they take its place. */
  nextSigning: z
    .array(z.strictObject({ cert: z.string(), key: z.string().optional() }))
    .max(4)
    .default([]),
  /** Off by default: AD FS encrypts with CBC as soon as it sees a key. Two keys for a rollover. */
  encryption: z.array(keyPair).max(2).default([]),
  metadata: z
    .strictObject({ signed: z.boolean().default(false), validFor: between(24 * 60, 400 * 24 * 60).optional() })
    .prefault({}),
  contact: z.strictObject({ name: line(80), email: z.email() }).optional(),
  organization: z.strictObject({ name: line(80), url: httpUrl }).optional(),
});

const condition: z.ZodType<FileCondition> = z.lazy(() =>
  z.union(
    [
      z.strictObject({ group: z.string().min(1) }),
      z.strictObject({ groupPattern: z.string().min(1).max(512) }),
      z.strictObject({ claim: z.string().min(1), value: z.string().min(1) }),
      z.strictObject({ any: z.array(condition).min(1) }),
      z.strictObject({ all: z.array(condition).min(1) }),
      z.strictObject({ not: condition }),
    ],
    { error: 'must be one of group, groupPattern, claim with value, any, all, not' },
  ),
);

export type FileCondition =
  | { group: string }
  | { groupPattern: string }
  | { claim: string; value: string }
  | { any: FileCondition[] }
  | { all: FileCondition[] }
  | { not: FileCondition };

const rule = z.strictObject({
  name: z.string().min(1).max(120),
  /** Whom to ask for what the rule grants, in words that people read. */
  ask: z.string().min(1).max(300).optional(),
  /** Ids of the identity providers whose groups count for this rule; every one's by default. */
  identityProviders: z.array(z.string()).min(1).optional(),
  when: condition,
  grant: z.strictObject({
    accounts: z.array(z.string().min(1)).min(1),
    role: z.string().min(1),
    maxDuration: between(15, 36 * 60).default(3_600_000),
    require: requirement,
    sourceIdentity: z.boolean().default(true),
    description: z.string().max(300).optional(),
    /** The role's MaxSessionDuration, so that pages do not offer more. */
    roleMaxDuration: between(60, 12 * 60).optional(),
    ...sessionFields,
  }),
});

const account = z.strictObject({
  id: z.string().regex(/^\d{12}$/, "must be 12 digits in quotes: YAML drops a number's leading zeros"),
  // IAM API CreateAccountAlias: twelve digits are refused there too, or an alias could pass for another account's id.
  alias: z.string().regex(/^(?!\d{12}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, {
    message: 'must be lower-case letters, digits and hyphens, and not look like an account id',
  }),
  name: z.string().min(1).max(120).optional(),
  environment: z.string().min(1).max(40).optional(),
  region: regionName.optional(),
  owner: z.string().min(1).max(120).optional(),
  labels: z.array(z.string().min(1).max(40)).max(20).default([]),
  /** Name of its SAML provider, in place of aws.provider. */
  provider: providerName.optional(),
  mode: federationMode.optional(),
  externalId: externalId.optional(),
});

/** What the file holds once ${…} is filled in. Durations come out in milliseconds. */
export const configSchema = z.strictObject({
  mode: z.enum(['production', 'development']).default('production'),
  /** Comes out as an origin, without trailing slash. */
  baseUrl: httpUrl
    .refine((text) => !URL.canParse(text) || (new URL(text).pathname === '/' && !/[?#]/.test(text)), {
      message: 'must be an origin: no path, query or fragment',
    })
    .transform((text) => new URL(text).origin),
  listen: z.strictObject({
    host: z.string().default('127.0.0.1'),
    port,
    trustProxy: trustProxySchema.default([]),
    /** How many proxies a request passes at most; for networks that contain other machines too. */
    trustProxyHops: trustProxyHopsSchema.optional(),
    tls: keyPair.optional(),
  }),
  operations: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port,
      /** After SIGTERM: not ready, but still serving. */
      drainDelay: between(0, 5).optional(),
    })
    .prefault({ port: 8083 }),
  store: storeSchema,
  session: z
    .strictObject({
      idleTimeout: between(1, 24 * 60).default(3_600_000),
      absoluteTimeout: between(5, 24 * 60).default(10 * 3_600_000),
      secrets: z.array(z.string().min(32, 'must have at least 32 characters')).min(1),
    })
    .refine(({ idleTimeout, absoluteTimeout }) => idleTimeout <= absoluteTimeout, {
      path: ['idleTimeout'],
      message: 'is longer than absoluteTimeout',
    })
    .transform(({ idleTimeout, absoluteTimeout, secrets }) => ({
      idleTimeoutMs: idleTimeout,
      absoluteTimeoutMs: absoluteTimeout,
      secrets,
    })),
  serviceProvider,
  identityProviders: z.array(identityProvider).min(1),
  aws: awsSchema,
  /** With those of accountsFrom, once it has been read. */
  accounts: z.array(account),
  accountsFrom: accountsFromSchema.optional(),
  rules: z.array(rule),
  /** Files of teams with accounts, rules and tests; `*` matches a part of a name. Already read when this is checked. */
  include: z.array(z.string().min(1)).default([]),
  /** Who has which role, and who must not. */
  tests: z.array(policyTestSchema).default([]),
  /** Who can neither sign in nor get anything, compared without regard to case. */
  deny: z
    .strictObject({ users: z.array(z.string().min(1)).default([]), groups: z.array(z.string().min(1)).default([]) })
    .prefault({}),
  offboarding: offboardingSchema.prefault({}),
  audit: auditSchema.prefault({}),
  limits: limitsSchema.prefault({}),
  /** How often a second verifier checks what the first has accepted. It can only reject. */
  verification: z.strictObject({ reference: z.enum(['always', 'sampled', 'never']).default('sampled') }).prefault({}),
  /** Spans for the OpenTelemetry SDK that the operator brings. */
  tracing: z.strictObject({ enabled: z.boolean().default(false) }).prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
  portal: portalSchema.prefault({}),
  /** Sign-in of the `rolegate` command; remote: by a code that a person copies; dpop: tokens that need the machine's key. */
  commandLine: z
    .strictObject({
      enabled: z.boolean().default(true),
      remoteLogin: z.boolean().default(true),
      requireDpop: z.boolean().default(false),
      /** Folder with a signed release of `rolegate`. */
      releases: z.string().min(1).optional(),
    })
    .prefault({}),
});

/** The file with its defaults, before the files that it names are read. */
export type ConfigFile = z.output<typeof configSchema>;
