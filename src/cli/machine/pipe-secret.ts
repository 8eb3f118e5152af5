// The random part of the names of pipes on Windows: any local account may take a name, so none can be computed by another.
import { linkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CliContext, Machine } from './context.ts';
import { CliError } from './errors.ts';
import { readJson, writePrivate } from './files.ts';
import { stateDirectory } from './paths.ts';

const fileOf = (machine: Machine) => join(stateDirectory(machine), 'pipe-secret.json');

/** Undefined before the first lock. */
export function readPipeSecret(machine: Machine): string | undefined {
  const found = readJson(machine, fileOf(machine));
  return typeof found === 'string' && /^[0-9a-f]{32}$/.test(found) ? found : undefined;
}

/** Made once: of two processes that make it at the same time, both get the first one's. @throws CliError failed */
export function obtainPipeSecret(context: CliContext): string {
  const known = readPipeSecret(context);
  if (known !== undefined) return known;
  const file = fileOf(context);
  const secret = context.random(16).toString('hex');
  const draft = `${file}.${context.random(6).toString('hex')}`;
  writePrivate(draft, JSON.stringify(secret));
  try {
    // A link appears with its content, and never in place of another file.
    linkSync(draft, file);
    return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const others = readPipeSecret(context);
  if (others === undefined) throw new CliError('failed', `${file} has another content than rolegate wrote: remove it`);
  return others;
}
