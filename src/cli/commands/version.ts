// `rolegate version`, and what the command knows of itself. The build puts the version of package.json into the one file.
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import { type CliContext, print } from '../machine/context.ts';

declare const ROLEGATE_VERSION: string | undefined;

export function ownVersion(): string {
  if (typeof ROLEGATE_VERSION === 'string') return ROLEGATE_VERSION;
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(manifest)).version;
}

export function addVersion(program: Command, context: CliContext): void {
  program
    .command('version')
    .description('print the version')
    .option('--json', 'print JSON')
    .action(({ json }: { json?: boolean }) => {
      const { node } = process.versions;
      const facts = { version: ownVersion(), node, platform: context.platform, architecture: process.arch };
      const line = `rolegate ${facts.version} (Node ${node}, ${facts.platform} ${facts.architecture})`;
      print(context, json ? JSON.stringify(facts, null, 2) : line);
    });
}
