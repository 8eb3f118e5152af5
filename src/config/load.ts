// Reads the configuration file: parse, fill in, check against the schema, read the files it names, compile the policy.
// Every problem is reported at once, with its path.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { Partition } from '../aws/partitions.ts';
import { claimNamesOf, compilePolicy } from './compile-policy.ts';
import { type Config, ConfigError, type IdentityProvider } from './config.ts';
import { type Federation, literalSecrets, resolveFederation } from './federation.ts';
import { readCertificate, resolveIdentityProviders } from './identity-provider.ts';
import { type Environment, interpolate } from './interpolate.ts';
import { type LoadContext, type LoadedKeyPair, loadKeyPair, loadTlsKeyPair, readText } from './keys.ts';
import { type KeyFiles, makeMissingKeys } from './make-keys.ts';
import { type OpenidProvider, resolveOpenidProviders } from './openid-provider.ts';
import { resolvePartition } from './partition.ts';
import { type Portal, resolvePortal } from './portal.ts';
import { relaxedRules } from './production.ts';
import { configSchema, type RawConfig } from './schema.ts';
import { resolveServiceProvider } from './service-provider.ts';
import { resolveWebIdentity, type WebIdentitySettings } from './web-identity.ts';

/** @throws ConfigError with every problem found */
export async function loadConfig(file: string, env: Environment, now: Date): Promise<Config> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(file, [`cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`]);
  }
  return parseConfig(text, { source: file, directory: dirname(resolve(file)), env, now });
}

export interface ConfigSource {
  /** What to call it in messages. */
  readonly source: string;
  /** Paths in the text are relative to it. */
  readonly directory: string;
  readonly env: Environment;
  readonly now: Date;
}

/** As loadConfig, for text. */
export async function parseConfig(text: string, from: ConfigSource): Promise<Config> {
  const problems: string[] = [];
  const { sections, raw } = parseRaw(text, from, problems);
  const isDevelopment = sections.mode === 'development';
  const made = isDevelopment ? await makeMissingKeys(keyFilesOf(sections), from.directory, from.now) : [];
  const parts = resolveParts(sections, { directory: from.directory, problems, now: from.now });
  const config = raw && assemble(raw, parts);
  if (!config) throw new ConfigError(from.source, problems);
  const relaxed = relaxedRules(config, from.env);
  if (config.mode === 'production') problems.push(...relaxed);
  if (problems.length > 0) throw new ConfigError(from.source, problems);
  return { ...config, warnings: [...made.map((key) => `${key}: made a new key pair`), ...relaxed] };
}

/** The sections that are good by themselves. */
type Sections = { readonly [Key in keyof RawConfig]?: RawConfig[Key] | undefined };

function keyFilesOf({ aws, serviceProvider, listen }: Sections): KeyFiles[] {
  return [aws?.signing, serviceProvider?.signing, ...(serviceProvider?.encryption ?? []), listen?.tls].filter(
    (pair) => pair !== undefined,
  );
}

function parseRaw(
  text: string,
  { directory, env }: { directory: string; env: Environment },
  problems: string[],
): { sections: Sections; raw?: RawConfig } {
  const document = parseDocument(text);
  problems.push(...document.errors.map((error) => error.message.split('\n')[0]!));
  if (document.errors.length > 0) return { sections: {} };
  problems.push(...literalSecrets(document.toJS()));
  const value = interpolate(document.toJS(), directory, env, problems);
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return { sections: parsed.data, raw: parsed.data };
  problems.push(...parsed.error.issues.flatMap(describeIssue));
  return { sections: goodSections(value, parsed.error.issues) };
}

// One round of corrections is enough if what is wrong with the other sections' files and rules is said as well.
function goodSections(value: unknown, issues: readonly Issue[]): Sections {
  if (value === null || typeof value !== 'object') return {};
  const broken = new Set(issues.map(({ path }) => path[0]));
  const good = Object.entries(value).filter(([key]) => Object.hasOwn(configSchema.shape, key) && !broken.has(key));
  return configSchema.partial().safeParse(Object.fromEntries(good)).data ?? {};
}

interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

function describeIssue(issue: Issue): string[] {
  const path = issue.path.reduce<string>(
    (sofar, part) =>
      typeof part === 'number' ? `${sofar}[${part}]` : sofar === '' ? String(part) : `${sofar}.${String(part)}`,
    '',
  );
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? []).map((key) => `${path === '' ? key : `${path}.${key}`}: unknown key`);
  }
  return [`${path === '' ? '(top level)' : path}: ${issue.message}`];
}

interface Parts {
  readonly policy: Config['policy'] | undefined;
  readonly partition: Partition | undefined;
  readonly federation: Federation | undefined;
  readonly webIdentity: WebIdentitySettings | undefined;
  readonly minting: LoadedKeyPair | undefined;
  readonly nextMinting: string | undefined;
  readonly serviceProvider: Config['serviceProvider'] | undefined;
  readonly identityProviders: readonly IdentityProvider[];
  readonly openidProviders: readonly OpenidProvider[];
  readonly tls: Config['listen']['tls'];
  readonly store: Config['store'] | undefined;
  readonly audit: Config['audit'] | undefined;
  readonly portal: Portal | undefined;
}

