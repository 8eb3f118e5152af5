// The terminal behind captured streams: SDKs keep the standard error of a credential_process to themselves, and a person
// has to compare the code of a sign-in.
import { closeSync, openSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import type { CliContext } from './context.ts';

/** Runs `work` with a standard error that writes to the terminal too, where there is one that the person sees. */
export async function withTerminal<T>(context: CliContext, work: (seen: CliContext) => Promise<T>): Promise<T> {
  const device = open(context.terminalDevice);
  if (device === undefined) return work(context);
  const stderr = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      context.stderr.write(chunk);
      try {
        writeSync(device, chunk);
      } catch {
        // The terminal was closed meanwhile.
      }
      done();
    },
  });
  try {
    return await work({ ...context, stderr });
  } finally {
    closeSync(device);
  }
}

function open(file: string | undefined): number | undefined {
  if (file === undefined) return undefined;
  try {
    return openSync(file, 'w');
  } catch {
    return undefined; // a process without a terminal: started by an editor, or by cron
  }
}
