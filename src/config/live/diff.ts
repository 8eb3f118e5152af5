// The differences between two configurations, for people and the audit trail. Secrets are compared and never shown.
import { createHash } from 'node:crypto';
import { isRecord } from '../text/include.ts';

export interface Change {
  /** `rules["payments engineers"].grant.maxDuration`: entries of lists go by their id or name. */
  readonly path: string;
  /** As in the file, in JSON; undefined for a new setting. */
  readonly from?: string;
  /** Undefined for a removed setting. */
  readonly to?: string;
  /** In place of the values of a secret. */
  readonly secret?: 'changed';
}

/** A file as it was written, and with its references filled in. */
export interface ConfigTree {
  readonly raw: unknown;
  readonly value: unknown;
}

const maxShown = 300;

/** In the order of the older file; new settings come last. */
export function diffConfig(older: ConfigTree, newer: ConfigTree): Change[] {
  const changes: Change[] = [];
  compare(masked(older.raw, older.value, ''), masked(newer.raw, newer.value, ''), '', changes);
  return changes;
}

/** As JSON for people, without its secrets. */
export function maskedConfig({ raw, value }: ConfigTree): string {
  return JSON.stringify(masked(raw, value, ''), undefined, 2);
}

/** Replaces a secret. JSON of it shows nothing. */
interface Secret {
  readonly digest: () => string;
  readonly toJSON: () => string;
}

function secretOf(text: unknown): Secret {
  const digest = createHash('sha256').update(JSON.stringify(text)).digest('base64url');
  return { digest: () => digest, toJSON: () => '(secret)' };
}

function isSecret(node: unknown): node is Secret {
  return isRecord(node) && typeof node['digest'] === 'function';
}

const secretNames = /secret|password|authorization|^token$|^key$|^externalId$/i;

/** @param name of the property whose value this is, or is part of */
function masked(raw: unknown, value: unknown, name: string): unknown {
  if (Array.isArray(raw) && Array.isArray(value)) return raw.map((each, index) => masked(each, value[index], name));
  if (isRecord(raw) && isRecord(value)) {
    return Object.fromEntries(Object.entries(raw).map(([key, each]) => [key, masked(each, value[key], key)]));
  }
  if (typeof raw !== 'string') return raw;
  // A user or password in a URL; a reference may name a secret, wherever it is.
  return secretNames.test(name) || /\$\{|:\/\/[^/]*@/.test(raw) ? secretOf(value) : raw;
}

function compare(older: unknown, newer: unknown, path: string, changes: Change[]): void {
  if (isSecret(older) && isSecret(newer)) {
    if (older.digest() !== newer.digest()) changes.push({ path, secret: 'changed' });
    return;
  }
  const [a, b] = [childrenOf(older, path), childrenOf(newer, path)];
  if (a && b) {
    for (const [key, each] of a) compare(each, b.get(key), key, changes);
    for (const [key, each] of b) if (!a.has(key)) compare(undefined, each, key, changes);
    compareOrder(a, b, path, changes);
    return;
  }
  const [from, to] = [shown(older), shown(newer)];
  if (from === to && JSON.stringify(older) === JSON.stringify(newer)) return;
  changes.push({ path, ...(from !== undefined && { from }), ...(to !== undefined && { to }) });
}

// The order of rules decides between two that grant the same.
function compareOrder(older: Map<string, unknown>, newer: Map<string, unknown>, path: string, changes: Change[]): void {
  if (path === '' || ![...older.keys()].every((key) => key.startsWith(`${path}[`))) return;
  const common = (of: Map<string, unknown>, other: Map<string, unknown>) =>
    [...of.keys()].filter((key) => other.has(key));
  const [from, to] = [common(older, newer), common(newer, older)].map((keys) => JSON.stringify(keys));
  if (from !== to) changes.push({ path, from: 'in another order', to: 'reordered' });
}

/** By the path of each; undefined for a value that is compared as a whole. */
function childrenOf(node: unknown, path: string): Map<string, unknown> | undefined {
  if (isSecret(node)) return undefined;
  if (isRecord(node)) {
    return new Map(Object.entries(node).map(([key, each]) => [path === '' ? key : `${path}.${key}`, each]));
  }
  if (!Array.isArray(node) || !node.some((each) => isRecord(each) || isSecret(each))) return undefined;
  const children = new Map<string, unknown>();
  node.forEach((each, index) => {
    const name = isRecord(each) ? (each['id'] ?? each['name']) : undefined;
    const key = `${path}[${typeof name === 'string' ? JSON.stringify(name) : index}]`;
    children.set(children.has(key) ? `${path}[${index}]` : key, each);
  });
  return children;
}

function shown(value: unknown): string | undefined {
  const text = JSON.stringify(value);
  return text === undefined || text.length <= maxShown ? text : `${text.slice(0, maxShown)}…`;
}

/** One line: `limits.signIn.burst: 100 → 200`. */
export function describeChange({ path, from, to, secret }: Change): string {
  if (secret) return `${path}: secret changed`;
  return `${path}: ${from ?? 'not there'} → ${to ?? 'removed'}`;
}
