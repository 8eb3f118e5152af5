// `rolegate-server template`: what an account needs, as a CloudFormation or Terraform template.
import type { Command } from 'commander';
import type { TemplateFormat } from '../../provisioning/template.ts';
import { publishMetadata } from '../../wiring/published-metadata.ts';
import { oneOf, print, type ServerContext } from '../context.ts';
import { addPlanOptions, type PlanOptions, provisioningOptions } from '../plan-options.ts';

const templateFormats: readonly TemplateFormat[] = ['cloudformation', 'terraform'];

export function addTemplate(program: Command, context: ServerContext): void {
  const command = program
    .command('template')
    .description(
      'provider, roles and trust policies of the configuration, for an account or for all that need the same',
    )
    .argument('<format>', templateFormats.join(' or '), oneOf(...templateFormats));
  addPlanOptions(command).action(async (format: TemplateFormat, options: PlanOptions) => {
    // Loaded on use, so that a serving broker does without it.
    const { writeTemplate } = await import('../../provisioning/template.ts');
    const config = await context.load(options);
    const { text, notes } = writeTemplate(config, {
      ...(await provisioningOptions(options)),
      format,
      account: options.account,
      metadata: publishMetadata(config, context.clock).aws,
    });
    print(context, text);
    for (const note of notes) context.stderr.write(`note: ${note}\n`);
  });
}
