// References inside the strings of the configuration: how secrets stay out of the file. ${NAME} is of the environment, ${file:PATH}
// a file; ${aws-secret:…} and ${ssm:…} are values in AWS, which from-aws.ts asks for.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TrustedFile } from '../production/replaceable-files.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Takes the place of a reference to AWS; after a problem `value` is a stand-in that fits most settings. */
export interface AwsAnswer {
  readonly value: string;
  readonly problem?: string;
}

interface InterpolateContext {
  readonly directory: string;
  readonly env: Environment;
  readonly problems: string[];
  readonly trustedFiles: TrustedFile[];
  /** @param reference `aws-secret:…` or `ssm:…` */
  readonly fromAws: (reference: string) => AwsAnswer;
}

/** A copy of the parsed file with every reference filled in; what could not be is added to `problems`. */
export function interpolate(value: unknown, context: InterpolateContext): unknown {
  const { directory, env, problems, trustedFiles, fromAws } = context;
  const fill = (node: unknown, path: string): unknown => {
    if (typeof node === 'string') return fillText(node, path);
    if (Array.isArray(node)) return node.map((each, index) => fill(each, `${path}[${index}]`));
    if (node === null || typeof node !== 'object') return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, each]) => [key, fill(each, path === '' ? key : `${path}.${key}`)]),
    );
  };
  const fillText = (text: string, path: string): string =>
    text.replace(/\$\{(?:(file|aws-secret|ssm):)?([^}]+)\}/g, (_, kind: string | undefined, name: string) => {
      if (kind === 'aws-secret' || kind === 'ssm') {
        const { value: answered, problem } = fromAws(`${kind}:${name}`);
        if (problem !== undefined) problems.push(`${path}: \${${kind}:${name}}: ${problem}`);
        return answered;
      }
      const file = resolve(directory, name);
      const found = kind ? readSecret(file) : env[name];
      if (kind && found !== undefined) trustedFiles.push({ path, file, kind: 'secret' });
      if (found !== undefined && found !== '') return found;
      problems.push(
        `${path}: ${kind ? `the file ${name} cannot be read or is empty` : `the environment variable ${name} is not set`}`,
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
