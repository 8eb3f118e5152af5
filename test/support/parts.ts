// Paths of the programs the tests drive. Each getter throws an Error that names the command to install what is missing.
import { findPart, installCommand, type PartName, redisEnvironment } from './find-part.mjs';

/** The Redis (or Valkey) server and the environment it needs on top of ours. @throws Error that names the command. */
export function redisServer(): { path: string; env: Record<string, string> } {
  const path = requirePart('redis');
  return { path, env: redisEnvironment(path) };
}

/** The xmlsec1 program. @throws Error that names the command. */
export function xmlsec1Path(): string {
  return requirePart('xmlsec1');
}

/** A Chromium or Chrome. @throws Error that names the command. */
export function chromiumPath(): string {
  return requirePart('chromium');
}

/** An AWS CLI, version 1 or 2. @throws Error that names the command. */
export function awsCliPath(): string {
  return requirePart('aws');
}

function requirePart(name: PartName): string {
  const path = findPart(name);
  if (path === undefined) throw new Error(`${name} is missing. Install it with: ${installCommand([name])}`);
  return path;
}
