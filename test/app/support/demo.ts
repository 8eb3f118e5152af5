// The sample company for end-to-end tests: real sockets on free ports, keys in a temporary directory.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Demo, type DemoOptions, startDemo } from '../../../examples/demo/start.ts';
import { createLogger } from '../../../src/log.ts';
import { writeKeyPairs } from '../../support/key-pairs.ts';
import { freeConsecutivePorts } from '../../support/ports.ts';
import { createLineCollector } from './lines.ts';

export interface TestDemo extends Demo {
  /** What the broker logged and what it recorded, as parsed lines. */
  readonly log: readonly Record<string, unknown>[];
  readonly audit: readonly Record<string, unknown>[];
  readonly directory: string;
}

/** What the demo finds in its directory and therefore does not make. */
export const demoKeys = {
  'adfs-signing': 'idp-signing',
  'adfs-encryption': 'idp-encryption',
  sp: 'sp-signing',
  aws: 'minting',
} as const;

/** @param options without a directory, the demo gets one with keys, which ends with it */
export async function startTestDemo(options: Partial<DemoOptions> = {}): Promise<TestDemo> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'rolegate-demo-'));
  if (options.directory === undefined) writeKeyPairs(directory, demoKeys);
  const log = createLineCollector();
  const audit = createLineCollector();
  const demo = await startDemo({
    port: await freeConsecutivePorts(4),
    directory,
    log: createLogger('info', log.stream),
    auditStream: audit.stream,
    ...options,
    adjust: (config) => {
      // Every refusal has its record: many tests judge by it.
      const limits = { refusalRecords: { perMinute: 1_000_000 } };
      const toStdout = { ...config, limits, audit: { type: 'stdout' } };
      return options.adjust?.(toStdout) ?? toStdout;
    },
  });
  const close = async () => {
    await demo.close();
    if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
  };
  return { ...demo, close, log: log.lines, audit: audit.lines, directory };
}
