// Loads a changed configuration for a process that runs: the whole file is judged, and what takes effect is its live part
// together with the settings that the process was started with.
import type { Config } from '../config.ts';
import { ConfigError } from '../config.ts';
import { compileAs, compileConfig, readConfigFile, sourceAt } from '../load.ts';
import { isRecord } from '../text/include.ts';
import type { Environment } from '../text/interpolate.ts';
import { type Change, type ConfigTree, diffConfig } from './diff.ts';

/** Sections that take effect at once. All others belong to listeners, stores, keys and sinks, which a process opens once. */
const liveSections = [
  'include',
  'accounts',
  'accountsFrom',
  'rules',
  'tests',
  'deny',
  'offboarding',
  'identityProviders',
  'portal',
  'limits',
  'log',
  'commandLine',
] as const;

export interface ChangedConfig {
  readonly config: Config;
  /** What takes effect. */
  readonly changes: readonly Change[];
  /** Paths of settings and key files that are different in the file and need a restart. */
  readonly needRestart: readonly string[];
}

/** @throws ConfigError if the file is not good, or its live part does not fit the settings that the process has */
export async function loadLive(
  running: Config,
  file: string,
  { env, now }: { readonly env: Environment; readonly now: Date },
): Promise<ChangedConfig> {
  const from = { ...sourceAt(file, env, now), inForce: running.source.organization };
  const read = await readConfigFile(from);
  const whole = await compileConfig(read, from);
  const { live, rest } = compareConfigs(running, whole);
  const [raw, value] = [merged(running.source.raw, whole.source.raw), merged(running.source.value, whole.source.value)];
  const unchanged = `${file} (with the settings that need a restart as they are: ${rest.join(', ')})`;
  const config =
    rest.length === 0
      ? whole
      : await compileAs(
          { ...read, organization: whole.source.organization, raw, value },
          { ...from, source: unchanged },
        );
  return { config: { ...config, ...startedWith(running, config) }, changes: live, needRestart: rest };
}

/** What of the newer configuration takes effect in a process that has the older one, and what needs a restart. */
export function compareConfigs(older: Config, newer: Config): { live: readonly Change[]; rest: readonly string[] } {
  const changes = diffConfig(older.source, newer.source);
  const [before, after] = [keysOf(older), keysOf(newer)];
  const keys = Object.keys(after).filter((path) => before[path] !== after[path]);
  const rest = [...changes.map(({ path }) => path), ...keys].filter((path) => !isLive(path));
  return { live: changes.filter(({ path }) => isLive(path)), rest: [...new Set(rest)] };
}

function isLive(path: string): boolean {
  return liveSections.some((section) => /^\w+/.exec(path)?.[0] === section);
}

/** What the files of keys hold, by the setting that names them: a new key has a new certificate. */
function keysOf({ aws, serviceProvider, listen, store, audit }: Config): Readonly<Record<string, string>> {
  const { signing, nextSigning, encryption } = serviceProvider;
  const keys = {
    'aws.signing': aws.signing.certificate,
    'aws.nextSigning': aws.nextSigningCertificate,
    'aws.webIdentity': aws.webIdentity?.keys.map(({ keyId }) => keyId),
    'serviceProvider.signing': signing?.certificate,
    'serviceProvider.nextSigning': nextSigning,
    'serviceProvider.encryption': encryption.map(({ certificate }) => certificate),
    'listen.tls': listen.tls?.cert,
    'audit.signing': audit.signing?.signer?.publicKey.export({ type: 'spki', format: 'pem' }),
    'store.ca': store.type === 'redis' ? store.ca : undefined,
  };
  return Object.fromEntries(Object.entries(keys).map(([path, value]) => [path, String(value)]));
}

function merged(older: ConfigTree['raw'], newer: ConfigTree['raw']): unknown {
  if (!isRecord(older) || !isRecord(newer)) throw new ConfigError('configuration', ['is not a mapping']);
  const rest = Object.entries(older).filter(([key]) => !isLive(key));
  return { ...Object.fromEntries(rest), ...Object.fromEntries(Object.entries(newer).filter(([key]) => isLive(key))) };
}

/** Sections of the running process, with the keys that it has read. */
function startedWith(running: Config, { aws }: Config) {
  const { mode, baseUrl, acsUrl, listen, operations, store, session, serviceProvider, audit } = running;
  const { verification, tracing } = running;
  const { signing, nextSigningCertificate, webIdentity } = running.aws;
  return {
    ...{ mode, baseUrl, acsUrl, listen, operations, store, session, serviceProvider, audit },
    ...{ verification, tracing },
    aws: { ...aws, signing, nextSigningCertificate, webIdentity },
  };
}
