// `rolegate-server verification`: identity providers that the reference verifier disagreed with.
import type { Command } from 'commander';
import { type Config, ConfigError } from '../../config/config.ts';
import { createLogger } from '../../log.ts';
import { openDistrustedIdps } from '../../wiring/stores.ts';
import { type ConfigOption, configOption, print, type ServerContext } from '../context.ts';
import { withOperatorAudit } from './operator-audit.ts';
import { operator } from './with-administration.ts';

export function addVerification(program: Command, context: ServerContext): void {
  const verification = program.command('verification').description('the second check of accepted SAML responses');
  verification
    .command('status')
    .description('list the identity providers whose every response is checked twice')
    .addOption(configOption())
    .action(async (options: ConfigOption) => {
      const idps = await withList(context, await context.load(options), (list) => list.list());
      print(context, idps.length === 0 ? 'no identity provider is distrusted' : idps.join('\n'));
    });
  verification
    .command('reset')
    .description('resume sampling for an identity provider after the disagreement is explained')
    .requiredOption('--idp <id>', 'id of the identity provider in the configuration')
    .addOption(configOption())
    .action(async (options: ConfigOption & { idp: string }) => {
      const { idp } = options;
      const config = await context.load(options);
      const isRemoved = await withList(context, config, async (list) => {
        if (!(await list.list()).includes(idp)) return false;
        // Before it takes effect: what the broker checks less is on record.
        await withOperatorAudit(context, config, (audit) =>
          audit.record({ event: 'verification_reset', by: operator(), idp }, undefined),
        );
        return list.remove(idp);
      });
      print(context, isRemoved ? `${options.idp} is checked by samples again` : `${options.idp} was not in the list`);
      if (!isRemoved) context.fail();
    });
}

type List = NonNullable<Awaited<ReturnType<typeof openDistrustedIdps>>>['distrusted'];

async function withList<T>(context: ServerContext, config: Config, use: (list: List) => Promise<T>): Promise<T> {
  const log = createLogger('warn', context.stderr);
  const opened = await openDistrustedIdps(config, { ...context, log });
  if (!opened) throw new ConfigError('store', ['memory is not shared: restart the broker to reset it']);
  try {
    return await use(opened.distrusted);
  } finally {
    await opened.close();
  }
}
