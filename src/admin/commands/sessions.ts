// `rolegate-server sessions`: who is signed in, and ending it in every process.
import { type Command, Option } from 'commander';
import type { SessionDirectory, SessionFilter } from '../../broker/session-directory.ts';
import { ConfigError } from '../../config/config.ts';
import { type ConfigOption, configOption, print, type ServerContext } from '../context.ts';
import { oneLine, operator, withAdministration } from './with-administration.ts';

interface ListOptions extends ConfigOption {
  readonly user?: string;
  readonly idp?: string;
  readonly json?: boolean;
}

interface EndOptions extends ListOptions {
  readonly id?: string;
  readonly all?: boolean;
  readonly yes?: boolean;
}

export function addSessions(program: Command, context: ServerContext): void {
  const sessions = program
    .command('sessions')
    .description('sessions of browsers and command lines: list them, end them');
  const json = () => new Option('--json', 'as JSON');
  sessions
    .command('list')
    .description('list sessions, newest first, at most 1,000')
    .option('--user <name>', 'of this user, as audit records name them')
    .option('--idp <id>', 'of this identity provider')
    .addOption(json())
    .addOption(configOption())
    .action(async (options: ListOptions) => {
      const { user, idp } = options;
      const found = await withAdministration(context, options, ({ directory }) => directory.list({ user, idp }));
      print(context, options.json ? JSON.stringify(found, null, 2) : describeSessions(found));
    });
  sessions
    .command('end')
    .description('end sessions at once in every process; credentials at AWS stay valid (see `revoke`)')
    .option('--user <name>', 'of this user')
    .option('--idp <id>', 'of this identity provider')
    .option('--id <id>', 'one, as `list` names it')
    .option('--all', 'of all users')
    .option('--yes', 'without asking')
    .addOption(json())
    .addOption(configOption())
    .action(async (options: EndOptions) => {
      const filter = filterOf(options);
      await withAdministration(context, options, async ({ directory }) => {
        await confirmed(context, options, directory, filter);
        const ended = await directory.end(filter, operator());
        print(context, options.json ? JSON.stringify({ ended }) : `ended: ${ended}`);
      });
    });
}

/** @throws ConfigError: forgetting an option must not end the sessions of everybody */
function filterOf({ user, idp, id, all }: EndOptions): SessionFilter {
  const given = [user, idp, id].filter((each) => each !== undefined).length;
  if (all ? given > 0 : given === 0)
    throw new ConfigError('sessions end', ['give --user, --idp or --id, or --all alone']);
  return { user, idp, id };
}

async function confirmed(
  { confirm }: ServerContext,
  { yes }: EndOptions,
  directory: SessionDirectory,
  filter: SessionFilter,
): Promise<void> {
  if (yes) return;
  const { total } = await directory.list(filter);
  if (!confirm) throw new ConfigError('sessions end', ['there is no terminal to ask in: add --yes']);
  if (!(await confirm(`End ${total} session${total === 1 ? '' : 's'}?`)))
    throw new ConfigError('sessions end', ['nothing was ended']);
}

function describeSessions({ total, sessions }: Awaited<ReturnType<SessionDirectory['list']>>): string {
  const lines = sessions.map(({ id, kind, idp, user, signedInAt, expiresAt, machine, address }) =>
    [id, kind, idp, user, signedInAt.toISOString(), `until ${expiresAt.toISOString()}`, address, machine]
      .map(oneLine)
      .join('  '),
  );
  const shown = sessions.length < total ? ` (the newest ${sessions.length} are listed)` : '';
  return [...lines, `sessions: ${total}${shown}`].join('\n');
}
