// `rolegate completion`: the script for a shell, and the hidden command that it asks.
import { Argument, type Command } from 'commander';
import { complete } from '../completion/complete.ts';
import { completionScripts, completionShells } from '../completion/completion-scripts.ts';
import { type CliContext, print } from '../machine/context.ts';

export function addCompletion(program: Command, context: CliContext): void {
  program
    .command('completion')
    .description('print the script that completes commands and roles in your shell')
    .addArgument(new Argument('<shell>', 'your shell').choices(completionShells))
    .action((shell: keyof typeof completionScripts) => print(context, completionScripts[shell]));
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .option('--new-word')
    .option('--describe', 'a tab and a description behind each word')
    .action((words: string[], { newWord, describe }: { newWord?: boolean; describe?: boolean }) => {
      for (const { word, description } of complete(program, context, newWord ? [...words, ''] : words)) {
        print(context, describe && description ? `${word}\t${description}` : word);
      }
    });
}
