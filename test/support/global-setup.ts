// What a project beyond `unit` starts once: a private Redis, which tests find with inject('redisUrl') and share by key prefix.
import { chmodSync, constants, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {} from 'vitest'; // makes the augmentation below resolve
import type { TestProject } from 'vitest/node';
import { startRedis } from './redis.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A Redis that tests share; never flush it, use a unique prefix. */
    redisUrl: string;
    /** This very Node, at an address that stays: where npx keeps one for a while, no profile may name it. */
    node: string;
  }
}

/** Vitest's globalSetup. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = mkdtempSync(join(tmpdir(), 'rolegate-run-'));
  // Tests start it as another user, too.
  chmodSync(directory, 0o755);
  project.provide('node', installedNode(directory));
  const stopRedis = await provideRedis(project);
  return async () => {
    rmSync(directory, { recursive: true, force: true });
    await stopRedis();
  };
}

function installedNode(directory: string): string {
  const { execPath } = process;
  if (!/[/\\]_npx[/\\]/.test(execPath)) return execPath;
  const file = join(directory, 'node');
  copyFileSync(execPath, file, constants.COPYFILE_FICLONE);
  return file;
}

/** With TEST_REDIS_URL the server belongs to the caller, who also stops it. */
async function provideRedis(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['TEST_REDIS_URL'];
  if (given) {
    project.provide('redisUrl', given);
    return async () => {};
  }
  const redis = await startRedis();
  project.provide('redisUrl', redis.url);
  return () => redis.stop();
}
