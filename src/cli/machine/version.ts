// The version of this command. The build puts the version of package.json into the one file.
import { readFileSync } from 'node:fs';
import { type CliContext, print } from './context.ts';

declare const ROLEGATE_VERSION: string | undefined;

export function ownVersion(): string {
  if (typeof ROLEGATE_VERSION === 'string') return ROLEGATE_VERSION;
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

export function printVersion(context: CliContext, { json }: { readonly json?: boolean }): void {
  const { node } = process.versions;
  const facts = { version: ownVersion(), node, platform: context.platform, architecture: process.arch };
  const line = `rolegate ${facts.version} (Node ${node}, ${facts.platform} ${facts.architecture})`;
  print(context, json ? JSON.stringify(facts, null, 2) : line);
}
