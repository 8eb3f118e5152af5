// `rolegate-server keys`: make a key pair, show those in use, replace one.
import type { Command } from 'commander';
import { ConfigError } from '../../config/config.ts';
import { writeKeyPair } from '../../config/make-keys.ts';
import { type ConfigOption, configOption, oneOf, print, type ServerContext } from '../context.ts';
import { describeKeys, type RotatedKey, rotateKey } from '../keys.ts';
import { withOperatorAudit } from './operator-audit.ts';
import { operator } from './with-administration.ts';

export function addKeys(program: Command, context: ServerContext): void {
  const keys = program.command('keys').description('our key pairs: make one, look at them, replace one');
  keys
    .command('generate')
    .description('make a key pair (PEM, RSA 3072, self-signed)')
    .requiredOption('--key <file>', 'private key to write')
    .requiredOption('--cert <file>', 'certificate to write')
    .option('--name <text>', 'common name of the certificate', 'Rolegate')
    .option(
      '--days <number>',
      'validity',
      (text) => {
        const days = Number(text);
        if (Number.isInteger(days) && days >= 1 && days <= 36_500) return days;
        throw new ConfigError('--days', [`${text} is not a whole number from 1 to 36500`]);
      },
      3650,
    )
    .action(async (options: { key: string; cert: string; name: string; days: number }) => {
      await writeKeyPair(options, options.name, context.clock.now(), options.days);
      print(context, `${options.key} and ${options.cert} written`);
    });
  keys
    .command('status')
    .description('list every key pair in use and the state of its rotation')
    .addOption(configOption())
    .action(async (options: ConfigOption) =>
      print(context, describeKeys(await context.load(options), context.clock.now())),
    );
  keys
    .command('rotate')
    .description('the next step of replacing a pair; run it again for the one after')
    .argument('<which>', 'aws (the minting key) or sp', oneOf('aws', 'sp'))
    .addOption(configOption())
    .action(async (which: RotatedKey, options: ConfigOption) => {
      const config = await context.load(options);
      const { text, done } = await rotateKey(config, which, context.clock.now());
      print(context, text);
      if (!done) return;
      await withOperatorAudit(context, config, (audit) =>
        audit.record({ event: 'key_rotated', by: operator(), key: which, ...done }, undefined),
      );
    });
}
