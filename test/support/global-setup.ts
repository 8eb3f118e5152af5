// What is made once for the whole run: a private Redis, which tests find with inject('redisUrl') and share by key prefix,
// and RSA keys, whose making is the slow part of many files.
import { generateKeyPair } from 'node:crypto';
import { constants, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type {} from 'vitest'; // makes the augmentation below resolve
import type { TestProject } from 'vitest/node';
import { makeDemoKeys } from '../../examples/demo/start.ts';
import { systemClock } from '../../src/clock.ts';
import { startRedis } from './redis.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A Redis that tests share; never flush it, use a prefix of your own. */
    redisUrl: string;
    /** Directory with the key pairs of the sample company, to be copied. */
    demoKeys: string;
    /** This very Node, at an address that stays: where npx keeps one for a while, no profile may name it. */
    node: string;
  }
}

/** Vitest's globalSetup. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = mkdtempSync(join(tmpdir(), 'rolegate-run-'));
  await makeKeys(project, directory);
  project.provide('node', installedNode(directory));
  const stopRedis = await provideRedis(project);
  return async () => {
    rmSync(directory, { recursive: true, force: true });
    await stopRedis();
  };
}

/** So many of one file's key pairs are not made anew. */
const poolSize = 16;

async function makeKeys(project: TestProject, directory: string): Promise<void> {
  const generate = promisify(generateKeyPair);
  const pairs = await Promise.all(Array.from({ length: poolSize }, () => generate('rsa', { modulusLength: 2048 })));
  const pool = join(directory, 'pool.json');
  const pems = pairs.map(({ privateKey }) => privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(pool, JSON.stringify(pems), { mode: 0o600 });
  const demoKeys = join(directory, 'demo');
  await makeDemoKeys(demoKeys, systemClock.now());
  project.provide('demoKeys', demoKeys);
  process.env['TEST_KEY_POOL'] = pool;
}

function installedNode(directory: string): string {
  const { execPath } = process;
  if (!/[/\\]_npx[/\\]/.test(execPath)) return execPath;
  const file = join(directory, 'node');
  copyFileSync(execPath, file, constants.COPYFILE_FICLONE);
  return file;
}

/** With TEST_REDIS_URL the server is somebody else's, and so is its end. */
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
