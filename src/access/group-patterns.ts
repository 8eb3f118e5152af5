// Group patterns run on RE2, in time linear in the group's length: a pattern and a group name together cannot block the
// process. All patterns of a policy are one automaton, so a group is read once for all of them.
import { RE2JS, RE2Set } from 're2js';
import type { Captures } from './match.ts';

/** AD limits a group's name to 256 characters: nothing longer is tried against a pattern. */
export const maxPatternLength = 256;

/** The names that a pattern captures. @throws Error for a pattern that is invalid or needs backtracking */
export function capturedNames(pattern: string): string[] {
  // Valid in both dialects: an extension of one of them could mean something else to the reader.
  new RegExp(pattern, 'u');
  try {
    return Object.keys(compile(pattern).namedGroups());
  } catch (error) {
    const reason = (error as Error).message;
    throw new Error(`is not supported: ${reason} (a pattern has no lookaround and no back-reference)`, {
      cause: error,
    });
  }
}

/** For each pattern that fits some group: its captures, one entry for each such group. */
export type PatternMatches = ReadonlyMap<string, readonly Captures[]>;

/** @param patterns as the configuration has them, each for a whole group name */
export function createPatternMatcher(patterns: readonly string[]): (groups: readonly string[]) => PatternMatches {
  if (patterns.length === 0) return () => new Map();
  const set = new RE2Set(RE2Set.ANCHOR_BOTH);
  for (const pattern of patterns) set.add(`(?:${toRe2(pattern)})`);
  set.compile();
  const compiled = patterns.map((pattern) => ({ pattern, regExp: compile(pattern) }));
  return (groups) => {
    const matches = new Map<string, Captures[]>();
    for (const group of groups) {
      if (group.length > maxPatternLength) continue;
      for (const index of set.match(group)) {
        const { pattern, regExp } = compiled[index]!;
        const found = matches.get(pattern);
        if (!found) matches.set(pattern, [capturesOf(regExp, group)]);
        // Without captures every group that fits says the same.
        else if (regExp.groupCount() > 0) found.push(capturesOf(regExp, group));
      }
    }
    return matches;
  };
}

function compile(pattern: string): RE2JS {
  return RE2JS.compile(toRe2(pattern));
}

const space =
  '\\t\\n\\v\\f\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}';

// ECMA-262 §22.2: `.` excludes line terminators, and `\s` is Unicode white space; in RE2 both are ASCII only.
function toRe2(pattern: string): string {
  let isInClass = false;
  const adapted = pattern.replace(/\\[\s\S]|[[\].]/g, (token) => {
    if (token === '\\k') throw new Error('a back-reference');
    if (token === '\\S' && isInClass) throw new Error('\\S in a character class');
    if (token === '\\s') return isInClass ? space : `[${space}]`;
    if (token === '\\S') return `[^${space}]`;
    if (token === '.') return isInClass ? token : '[^\\n\\r\\x{2028}\\x{2029}]';
    if (token === '[' || token === ']') isInClass = token === '[';
    return token;
  });
  return RE2JS.translateRegExp(adapted);
}

function capturesOf(regExp: RE2JS, group: string): Captures {
  if (regExp.groupCount() === 0) return {};
  const matcher = regExp.matcher(group);
  if (!matcher.matches()) return {};
  return Object.fromEntries(
    Object.entries(matcher.getNamedGroups()).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
}
