// All the commands, each from its own file.
import { Command } from 'commander';
import { addConsole } from './console.ts';
import type { CliContext } from './context.ts';
import { addDoctor } from './doctor.ts';

/** Adds one command, or a few that belong together. */
export type AddCommand = (program: Command, context: CliContext) => void;

const commands: readonly AddCommand[] = [addConsole, addDoctor];

/** @throws CliError, or commander's own errors, which have been printed */
export async function runProgram(context: CliContext, argv: readonly string[]): Promise<void> {
  const program = new Command('rolegate')
    .description('AWS access through your company sign-in')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
    });
  for (const add of commands) add(program, context);
  await program.parseAsync([...argv], { from: 'user' });
}
