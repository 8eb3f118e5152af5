// Small readings of IAM policy JSON that statements and conditions share.

/** IAM wildcards: `*` is any run of characters, `?` is one; `${*}`, `${?}` and `${$}` mean the character itself. */
export function wildcardMatches(pattern: string, text: string, ignoreCase = false): boolean {
  const source = pattern.replace(
    /\$\{([*?$])\}|[*?]|[.+^${}()|[\]\\]/g,
    (token: string, literal: string | undefined): string => {
      if (literal !== undefined) return `\\${literal}`;
      if (token === '*') return '.*';
      return token === '?' ? '.' : `\\${token}`;
    },
  );
  return new RegExp(`^${source}$`, ignoreCase ? 'isu' : 'su').test(text);
}

/** A value that IAM accepts alone or in a list. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
