// All the commands, each from its own file.
import { Command } from 'commander';
import { addCompletion } from './completion.ts';
import { addConsole } from './console.ts';
import type { CliContext } from './context.ts';
import { addCredentialProcess } from './credential-process.ts';
import { addCurl } from './curl.ts';
import { addDoctor } from './doctor.ts';
import { addExec } from './exec.ts';
import { addExport } from './export.ts';
import { addInit } from './init.ts';
import { addLogin } from './login.ts';
import { addLogout } from './logout.ts';
import { addMfa } from './mfa.ts';
import { addPick } from './pick.ts';
import { addProfiles } from './profiles.ts';
import { addRoles } from './roles-command.ts';
import { addServe } from './serve.ts';
import { addStatus } from './status.ts';
import { addVersion, ownVersion } from './version.ts';
import { addWhoami } from './whoami.ts';

/** Adds one command, or a few that belong together. */
export type AddCommand = (program: Command, context: CliContext) => void;

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
      writeErr: (text) => void context.stderr.write(text),
    });
  for (const add of commands) add(program, own);
  await program.parseAsync([...argv], { from: 'user' });
}
