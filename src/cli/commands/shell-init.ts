// `rolegate shell-init`.
import { Argument, type Command } from 'commander';
import { completionScripts, completionShells } from '../completion/completion-scripts.ts';
import { assumeScripts } from '../completion/shell-functions.ts';
import { type CliContext, print } from '../machine/context.ts';

export function addShellInit(program: Command, context: CliContext): void {
  program
    .command('shell-init')
    .description('print completion, the function `assume`, and a prompt segment for your shell')
    .addArgument(new Argument('<shell>', 'your shell').choices(completionShells))
    .action((shell: keyof typeof completionScripts) => {
      print(context, `${completionScripts[shell]}\n\n${assumeScripts[shell]}`);
    });
}
