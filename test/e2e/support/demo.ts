// The sample company for end-to-end tests: real sockets on free ports, keys in a directory of its own.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, inject } from 'vitest';
import { type Demo, type DemoOptions, startDemo } from '../../../examples/demo/start.ts';
import { createLogger } from '../../../src/log.ts';
import { freeConsecutivePorts } from '../../support/ports.ts';
import { createLineCollector } from './lines.ts';

export interface TestDemo extends Demo {
  /** What the broker logged and what it recorded, as parsed lines. */
  readonly log: readonly Record<string, unknown>[];
  readonly audit: readonly Record<string, unknown>[];
  readonly directory: string;
}

/** With the keys that the run has made once: making them is the slow part. */
const keyDirectory = mkdtempSync(join(tmpdir(), 'rolegate-e2e-'));
cpSync(inject('demoKeys'), keyDirectory, { recursive: true });
afterAll(() => rmSync(keyDirectory, { recursive: true, force: true }));

export async function startTestDemo(options: Partial<DemoOptions> = {}): Promise<TestDemo> {
  const log = createLineCollector();
  const audit = createLineCollector();
  const demo = await startDemo({
    port: await freeConsecutivePorts(4),
    directory: keyDirectory,
    log: createLogger('info', log.stream),
    auditStream: audit.stream,
    ...options,
    adjust: (config) => {
      const toStdout = { ...config, audit: { type: 'stdout' } };
      return options.adjust?.(toStdout) ?? toStdout;
    },
  });
  return { ...demo, log: log.lines, audit: audit.lines, directory: keyDirectory };
}
