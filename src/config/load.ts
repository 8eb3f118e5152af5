// Reads the configuration file: parse, fill in, check against the schema, read the files it names, compile the policy.
// Every problem is reported at once, with its path.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { decodeText } from '../text-encoding.ts';
import type { AccountList } from './accounts/last-good.ts';
import type { WithOrganization } from './accounts/organization.ts';
import { type Config, ConfigError, type ConfigText, type WatchedPaths } from './config.ts';
import { literalFederationSecrets } from './federation.ts';
import { makeMissingKeys } from './make-keys.ts';
import { policyTestProblems } from './policy-tests.ts';
import { replaceableFiles, type TrustedFile } from './production/replaceable-files.ts';
import { literalSecrets } from './production/secrets.ts';
import { type ProcessSettings, relaxedRules } from './production.ts';
import { resolveSections, type ValidSections } from './resolve.ts';
import { configSchema } from './schema.ts';
import { standIn } from './text/aws-reference.ts';
import { includeFiles, isRecord } from './text/include.ts';
import { type AwsAnswer, type Environment, interpolate } from './text/interpolate.ts';
import { readYaml } from './text/read-yaml.ts';

/** @throws ConfigError with every problem found */
export async function loadConfig(
  file: string,
  env: Environment,
  now: Date,
  options: LoadOptions = {},
): Promise<Config> {
  const from = { ...sourceAt(file, env, now), ...options };
  return compileConfig(await readConfigFile(from), from);
}

/** Where a configuration file and what it names are found. */
export function sourceAt(file: string, env: Environment, now: Date): ConfigSource {
  const path = resolve(file);
  return { source: file, file: path, directory: dirname(path), env, now, execArgv: process.execArgv };
}

/** @throws ConfigError if it cannot be read or is not YAML */
export function readConfigFile(from: ConfigSource): Promise<ReadConfig> {
  return readConfig(readText(from), from);
}

/** What to look at for changes: also where a file is named that is not good yet. */
export function watchedBy(file: string, env: Environment, now: Date): WatchedPaths {
  try {
    const from = sourceAt(file, env, now);
    const { files, folders } = fillIn(readText(from), from, withoutAws);
    return { files, folders };
  } catch {
    return { files: [resolve(file)], folders: [] };
  }
}

function readText({ source, file = source }: ConfigSource): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new ConfigError(source, [`cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`]);
  }
  try {
    return decodeText(bytes);
  } catch (error) {
    throw new ConfigError(source, [(error as Error).message]);
  }
}

export interface LoadOptions {
  /** The configuration may be complete but for the metadata files of identity providers. */
  readonly ignoresIdpMetadata?: boolean;
  /** Asks AWS for nothing: secrets that are in AWS have stand-ins. */
  readonly isOffline?: boolean;
  /** Accounts of AWS Organizations that the running process has. */
  readonly inForce?: AccountList | undefined;
}

export interface ConfigSource extends LoadOptions, ProcessSettings {
  /** What to call it in messages. */
  readonly source: string;
  /** Where the text comes from, absolute, if from a file. */
  readonly file?: string;
  /** Paths in the text are relative to it. */
  readonly directory: string;
  readonly now: Date;
}

/** As loadConfig, for text. */
export async function parseConfig(text: string, from: ConfigSource): Promise<Config> {
  return compileConfig(await readConfig(text, from), from);
}

/** A configuration as text: read, but not judged. */
export interface ReadConfig extends Omit<ConfigText, 'version'> {
  readonly problems: string[];
  readonly trustedFiles: readonly TrustedFile[];
  /** The same with the accounts that an organization had before. */
  readonly before?: WithOrganization;
  /** Names the file of a team in the place of the whole. */
  readonly placeOf: (problem: string) => string;
}

async function readConfig(text: string, from: ConfigSource): Promise<ReadConfig> {
  const asked = new Set<string>();
  const draft = fillIn(text, from, (reference) => {
    asked.add(reference);
    return withoutAws(reference);
  });
  if (asked.size === 0) return addOrganization(draft, from);
  // Loaded only now: most configurations refer to nothing in AWS.
  const { answersFromAws } = await import('./text/from-aws.ts');
  const { env, isOffline = false } = from;
  const answers = await answersFromAws(asked, { draft: draft.value, env, isOffline });
  return addOrganization(
    fillIn(text, from, (reference) => answers.get(reference)!),
    from,
  );
}

