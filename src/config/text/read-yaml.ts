// YAML as people write it: merge keys (`<<`), which YAML 1.2 left out, work, and keys at the top that begin with `x-` are places
// for anchors.
import { parseDocument } from 'yaml';

export interface ReadYaml {
  readonly value: unknown;
  /** One line for each error. */
  readonly broken: readonly string[];
}

export function readYaml(text: string): ReadYaml {
  const document = parseDocument(text, { merge: true });
  const broken = document.errors.map(({ code, message }) =>
    code === 'MULTIPLE_DOCS' ? 'has several YAML documents: keep one, without a line --- below it' : firstLine(message),
  );
  if (broken.length > 0) return { value: undefined, broken };
  try {
    const value: unknown = document.toJS();
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return { value, broken };
    const settings = Object.entries(value).filter(([key]) => !key.startsWith('x-'));
    return { value: Object.fromEntries(settings), broken };
  } catch (error) {
    // An alias without its anchor, too many of them, a merge key that does not lead to a mapping.
    return { value: undefined, broken: [firstLine((error as Error).message)] };
  }
}

function firstLine(message: string): string {
  return message.split('\n')[0]!;
}
