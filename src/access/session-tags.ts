// Session tags: what a rule says about a person, as AWS reads it. Checked here, because errors of AWS say little.
import type { Identity, TagRule, TagSource } from './model.ts';

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** STS API: at most 50 session tags. */
export const maxTags = 50;

/** STS API Tag: 1 to 128 characters; `aws:` is kept for AWS, in whatever case. */
export function isTagKey(key: string): boolean {
  return /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(key) && !/^aws:/i.test(key);
}

export function isTagValue(value: string): boolean {
  return /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(value);
}

export type SessionTags =
  | { readonly kind: 'tags'; readonly tags: readonly Tag[] }
  /** A tag that must be there cannot be: why, without the value. */
  | { readonly kind: 'problem'; readonly problem: string };

/** A person's tags by these rules. A policy may rely on any of them, so one that is missing refuses the whole session. */
export function sessionTags(rules: readonly TagRule[], identity: Identity): SessionTags {
  const tags: Tag[] = [];
  for (const { key, from, isOptional } of rules) {
    const values = valuesOf(from, identity);
    if (values.length === 0 && isOptional) continue;
    const [value] = values;
    if (value === undefined || values.length > 1) {
      return {
        kind: 'problem',
        problem: `session tag ${key}: ${nameOf(from)} has ${values.length} values and not one`,
      };
    }
    if (!isTagValue(value)) {
      return {
        kind: 'problem',
        problem: `session tag ${key}: the value of ${nameOf(from)}, ${flawIn(value)}, is not a valid tag value`,
      };
    }
    tags.push({ key, value });
  }
  return { kind: 'tags', tags };
}

/** What AWS would refuse, without the value. */
function flawIn(value: string): string {
  const [odd] = /[^\p{L}\p{Z}\p{N}_.:/=+\-@]/u.exec(value) ?? [];
  if (odd === undefined) return `with ${[...value].length} characters and not at most 256`;
  const code = odd.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
  return `with U+${code}${/[!-~]/.test(odd) ? ` (${odd})` : ''}`;
}

function valuesOf(from: TagSource, { claims, ...identity }: Identity): readonly string[] {
  if (from.kind === 'value') return [from.value];
  if (from.kind === 'identity') return [identity[from.field]];
  return Object.hasOwn(claims, from.name) ? claims[from.name]! : [];
}

function nameOf(from: TagSource): string {
  if (from.kind === 'claim') return `the claim ${from.name}`;
  return from.kind === 'identity' ? from.field : 'the constant';
}
