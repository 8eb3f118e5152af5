// ${NAME} and ${file:PATH} inside the strings of the configuration: how secrets stay out of the file.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TrustedFile } from '../production/replaceable-files.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

interface InterpolateContext {
  readonly directory: string;
  readonly env: Environment;
  readonly problems: string[];
  readonly trustedFiles: TrustedFile[];
}

/** A copy of the parsed file with every reference filled in; what could not be is added to `problems`. */
export function interpolate(value: unknown, { directory, env, problems, trustedFiles }: InterpolateContext): unknown {
  const fill = (node: unknown, path: string): unknown => {
    if (typeof node === 'string') return fillText(node, path);
    if (Array.isArray(node)) return node.map((each, index) => fill(each, `${path}[${index}]`));
    if (node === null || typeof node !== 'object') return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, each]) => [key, fill(each, path === '' ? key : `${path}.${key}`)]),
    );
  };
  const fillText = (text: string, path: string): string =>
    text.replace(/\$\{(file:)?([^}]+)\}/g, (_, isFile: string | undefined, name: string) => {
      const file = resolve(directory, name);
      const found = isFile ? readSecret(file) : env[name];
      if (isFile && found !== undefined) trustedFiles.push({ path, file, kind: 'secret' });
      if (found !== undefined && found !== '') return found;
      problems.push(
        `${path}: ${isFile ? `the file ${name} cannot be read or is empty` : `the environment variable ${name} is not set`}`,
      );
      return '';
    });
  return fill(value, '');
}

function readSecret(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch {
    return undefined;
  }
}
