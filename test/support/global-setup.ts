// One private Redis for the whole run: tests read its URL with inject('redisUrl') and keep apart by key prefix.
import type {} from 'vitest'; // makes the augmentation below resolve
import type { TestProject } from 'vitest/node';
import { startRedis } from './redis.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A Redis that tests share; never flush it, use a prefix of your own. */
    redisUrl: string;
  }
}

/** Vitest's globalSetup. With TEST_REDIS_URL the server is somebody else's, and so is its end. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['TEST_REDIS_URL'];
  if (given) {
    project.provide('redisUrl', given);
    return async () => {};
  }
  const redis = await startRedis();
  project.provide('redisUrl', redis.url);
  return () => redis.stop();
}
