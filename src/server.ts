#!/usr/bin/env node
// Entry of `rolegate-server`: reads the command, and for `start` goes from configuration to listening to draining. The
// only file that exits the process.
import { Command, Option } from 'commander';
import { describeConfig } from './admin/check.ts';
import { type AdminWorld, addDoctor, addTemplate } from './admin/commands.ts';
import { explain } from './admin/explain.ts';
import { describeKeys, type RotatedKey, rotateKey } from './admin/keys.ts';
import { refreshMetadata } from './admin/metadata-refresh.ts';
import { writeWebIdentityDocuments } from './admin/web-identity-documents.ts';
import { systemClock } from './clock.ts';
import { type Config, ConfigError } from './config/config.ts';
import { loadConfig } from './config/load.ts';
import { writeKeyPair } from './config/make-keys.ts';
import { createLogger, type Logger } from './log.ts';
import { warnOfOldNode } from './node-version.ts';
import { systemRandom } from './random.ts';
import { listen } from './wiring/listen.ts';
import { publishMetadata } from './wiring/published-metadata.ts';
import { openMetadataCopies } from './wiring/stores.ts';

const defaultConfig = 'config/rolegate.yaml';

export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('rolegate-server').description('SAML federation broker for AWS');
  const config = () =>
    new Option('--config <file>', 'configuration file').env('ROLEGATE_CONFIG').default(defaultConfig);
  program.command('start').description('serve until SIGTERM').addOption(config()).action(start);
  program
    .command('check')
    .description('validate the configuration and print every problem')
    .addOption(config())
    .action(async (options: ConfigOption) =>
      print(describeConfig(options.config, await load(options), systemClock.now())),
    );
  program
    .command('explain')
    .description('which roles somebody would have, and why')
    .option('--user <name>', 'value of the user attribute', 'someone')
    .option('--groups <name...>', 'values of the groups attribute', [])
    .option('--idp <id>', 'identity provider')
    .addOption(config())
    .action(async (options: ConfigOption & { user: string; groups: string[]; idp?: string }) => {
      const { user, groups, idp } = options;
      print(explain(await load(options), { user, groups, idp }, systemClock.now()));
    });
  program
    .command('metadata')
    .description(
      "our metadata (sp for the identity provider, aws for IAM, oidc as files for AWS), or read the identity providers' now (refresh)",
    )
    .argument('<which>', 'sp, aws, oidc or refresh', oneOf('sp', 'aws', 'oidc', 'refresh'))
    .option('--out <directory>', 'oidc: where to write the files', '.')
    .option('--dry-run', 'refresh: store nothing', false)
    .addOption(config())
    .action(metadata);
  const world = adminWorld(config);
  addTemplate(program, world);
  addDoctor(program, world);
  addKeys(program.command('keys').description('our key pairs: make one, look at them, replace one'), config);
  await program.parseAsync([...argv], { from: 'user' });
}

interface ConfigOption {
  readonly config: string;
}

function adminWorld(config: () => Option): AdminWorld {
  return {
    clock: systemClock,
    load,
    config,
    metadata: (loaded) => publishMetadata(loaded, systemClock).aws,
    print,
    warn: (text) => void process.stderr.write(`${text}\n`),
    fail: () => {
      process.exitCode = 1;
    },
  };
}

function load({ config }: ConfigOption): Promise<Config> {
  return loadConfig(config, process.env, systemClock.now());
}

async function metadata(
  which: 'sp' | 'aws' | 'oidc' | 'refresh',
  options: ConfigOption & { dryRun: boolean; out: string },
): Promise<void> {
  const config = await load(options);
  if (which === 'oidc') {
    print(writeWebIdentityDocuments(config, options.out).join('\n'));
    return;
  }
  if (which !== 'refresh') {
    print(publishMetadata(config, systemClock)[which]);
    return;
  }
  const world = { clock: systemClock, random: systemRandom, log: createLogger(config.logLevel, process.stderr) };
  const shared = await openMetadataCopies(config, world);
  const deps = { ...world, fetch: globalThis.fetch, copies: shared?.copies, isDryRun: options.dryRun };
  const { text, isGood } = await refreshMetadata(config, deps);
  await shared?.close();
  print(text);
  if (!isGood) process.exitCode = 1;
}

async function start(options: ConfigOption): Promise<void> {
  const config = await load(options);
  const log = createLogger(config.logLevel);
  warn(config, log);
  // Loaded only now: its authorization server warns of an old Node when it is.
  const { compose } = await import('./wiring/compose.ts');
  const broker = compose(config, {
    clock: systemClock,
    random: systemRandom,
    log,
    auditStream: process.stdout,
    fetch: globalThis.fetch,
  });
  await broker.start();
  const listening = await listen(config, broker);
  const { publicPort, operationsPort } = listening;
  const stop = (signal: string) => {
    log.info({ signal }, 'draining');
    listening.close().then(
      () => process.exit(0),
      (error: Error) => fail(error),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  print(`rolegate listening ${JSON.stringify({ brokerUrl: config.baseUrl, port: publicPort, operationsPort })}`);
}

function warn(config: Config, log: Logger): void {
  for (const warning of config.warnings) log.warn(`DEVELOPMENT MODE, not safe for real use: ${warning}`);
  warnOfOldNode(log);
}

function addKeys(keys: Command, config: () => Option): void {
  keys
    .command('generate')
    .description('make a key pair (PEM, RSA 3072, self-signed)')
    .requiredOption('--key <file>', 'private key to write')
    .requiredOption('--cert <file>', 'certificate to write')
    .option('--name <text>', 'common name of the certificate', 'Rolegate')
    .option('--days <number>', 'validity', readDays, 3650)
    .action(async (options: { key: string; cert: string; name: string; days: number }) => {
      await writeKeyPair(options, options.name, systemClock.now(), options.days);
      print(`${options.key} and ${options.cert} written`);
    });
  keys
    .command('status')
    .description('every pair in use, and where its replacement stands')
    .addOption(config())
    .action(async (options: ConfigOption) => print(describeKeys(await load(options), systemClock.now())));
  keys
    .command('rotate')
    .description('the next step of replacing a pair; run it again for the one after')
    .argument('<which>', 'aws (the minting key) or sp', oneOf('aws', 'sp'))
    .addOption(config())
    .action(async (which: RotatedKey, options: ConfigOption) =>
      print(await rotateKey(await load(options), which, systemClock.now())),
    );
}

function readDays(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= 36_500) return days;
  throw new ConfigError('--days', [`${text} is not a whole number from 1 to 36500`]);
}

function oneOf(...allowed: readonly string[]) {
  return (value: string): string => {
    if (allowed.includes(value)) return value;
    throw new ConfigError(value, [`must be ${allowed.join(' or ')}`]);
  };
}

function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

function fail(error: Error): never {
  process.stderr.write(`rolegate-server: ${error.message}\n`);
  process.exit(1);
}

await main(process.argv.slice(2)).catch(fail);
