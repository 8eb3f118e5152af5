// The code of `login --remote`: one line, `code.state`, that a person copies from the broker's page. It is worth nothing
// without the verifier, which this process sends to the broker alone.
import { createInterface } from 'node:readline';
import { type CliContext, say } from '../machine/context.ts';
import { isSameSecret } from '../machine/same-secret.ts';

/** Undefined when nothing more comes, or not before the signal. */
export async function readPastedCode(
  context: CliContext,
  state: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const lines = createInterface({ input: context.stdin, terminal: false, signal });
  try {
    for await (const line of lines) {
      const [, code, given] = /^\s*(\S+)\.(\S+)\s*$/.exec(line) ?? [];
      // A code from another request may be an attacker's: RFC 6749 §10.12.
      if (code && isSameSecret(given ?? '', state)) return code;
      say(context, 'This is not the line of this sign-in. Copy the whole line from the page, and paste it here:');
    }
    return undefined;
  } finally {
    lines.close();
  }
}
