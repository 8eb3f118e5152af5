// Shows how an edit changes ~/.aws/config, asks, and writes it unless another process changed the file in between.

import { confirm } from '../machine/confirm.ts';
import { type CliContext, print, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { withLock } from '../machine/lock.ts';
import { printable } from '../machine/printable.ts';
import { findBlock, replaceBlock } from './aws-config.ts';
import { awsFiles, readConfig, writeBytes } from './aws-config-file.ts';
import { diffLines } from './line-diff.ts';
import { restoreBlock } from './profile-block.ts';

export interface EditOptions {
  readonly diff?: boolean;
  readonly yes?: boolean;
  /** Also if the file is read-only. */
  readonly force?: boolean;
}

export interface Edit {
  /** The file as it was read. */
  readonly text: string;
  /** Of the block, without its markers; none for no block. */
  readonly lines: readonly string[];
  /** Throws if something in the file conflicts with these lines. */
  readonly check?: (text: string) => void;
  /** What changes, for where the lines are too many to read. */
  readonly summary?: string;
}

const lockTimeoutMs = 10_000;
const maxShownLines = 60;

/**
 * Whether the file is as wanted afterwards: false if it was only shown, or the person said no.
 * @throws CliError usage, without a terminal to ask at; busy, if the block changed during the question
 */
export async function editBlock(
  context: CliContext,
  broker: string,
  edit: Edit,
  options: EditOptions,
): Promise<boolean> {
  const { config } = awsFiles(context);
  const restored = restoreBlock(edit.text, broker);
  const edited = replaceBlock(restored, broker, edit.lines);
  // Of our block only: the lines around it are private, and may hold keys.
  const [old, fresh] = [findBlock(restored, broker), findBlock(edited, broker)];
  const start = (fresh.block === '' ? old.before : fresh.before).split('\n').length;
  const difference = diffLines(shownLines(old.block), shownLines(fresh.block), start).map(printable);
  if (options.diff) {
    if (difference.length > 0) print(context, [`--- ${config}`, `+++ ${config}`, ...difference].join('\n'));
    return false;
  }
  if (edited === edit.text) return true;
  if (!options.yes) {
    if (!context.isInteractive)
      throw new CliError('usage', `cannot ask without a terminal: --yes changes ${config}, --diff shows the changes`);
    const isLong = edit.summary !== undefined && difference.length > maxShownLines;
    if (isLong) say(context, `${edit.summary}; --diff shows the ${difference.length} lines`);
    else say(context, [`--- ${config}`, `+++ ${config}`, ...difference].join('\n'));
    if (!(await confirm(context, `Change ${config}?`))) return false;
  }
  await withLock(context, 'aws-config', lockTimeoutMs, async () => {
    // What others wrote around it meanwhile stays; the block itself must be the one that was shown.
    const text = restoreBlock(readConfig(config), broker);
    const isSame = findBlock(text, broker).block === old.block;
    if (!isSame) throw new CliError('busy', `another process changed these profiles in ${config}: try again`);
    edit.check?.(text);
    writeBytes(config, replaceBlock(text, broker, edit.lines), options.force);
  });
  return true;
}

function shownLines(block: string): string[] {
  const text = Buffer.from(block, 'latin1').toString('utf8');
  return text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);
}
