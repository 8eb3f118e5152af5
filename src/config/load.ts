// Reads the configuration file: parse, fill in, check against the schema, read the files it names, compile the policy.
// Every problem is reported at once, with its path.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { decodeText } from '../text-encoding.ts';
import { type Config, ConfigError } from './config.ts';
import { literalFederationSecrets } from './federation.ts';
import { type Environment, interpolate } from './interpolate.ts';
import type { LoadContext } from './keys.ts';
import { makeMissingKeys } from './make-keys.ts';
import { replaceableFiles, type TrustedFile } from './production/replaceable-files.ts';
import { literalSecrets } from './production/secrets.ts';
import { type ProcessSettings, relaxedRules } from './production.ts';
import { resolveSections, type ValidSections } from './resolve.ts';
import { configSchema } from './schema.ts';

/** @throws ConfigError with every problem found */
export async function loadConfig(
  file: string,
  env: Environment,
  now: Date,
  options: LoadOptions = {},
): Promise<Config> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new ConfigError(file, [`cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`]);
  }
  const at = { source: file, file: resolve(file), directory: dirname(resolve(file)) };
  return parseConfig(decode(bytes, file), { ...at, env, now, execArgv: process.execArgv, ...options });
}

function decode(bytes: Buffer, file: string): string {
  try {
    return decodeText(bytes);
  } catch (error) {
    throw new ConfigError(file, [(error as Error).message]);
  }
}

export interface LoadOptions {
  /** The configuration may be complete but for the metadata files of identity providers. */
  readonly ignoresIdpMetadata?: boolean;
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
  const { directory, now } = from;
  const problems: string[] = [];
  const trustedFiles: TrustedFile[] =
    from.file === undefined ? [] : [{ path: 'configuration', file: from.file, kind: 'public' }];
  const sections = parseSections(text, from, { problems, trustedFiles });
  const { aws, serviceProvider, listen } = sections;
  const keyFiles = [aws?.signing, serviceProvider?.signing, ...(serviceProvider?.encryption ?? []), listen?.tls];
  const made = sections.mode === 'development' ? await makeMissingKeys(keyFiles, directory, now) : [];
  const { ignoresIdpMetadata = false } = from;
  const context = { directory, problems, now, ignoresIdpMetadata, trustedFiles };
  const config = { ...resolveSections(sections, context), warnings: [] };
  if (!isComplete(config)) throw new ConfigError(from.source, problems);
  const relaxed = [
    ...relaxedRules(config, from),
    ...literalSecrets(parseDocument(text).toJS()),
    ...replaceableFiles(trustedFiles),
  ];
  if (config.mode === 'production') problems.push(...relaxed);
  if (problems.length > 0) throw new ConfigError(from.source, problems);
  return { ...config, warnings: [...made.map((key) => `${key}: made a new key pair`), ...relaxed] };
}

function isComplete(config: { readonly [Key in keyof Config]: Config[Key] | undefined }): config is Config {
  return Object.values(config).every((section) => section !== undefined);
}

/** All sections, or those that are valid by themselves: one round then shows the problems of files and rules too. */
function parseSections(
  text: string,
  { directory, env }: ConfigSource,
  context: Pick<LoadContext, 'problems' | 'trustedFiles'>,
): ValidSections {
  const { problems } = context;
  const document = parseDocument(text);
  problems.push(...document.errors.map((error) => error.message.split('\n')[0]!));
  if (document.errors.length > 0) return {};
  problems.push(...literalFederationSecrets(document.toJS()));
  const value = interpolate(document.toJS(), { ...context, directory, env });
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  problems.push(...issues.flatMap(describeIssue));
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
