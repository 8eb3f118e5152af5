// `rolegate-server credentials`: what AWS still accepts of what the broker issued.
import { type Command, Option } from 'commander';
import type { RegisteredCredentials } from '../../broker/revocation/credential-register.ts';
import { ConfigError } from '../../config/config.ts';
import { type ConfigOption, configOption, print, type ServerContext } from '../context.ts';
import { oneLine, withAdministration } from './with-administration.ts';

interface ListOptions extends ConfigOption {
  readonly user?: string;
  readonly idp?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

export function addCredentials(program: Command, context: ServerContext): void {
  program
    .command('credentials')
    .description('credentials and consoles that were issued')
    .command('list')
    .description('list credentials that are still valid at AWS, longest-lasting first')
    .option('--user <name>', 'of this user, as audit records name them')
    .option('--idp <id>', 'of this identity provider')
    .option('--all', 'of all users')
    .addOption(new Option('--json', 'as JSON'))
    .addOption(configOption())
    .action(async (options: ListOptions) => {
      const { user, idp, all } = options;
      if ((user === undefined && idp === undefined) === !all) {
        throw new ConfigError('credentials list', ['give --user or --idp, or --all alone']);
      }
      const found = await withAdministration(context, options, ({ revocation }) => revocation.find({ user, idp }));
      print(context, options.json ? JSON.stringify(toJson(found), null, 2) : describe(found));
    });
}

function toJson({ credentials, incomplete }: RegisteredCredentials) {
  const time = (milliseconds: number) => new Date(milliseconds).toISOString();
  const shown = credentials.map((each) => ({
    ...each,
    issuedAt: time(each.issuedAt),
    expiresAt: time(each.expiresAt),
  }));
  return { credentials: shown, incomplete };
}

function describe(found: RegisteredCredentials): string {
  const { credentials, incomplete } = toJson(found);
  const lines = credentials.map(({ idp, user, roleArn, accessKeyId, purpose, issuedAt, expiresAt }) =>
    [`until ${expiresAt}`, idp, user, roleArn, accessKeyId ?? '-', purpose, `since ${issuedAt}`]
      .map(oneLine)
      .join('  '),
  );
  return [...lines, ...incomplete.map(incompleteNotice), `credentials: ${credentials.length}`].join('\n');
}

/** What the list of a user may lack. */
export function incompleteNotice(user: string): string {
  return `${oneLine(user)} has had more than are kept: see credentials_issued in the audit trail for the shorter ones`;
}
