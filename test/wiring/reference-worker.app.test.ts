import { rm } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { ReferenceVerifier } from '../../src/broker/sign-in/reference-check.ts';
import { referenceInput } from '../../src/saml/reference-input.ts';
import { validateResponse } from '../../src/saml/validate-response.ts';
import { createReferenceWorker } from '../../src/wiring/reference-worker.ts';
import { expectationsFor, now, signedResponse } from '../saml/support/response-builder.ts';
import { keyPair } from '../support/key-pairs.ts';

const key = keyPair('idp-signing');
const input = () => referenceInput(validateResponse(signedResponse(key), expectationsFor(key), now));

// As the build compiles it, in one file.
const program = fileURLToPath(
  new URL(`../../node_modules/.cache/reference-worker-${process.pid}.cjs`, import.meta.url),
);
const createWorker = () => createReferenceWorker(pathToFileURL(program));
beforeAll(async () => {
  const entry = fileURLToPath(new URL('../../src/saml/reference-worker.ts', import.meta.url));
  await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: program,
    logLevel: 'error',
  });
});
afterAll(() => rm(program, { force: true }));

let worker: ReferenceVerifier | undefined;
afterEach(() => worker?.close?.());

describe('the worker thread of the reference verifier', () => {
  test('answers each message with its own verdict', async () => {
    worker = createWorker();
    const good = input();
    const bad = { ...good, values: { ...good.values, nameId: 'eve' } };
    const verdicts = await Promise.all([good, bad, good].map((each) => worker!.check(each)));
    expect(verdicts).toMatchObject([{ agrees: true }, { agrees: false }, { agrees: true }]);
  });

  test('takes no more than its queue holds', async () => {
    const warnings: Error[] = [];
    const keep = (warning: Error) => void warnings.push(warning);
    process.on('warning', keep);
    onTestFinished(() => void process.off('warning', keep));
    worker = createWorker();
    const good = input();
    const checks = Array.from({ length: 65 }, () => worker!.check(good));
    const settled = Promise.allSettled(checks);
    await expect(checks[64]).rejects.toThrow('64 checks are waiting');
    await worker.close?.();
    expect((await settled).filter(({ status }) => status === 'rejected')).not.toHaveLength(0);
    // Sixty-four checks that fail together end the thread once.
    expect(warnings).toEqual([]);
  });

  test('starts again after it was closed', async () => {
    worker = createWorker();
    await worker.check(input());
    await worker.close?.();
    expect(await worker.check(input())).toEqual({ agrees: true });
  });
});
