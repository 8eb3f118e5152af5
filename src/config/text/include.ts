// `include`: accounts, rules and tests of a team in a separate file, in the folder of the configuration. Remembers which
// entry came from which file, so that a problem names the place where it can be repaired.
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { decodeText } from '../../text-encoding.ts';
import type { TrustedFile } from '../production/replaceable-files.ts';
import { readYaml } from './read-yaml.ts';

/** What a file of a team may hold. */
const includable = ['accounts', 'rules', 'tests'] as const;
type Includable = (typeof includable)[number];

export interface Included {
  /** The file with what it includes in its place. */
  readonly raw: unknown;
  /** Folders where a new file may fit a pattern of `include`, absolute. */
  readonly folders: readonly string[];
  /** `rules[7].when: …` in the words of the file it came from: `teams/payments.yaml: rules[0].when: …`. */
  readonly placeOf: (problem: string) => string;
}

interface IncludeContext {
  readonly directory: string;
  readonly problems: string[];
  readonly trustedFiles: TrustedFile[];
}

/** @param raw the parsed file, before its references are filled in */
export function includeFiles(raw: unknown, context: IncludeContext): Included {
  const patterns = isRecord(raw) ? raw['include'] : undefined;
  if (!isRecord(raw) || patterns === undefined) return { raw, folders: [], placeOf: (problem) => problem };
  // The schema refuses any other value than a list of texts.
  const texts = Array.isArray(patterns) ? patterns.filter((each) => typeof each === 'string') : [];
  const lists = Object.fromEntries(
    includable.map((key) => [key, Array.isArray(raw[key]) ? [...raw[key]] : raw[key] === undefined ? [] : raw[key]]),
  );
  const origins: Record<Includable, (readonly [file: string, index: number])[]> = {
    accounts: [],
    rules: [],
    tests: [],
  };
  const own = Object.fromEntries(includable.map((key) => [key, Array.isArray(raw[key]) ? raw[key].length : 0]));
  const folders = new Set<string>();
  const files = new Set(texts.flatMap((pattern, index) => filesOf(pattern, `include[${index}]`, folders, context)));
  for (const file of files) {
    const name = relative(context.directory, file);
    for (const [key, entries] of Object.entries(readTeam(file, name, context))) {
      const list = lists[key];
      if (!Array.isArray(list)) continue;
      entries.forEach((entry, index) => {
        list.push(entry);
        origins[key as Includable].push([name, index]);
      });
    }
  }
  return {
    raw: { ...raw, ...lists },
    folders: [...folders],
    placeOf: (problem) =>
      problem.replace(/^(accounts|rules|tests)\[(\d+)\]/, (found, key: Includable, at: string) => {
        const origin = origins[key][Number(at) - own[key]!];
        return origin ? `${origin[0]}: ${key}[${origin[1]}]` : found;
      }),
  };
}

/** In the order of their names, so that all processes have the rules in the same order. */
function filesOf(
  pattern: string,
  path: string,
  folders: Set<string>,
  { directory, problems }: IncludeContext,
): string[] {
  const steps = pattern.split('/');
  if (pattern.startsWith('/') || steps.some((step) => step === '' || step === '.' || step === '..')) {
    problems.push(`${path}: ${pattern} is not a path below the folder of the configuration, such as teams/*.yaml`);
    return [];
  }
  let found = [directory];
  for (const [index, step] of steps.entries()) {
    const isLast = index === steps.length - 1;
    if (step.includes('*')) for (const folder of found) folders.add(folder);
    found = found.flatMap((folder) => (step.includes('*') ? entriesOf(folder, step, isLast) : [join(folder, step)]));
  }
  const inside = found.filter((file) => {
    // Symbolic links count as what they lead to. A file that is not there is reported when it is read.
    try {
      return realpathSync(file).startsWith(realpathSync(directory) + sep);
    } catch {
      return true;
    }
  });
  if (inside.length < found.length) problems.push(`${path}: ${pattern} leads out of the folder of the configuration`);
  if (found.length === 0) problems.push(`${path}: no file matches ${pattern}`);
  for (const file of inside) folders.add(dirname(file));
  return inside;
}

/** As a shell does it: `*` does not match a dot at the beginning, so the folders of a Kubernetes volume do not count. */
function entriesOf(folder: string, step: string, areFiles: boolean): string[] {
  const literal = step.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const fits = new RegExp(`^(?!\\.)${literal.join('[^/]*')}$`);
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => fits.test(entry.name) && (entry.isSymbolicLink() || entry.isFile() === areFiles))
      .map((entry) => join(folder, entry.name))
      .sort();
  } catch {
    return [];
  }
}

function readTeam(
  file: string,
  name: string,
  { problems, trustedFiles }: IncludeContext,
): Partial<Record<Includable, unknown[]>> {
  let text: string;
  try {
    const bytes = readFileSync(file);
    trustedFiles.push({ path: `include ${name}`, file, kind: 'public' });
    text = decodeText(bytes);
  } catch (error) {
    problems.push(`${name}: cannot be read (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`);
    return {};
  }
  const { value: written, broken } = readYaml(text);
  problems.push(...broken.map((problem) => `${name}: ${problem}`));
  const value = written ?? {};
  if (!isRecord(value)) {
    problems.push(`${name}: must hold accounts, rules or tests`);
    return {};
  }
  const lists: Partial<Record<Includable, unknown[]>> = {};
  for (const [key, list] of Object.entries(value)) {
    const known = includable.find((each) => each === key);
    if (known === undefined)
      problems.push(`${name}: ${key}: unknown key; a file of a team has ${includable.join(', ')}`);
    else if (!Array.isArray(list)) problems.push(`${name}: ${key}: is not a list`);
    else lists[known] = list;
  }
  return lists;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
