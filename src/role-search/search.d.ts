// Types of search.js, which is plain JavaScript for the browser's sake.

export interface RoleNames {
  /** The account's name. */
  readonly account: string;
  /** The role's, with its path. */
  readonly name: string;
  readonly alias: string;
  readonly id: string;
  readonly environment: string | null | undefined;
  readonly labels: readonly string[];
}

export interface Indexed<T> {
  readonly entry: T;
  readonly fields: readonly string[];
  readonly all: string;
}

export function roleNames(role: RoleNames): (string | null | undefined)[];
export function createIndex<T>(
  entries: readonly T[],
  fieldsOf: (entry: T) => readonly (string | null | undefined)[],
): Indexed<T>[];
export function search<T>(
  index: readonly Indexed<T>[],
  query: string,
  limit: number,
): { readonly total: number; readonly best: T[] };
export function withWords<T>(index: readonly Indexed<T>[], query: string): T[];
export function rangesIn(text: string, query: string): [start: number, end: number][];
