// `rolegate-server metadata`: the broker's own documents, and reading those of the identity providers now.
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { ConfigError } from '../../config/config.ts';
import { createLogger } from '../../log.ts';
import { publishMetadata } from '../../wiring/published-metadata.ts';
import { openMetadataCopies } from '../../wiring/stores.ts';
import { type ConfigOption, configOption, oneOf, print, type ServerContext } from '../context.ts';
import { refreshMetadata } from '../metadata-refresh.ts';
import { writeWebIdentityDocuments } from '../web-identity-documents.ts';
import { withOperatorAudit } from './operator-audit.ts';
import { operator } from './with-administration.ts';

type Document = 'sp' | 'aws' | 'oidc' | 'refresh';

export function addMetadata(program: Command, context: ServerContext): void {
  program
    .command('metadata')
    .description(
      "our metadata (sp for the identity provider, aws for IAM, oidc as files for AWS), or read the identity providers' now (refresh)",
    )
    .argument('<which>', 'sp, aws, oidc or refresh', oneOf('sp', 'aws', 'oidc', 'refresh'))
    .option('--out <path>', 'sp, aws: the file to write; oidc: the directory, by default the current one')
    .option('--dry-run', 'refresh: store nothing', false)
    .addOption(configOption())
    .action(async (which: Document, options: ConfigOption & { dryRun: boolean; out?: string }) => {
      const { out } = options;
      if (which === 'refresh' && out !== undefined) throw new ConfigError('--out', ['is for sp, aws and oidc']);
      // Identity providers may give their metadata only to those whose metadata they know.
      const config = await context.load(options, { ignoresIdpMetadata: which !== 'refresh' });
      if (which === 'oidc') return print(context, writeWebIdentityDocuments(config, out ?? '.').join('\n'));
      if (which !== 'refresh') {
        const published = publishMetadata(config, context.clock);
        const xml = which === 'sp' ? await published.sp() : published.aws;
        if (out !== undefined) writeFileSync(out, `${xml.trimEnd()}\n`);
        return print(context, out ?? xml);
      }
      const { clock, random, stderr } = context;
      const shared = await openMetadataCopies(config, { clock, random, log: createLogger(config.logLevel, stderr) });
      const copies = shared?.copies;
      const { text, isGood } = await refreshMetadata(config, {
        clock,
        copies,
        fetch: globalThis.fetch,
        isDryRun: options.dryRun,
        onStore: (idp, certificates) =>
          withOperatorAudit(context, config, (audit) =>
            audit.record({ event: 'metadata_stored', by: operator(), idp, certificates }, undefined),
          ),
      });
      await shared?.close();
      print(context, text);
      if (!isGood) context.fail();
    });
}
