// The version of this command. The build puts the version of package.json into the one file.
import { readFileSync } from 'node:fs';
import { type CliContext, print } from './context.ts';

declare const ROLEGATE_VERSION: string | undefined;
/** Set by the build: public keys of the company's releases. */
declare const ROLEGATE_RELEASE_KEYS: readonly string[] | undefined;

export function ownVersion(): string {
  if (typeof ROLEGATE_VERSION === 'string') return ROLEGATE_VERSION;
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** Those that `rolegate update` trusts; none where it runs from its sources or was built without. */
export function releaseKeys(): readonly string[] {
  return typeof ROLEGATE_RELEASE_KEYS === 'undefined' ? [] : ROLEGATE_RELEASE_KEYS;
}

/** Of versions such as `1.20.3`. */
export function isNewerVersion(version: string, other: string): boolean {
  return version.localeCompare(other, 'en', { numeric: true }) > 0;
}

export function printVersion(context: CliContext, { json }: { readonly json?: boolean }): void {
  const { node } = process.versions;
  const facts = { version: ownVersion(), node, platform: context.platform, architecture: process.arch };
  const line = `rolegate ${facts.version} (Node ${node}, ${facts.platform} ${facts.architecture})`;
  print(context, json ? JSON.stringify(facts, null, 2) : line);
}
