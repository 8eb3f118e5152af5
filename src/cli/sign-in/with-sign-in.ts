// What needs a sign-in, with a chance to make one in between.
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';

/** Runs `work`, and once more after a sign-in if it needs one. @throws CliError */
export async function withSignIn<T>(context: CliContext, broker: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isMissing = error instanceof CliError && error.exit === 'login';
    if (!isMissing || !(await context.requestSignIn?.(broker, error.stepUpRole))) throw error;
    return withSignIn(context, broker, work);
  }
}
