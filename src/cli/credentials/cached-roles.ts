// Which roles have credentials on this machine, without the credentials: what `status` shows and `logout` leaves behind.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CliContext } from '../machine/context.ts';
import { readJson } from '../machine/files.ts';
import { secondsLeft } from '../machine/time-left.ts';
import { cacheFolder, isCredentials } from './credential-cache.ts';

export interface CachedRole {
  readonly roleArn: string;
  readonly expiresAt: string;
  readonly secondsLeft: number;
}

/** Those that AWS still takes; the one that lasts longest first, one for each role. */
export function listCachedRoles(context: CliContext, broker: string): readonly CachedRole[] {
  const folder = cacheFolder(context, broker);
  const found = filesIn(folder)
    .map((name) => readJson(context, join(folder, name)) as { credentials?: unknown } | null | undefined)
    .map((entry) => entry?.credentials)
    .filter(isCredentials)
    .map(({ RoleArn, Expiration }) => ({
      roleArn: RoleArn,
      expiresAt: Expiration,
      secondsLeft: secondsLeft(context, Expiration),
    }))
    .filter((each) => each.secondsLeft > 0)
    .sort((one, other) => other.secondsLeft - one.secondsLeft);
  return found.filter((each, index) => found.findIndex(({ roleArn }) => roleArn === each.roleArn) === index);
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // nothing was cached yet
  }
}
