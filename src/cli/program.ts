// All the commands, each from its own file.
import { Command } from 'commander';
import { addCompletion } from './commands/completion.ts';
import { addConsole } from './commands/console.ts';
import { addCredentialProcess } from './commands/credential-process.ts';
import { addCurl } from './commands/curl.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExec } from './commands/exec.ts';
import { addExport } from './commands/export.ts';
import { addInit } from './commands/init.ts';
import { addLogin } from './commands/login.ts';
import { addLogout } from './commands/logout.ts';
import { addMfa } from './commands/mfa.ts';
import { addPick } from './commands/pick.ts';
import { addProfiles } from './commands/profiles.ts';
import { addRoles } from './commands/roles.ts';
import { addServe } from './commands/serve.ts';
import { addStatus } from './commands/status.ts';
import { addVersion } from './commands/version.ts';
import { addWhoami } from './commands/whoami.ts';
import type { CliContext } from './machine/context.ts';
import { printableLines } from './machine/printable.ts';
import { ownVersion } from './machine/version.ts';

/** Adds one command, or a few that belong together. */
type AddCommand = (program: Command, context: CliContext) => void;

const commands: readonly AddCommand[] = [
  addInit,
  addLogin,
  addLogout,
  addWhoami,
  addStatus,
  addRoles,
  addPick,
  addProfiles,
  addCredentialProcess,
  addExport,
  addExec,
  addConsole,
  addCurl,
  addMfa,
  addServe,
  addDoctor,
  addCompletion,
  addVersion,
];

/** @throws CliError, or commander's own errors, which have been printed */
export async function runProgram(context: CliContext, argv: readonly string[]): Promise<void> {
  const env = { ...context.env };
  const own: CliContext = { ...context, env };
  const program = new Command('rolegate')
    .description('AWS access through your company sign-in')
    .version(ownVersion())
    .option('--ca-bundle <file>', "PEM file with your company's authorities, for every request of the command")
    .hook('preAction', () => {
      const { caBundle } = program.opts<{ caBundle?: string }>();
      if (caBundle !== undefined) env['ROLEGATE_CA_BUNDLE'] = caBundle;
    })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(printableLines(text)),
    });
  for (const add of commands) add(program, own);
  await program.parseAsync([...argv], { from: 'user' });
}
