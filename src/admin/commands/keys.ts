// `rolegate-server keys`: make a key pair, show those in use, replace one.
import { type Command, Option } from 'commander';
import { type Config, ConfigError } from '../../config/config.ts';
import { writeKeyPair } from '../../config/make-keys.ts';
import { type ConfigOption, configOption, oneOf, print, type ServerContext } from '../context.ts';
import { describeKeys, mintingCertificates, type RotatedKey, retireKey, rotateKey } from '../keys.ts';
import { withOperatorAudit } from './operator-audit.ts';
import { operator } from './with-administration.ts';

export function addKeys(program: Command, context: ServerContext): void {
  const keys = program.command('keys').description('create, list and rotate the key pairs of this server');
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
    .option(
      '--accounts',
      'ask IAM in each account which minting certificates it trusts; ends with 1 if one is locked out',
    )
    .addOption(assumeOption())
    .addOption(configOption())
    .action(async (options: ConfigOption & { accounts?: boolean; assume?: string }) => {
      const config = await context.load(options);
      print(context, describeKeys(config, context.clock.now()));
      if (!options.accounts) return;
      const { accountsWithout, describeTrust } = await import('../account-trust.ts');
      const accounts = await readAccounts(config, options.assume, context);
      print(context, describeTrust(accounts, mintingCertificates(config)));
      if (accountsWithout(accounts, config.aws.signing.certificate).length > 0) context.fail();
    });
  addStep(keys, 'rotate', 'the next step of replacing a pair; run it again for the one after', context);
  addStep(keys, 'retire', 'the last step: delete the old pair', context);
}

interface StepOptions extends ConfigOption {
  readonly assume?: string;
  readonly force?: boolean;
}

function addStep(keys: Command, name: 'rotate' | 'retire', description: string, context: ServerContext): void {
  keys
    .command(name)
    .description(description)
    .argument('<which>', 'aws (the minting key) or sp', oneOf('aws', 'sp'))
    .addOption(assumeOption())
    .option('--force', 'skip the check of the accounts: those that do not trust the new certificate are locked out')
    .addOption(configOption())
    .action(async (which: RotatedKey, options: StepOptions) => {
      const config = await context.load(options);
      const lockedOut = async (certificate: string) => {
        // An identity provider cannot be asked.
        if (which === 'sp' || options.force) return [];
        const { accountsWithout } = await import('../account-trust.ts');
        return accountsWithout(await readAccounts(config, options.assume, context), certificate);
      };
      const { text, done, isRefused } =
        name === 'rotate'
          ? await rotateKey(config, which, context.clock.now(), lockedOut)
          : await retireKey(config, which, lockedOut);
      print(context, text);
      if (isRefused) context.fail();
      if (!done) return;
      await withOperatorAudit(context, config, (audit) =>
        audit.record({ event: 'key_rotated', by: operator(), key: which, ...done }, undefined),
      );
    });
}

function assumeOption(): Option {
  return new Option('--assume <role>', 'name of a role to ask IAM with, in each account');
}

// Loaded on use, so that a serving broker does without them.
async function readAccounts(config: Config, assume: string | undefined, { clock }: ServerContext) {
  const { planAccounts } = await import('../../provisioning/provisioning.ts');
  const { readProviderTrust } = await import('../../provisioning/provider-trust.ts');
  const { iamOfAccounts } = await import('../iam-access.ts');
  const plans = planAccounts(config, { sourceIps: [], brokerArn: undefined });
  return readProviderTrust(plans, iamOfAccounts(config, { assume, clock }));
}
