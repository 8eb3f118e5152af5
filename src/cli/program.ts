// All the commands, each from its own file.
import { Command } from 'commander';
import { addBrokers } from './commands/brokers.ts';
import { addCompletion } from './commands/completion.ts';
import { addConsole } from './commands/console.ts';
import { addCredentialProcess } from './commands/credential-process.ts';
import { addCurl } from './commands/curl.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExec } from './commands/exec.ts';
import { addExport } from './commands/export.ts';
import { addInit } from './commands/init.ts';
import { addIntegrations } from './commands/integrations.ts';
import { addLogin } from './commands/login.ts';
import { addLogout } from './commands/logout.ts';
import { addMfa } from './commands/mfa.ts';
import { addPick } from './commands/pick.ts';
import { addProfiles } from './commands/profiles.ts';
import { addRoles } from './commands/roles.ts';
import { addServe } from './commands/serve.ts';
import { addShellInit } from './commands/shell-init.ts';
import { addStatus } from './commands/status.ts';
import { addUpdate } from './commands/update.ts';
import { addVersion } from './commands/version.ts';
import { addWhoami } from './commands/whoami.ts';
import { addHelp } from './help.ts';
import { type CliContext, columnsOf } from './machine/context.ts';
import { printableLines } from './machine/printable.ts';
import { ownVersion } from './machine/version.ts';

/** Adds one command, or a few that belong together. */
type AddCommand = (program: Command, context: CliContext) => void;

const commands: ReadonlyMap<string, AddCommand> = new Map([
  ['init', addInit],
  ['brokers', addBrokers],
  ['login', addLogin],
  ['logout', addLogout],
  ['whoami', addWhoami],
  ['status', addStatus],
  ['roles', addRoles],
  ['pick', addPick],
  ['profiles', addProfiles],
  ['credential-process', addCredentialProcess],
  ['export', addExport],
  ['exec', addExec],
  ['console', addConsole],
  ['curl', addCurl],
  ['mfa', addMfa],
  ['serve', addServe],
  ['ecr-login', addIntegrations],
  ['eks-token', addIntegrations],
  ['rds-token', addIntegrations],
  ['presign', addIntegrations],
  ['codecommit-credential', addIntegrations],
  ['doctor', addDoctor],
  ['shell-init', addShellInit],
  ['completion', addCompletion],
  ['complete', addCompletion],
  ['update', addUpdate],
  ['version', addVersion],
]);

/** Commands that ask for a sign-in in a terminal, and go on after it. */
const continuing = new Set(
  'whoami roles pick sync add export exec console curl serve eks-token rds-token presign'.split(' '),
);

/**
 * Those that the command line needs: to make all of them takes longer than most take to run. All for help, for a word that
 * is not a command, and where an option comes first.
 */
function neededBy([first = '', ...words]: readonly string[]): Iterable<AddCommand> {
  const [completed = '', ...more] = words.slice(words.indexOf('--') + 1);
  const isWhole = words.includes('--') && (more.length > 0 || words.includes('--new-word'));
  const names = first === 'complete' ? [first, isWhole ? completed : ''] : [first];
  const needed = names.flatMap((name) => commands.get(name) ?? []);
  return new Set(needed.length === names.length ? needed : commands.values());
}

/** @throws CliError, or commander's own errors, which have been printed unless errors are to be JSON */
export async function runProgram(context: CliContext, argv: readonly string[], isJson = false): Promise<void> {
  const env = { ...context.env };
  const own: { -readonly [Key in keyof CliContext]: CliContext[Key] } = { ...context, env };
  const program = new Command('rolegate')
    .description('AWS access through your company sign-in')
    .version(ownVersion())
    .option('--ca-bundle <file>', "PEM file with your company's authorities, for every request of the command")
    .hook('preAction', (_, command) => {
      const { caBundle } = program.opts<{ caBundle?: string }>();
      if (caBundle !== undefined) env['ROLEGATE_CA_BUNDLE'] = caBundle;
      if (own.isInteractive && continuing.has(command.name())) own.requestSignIn = requestSignInOf(own);
    })
    .exitOverride()
    .showHelpAfterError('see `rolegate --help`')
    .configureOutput({
      // One prefix for everything that goes wrong.
      outputError: (text, write) => (isJson ? undefined : write(text.replace(/^error: /, 'rolegate: '))),
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void (isJson || context.stderr.write(printableLines(text))),
      getOutHelpWidth: () => columnsOf(context.stdout) ?? 80,
      getErrHelpWidth: () => columnsOf(context.stderr) ?? 80,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  for (const add of neededBy(argv)) add(program, own);
  addHelp(program, own);
  await program.parseAsync([...argv], { from: 'user' });
}

/** Loaded when a command finds that it needs a sign-in. */
function requestSignInOf(context: CliContext): NonNullable<CliContext['requestSignIn']> {
  let asking: Promise<NonNullable<CliContext['requestSignIn']>> | undefined;
  return async (broker, stepUpRole) => {
    asking ??= import('./sign-in/sign-in-on-demand.ts').then(({ askForSignIn }) => askForSignIn(context));
    return (await asking)(broker, stepUpRole);
  };
}