async function addOrganization(read: ReadConfig, from: ConfigSource): Promise<ReadConfig> {
  if (!isRecord(read.value) || read.value['accountsFrom'] === undefined) return read;
  // Loaded only now: most configurations name every account.
  const { withOrganization } = await import('./accounts/organization.ts');
  const problems = [...read.problems];
  const [now, before] = await withOrganization(read, from, problems);
  return { ...read, problems, ...now, ...(before && { before }) };
}

function withoutAws(reference: string): AwsAnswer {
  return { value: standIn(reference) };
}

function fillIn(text: string, from: ConfigSource, fromAws: (reference: string) => AwsAnswer): ReadConfig {
  const { source, file, directory, env } = from;
  const problems: string[] = [];
  const trustedFiles: TrustedFile[] = file === undefined ? [] : [{ path: 'configuration', file, kind: 'public' }];
  const { value: written, broken } = readYaml(text);
  if (broken.length > 0) throw new ConfigError(source, [...broken]);
  const { raw, folders, placeOf } = includeFiles(written, { directory, problems, trustedFiles });
  const value = interpolate(raw, { directory, env, problems, trustedFiles, fromAws });
  const files = [...new Set(trustedFiles.map((each) => each.file))];
  return { raw, value, files, folders, problems, trustedFiles, placeOf, organization: undefined };
}

/**
 * Judges it as a whole. An organization whose accounts do not fit the rules any more stops nothing: its accounts stay as they
 * were. @throws ConfigError with every problem found
 */
export async function compileConfig(read: ReadConfig, from: ConfigSource): Promise<Config> {
  const { before } = read;
  try {
    return await compileAs(read, from);
  } catch (error) {
    if (!(error instanceof ConfigError) || !before) throw error;
    const problem = `${before.organization.problem}: ${error.problems.join('; ')}`;
    const organization = { ...before.organization, problem };
    return compileAs({ ...read, ...before, organization }, from).catch(() => Promise.reject(error));
  }
}

/** As compileConfig, with these accounts alone. */
export async function compileAs(read: ReadConfig, from: ConfigSource): Promise<Config> {
  const { raw, placeOf } = read;
  const [problems, trustedFiles] = [[...read.problems], [...read.trustedFiles]];
  const { directory, now, ignoresIdpMetadata = false } = from;
  const refuse = () => new ConfigError(from.source, problems.map(placeOf));
  problems.push(...literalFederationSecrets(raw));
  const sections = validSections(read.value, problems);
  const { aws, serviceProvider, listen } = sections;
  const keyFiles = [aws?.signing, serviceProvider?.signing, ...(serviceProvider?.encryption ?? []), listen?.tls];
  const made = sections.mode === 'development' ? await makeMissingKeys(keyFiles, directory, now) : [];
  const context = { directory, problems, now, ignoresIdpMetadata, trustedFiles };
  const config = { ...resolveSections(sections, context), warnings: [], source: textOf(read) };
  if (!isComplete(config)) throw refuse();
  const identityProviders = config.identityProviders.map(({ id }) => id);
  problems.push(...policyTestProblems(sections.tests ?? [], { policy: config.policy, identityProviders, now }));
  const relaxed = [...relaxedRules(config, from), ...literalSecrets(raw), ...replaceableFiles(trustedFiles)];
  if (config.mode === 'production') problems.push(...relaxed);
  if (problems.length > 0) throw refuse();
  return { ...config, warnings: [...made.map((key) => `${key}: made a new key pair`), ...relaxed.map(placeOf)] };
}

function textOf({ raw, value, files, folders, organization }: ReadConfig): ConfigText {
  const version = createHash('sha256').update(JSON.stringify(raw)).digest('hex').slice(0, 12);
  return { raw, value, files, folders, version, organization };
}

function isComplete(config: { readonly [Key in keyof Config]: Config[Key] | undefined }): config is Config {
  return Object.values(config).every((section) => section !== undefined);
}

/** All sections, or those that are valid by themselves: one round then shows the problems of files and rules too. */
function validSections(value: unknown, problems: string[]): ValidSections {
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  problems.push(...issues.flatMap(describeIssue));
  if (!isRecord(value)) return {};
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
