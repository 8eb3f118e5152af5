// Asks which role, on standard error: standard output is for the result. The prompt is loaded when it is needed.
import type { RoleEntry } from '../../wire/api.ts';
import { type CliContext, columnsOf } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { printable, shorten } from '../machine/printable.ts';
import { searchRoles, shortName } from './role-match.ts';

/** ED of ECMA-48 §8.3.39. */
const eraseBelow = '\x1b[J';

/**
 * @param roles the likely ones first
 * @param typed the initial text of the field
 * @throws CliError failed, when nothing is chosen
 */
export async function pickRole(context: CliContext, roles: readonly RoleEntry[], typed: string): Promise<RoleEntry> {
  const { default: search } = await import('@inquirer/search');
  let query = typed;
  const source = (text: string | undefined) => {
    query = text ?? '';
    const width = (columnsOf(context.stderr) ?? 100) - 4;
    return (query.trim() ? searchRoles(roles, query) : roles).map((role) => {
      const parts = [shortName(role), role.accountName, role.accountId, role.environment ?? ''];
      const name = printable(parts.filter(Boolean).join('  '));
      return { value: role, name: shorten(name, width), short: printable(shortName(role)) };
    });
  };
  const resized = new AbortController();
  const onResize = () => resized.abort();
  context.stderr.once('resize', onResize);
  const streams = { input: context.stdin, output: context.stderr, clearPromptOnDone: true, signal: resized.signal };
  try {
    return await search({ message: 'Role', source, pageSize: 12, ...(typed ? { initialValue: typed } : {}) }, streams);
  } catch (error) {
    // Lines were cut for the old width: show them again, with what was typed so far. A narrower terminal has wrapped them,
    // so more lines than the prompt knows of are below the cursor.
    if (resized.signal.aborted) {
      context.stderr.write(eraseBelow);
      return pickRole(context, roles, query);
    }
    if (error instanceof Error && /^(ExitPrompt|AbortPrompt)Error$/.test(error.name)) {
      throw new CliError('failed', 'no role was chosen', { cause: error });
    }
    throw error;
  } finally {
    context.stderr.off('resize', onResize);
  }
}