function resolveParts(sections: Sections, context: LoadContext): Parts {
  const { problems } = context;
  const { accounts, rules, aws, identityProviders, serviceProvider, session, listen, store, audit, portal } = sections;
  if (session && session.idleTimeout > session.absoluteTimeout)
    problems.push('session.idleTimeout: is longer than absoluteTimeout');
  const isPolicy = accounts && rules && aws && identityProviders && portal;
  const nextMinting = aws?.nextSigning;
  return {
    policy: isPolicy && compilePolicy({ accounts, rules, aws, identityProviders, portal }, problems),
    partition: aws && resolvePartition(aws, accounts ?? [], problems),
    webIdentity: aws && resolveWebIdentity(aws.webIdentity, baseUrlOf(sections), context),
    federation: accounts && aws && portal && resolveFederation({ accounts, aws, portal }, problems),
    minting: aws && loadKeyPair(aws.signing, 'aws.signing', context),
    nextMinting: nextMinting === undefined ? undefined : readCertificate(nextMinting, 'aws.nextSigning', context),
    serviceProvider: serviceProvider && resolveServiceProvider(serviceProvider, context),
    identityProviders: resolveIdentityProviders(identityProviders ?? [], context),
    openidProviders: resolveOpenidProviders(identityProviders ?? [], problems),
    tls: listen?.tls && readTls(listen.tls, context),
    store: store && resolveStore(store, context),
    audit: audit?.type === 'file' ? { ...audit, path: resolve(context.directory, audit.path) } : audit,
    portal: portal && resolvePortal(portal, context),
  };
}

/** Only the origin counts; empty where it is not a good one, which is said elsewhere. */
function baseUrlOf({ baseUrl }: Sections): string {
  return baseUrl === undefined ? '' : new URL(baseUrl).origin;
}

function assemble(raw: RawConfig, parts: Parts): Config | undefined {
  const { policy, partition, federation, minting, store, audit, serviceProvider, portal } = parts;
  if (!policy || !partition || !federation || !minting || !store || !audit || !serviceProvider || !portal)
    return undefined;
  const baseUrl = new URL(raw.baseUrl).origin;
  const { idleTimeout, absoluteTimeout, secrets } = raw.session;
  return {
    mode: raw.mode,
    baseUrl,
    acsUrl: `${baseUrl}/saml/acs`,
    listen: { ...raw.listen, tls: parts.tls },
    operations: raw.operations,
    store,
    session: { idleTimeoutMs: idleTimeout, absoluteTimeoutMs: absoluteTimeout, secrets },
    serviceProvider,
    identityProviders: parts.identityProviders,
    openidProviders: parts.openidProviders,
    signInSystems: raw.identityProviders.flatMap(
      ({ id }) => [...parts.identityProviders, ...parts.openidProviders].find((each) => each.id === id) ?? [],
    ),
    aws: {
      partition,
      region: raw.aws.region,
      fallbackRegions: raw.aws.fallbackRegions,
      fips: raw.aws.fips,
      issuer: raw.aws.issuer,
      signing: minting,
      nextSigningCertificate: parts.nextMinting,
      endpoints: { sts: raw.aws.endpoints.sts, signin: raw.aws.endpoints.signin, iam: raw.aws.endpoints.iam },
      ...federation,
      webIdentity: parts.webIdentity,
    },
    policy,
    claimNames: claimNamesOf(policy),
    audit,
    limits: raw.limits,
    logLevel: raw.log.level,
    portal,
    commandLine: raw.commandLine,
    warnings: [],
  };
}

function readTls(tls: { key: string; cert: string }, context: LoadContext): Config['listen']['tls'] {
  loadTlsKeyPair(tls, 'listen.tls', context);
  const key = readText(tls.key, 'listen.tls.key', { ...context, problems: [] });
  const cert = readText(tls.cert, 'listen.tls.cert', { ...context, problems: [] });
  return key !== undefined && cert !== undefined ? { key, cert } : undefined;
}

function resolveStore(raw: RawConfig['store'], context: LoadContext): Config['store'] {
  if (raw.type === 'memory') return raw;
  const ways = [raw.url, raw.sentinels, raw.cluster].filter((way) => way !== undefined).length;
  if (ways !== 1) context.problems.push('store: give one of url, sentinels, cluster');
  const ca = raw.ca === undefined ? undefined : readText(raw.ca, 'store.ca', context);
  const { url, sentinels, cluster, username, password, tls, keyPrefix } = raw;
  return { type: 'redis', url, sentinels, cluster, username, password, ca, tls, keyPrefix };
}
