// The test projects. The name of a file says which one it belongs to: see "Tests" in CONTRIBUTING.md.
import { statSync } from 'node:fs';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Vitest begins with the longest file. Of unit tests the shortest come first: a result appears as soon as a module is loaded. */
class ShortUnitTestsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const longestFirst = await super.sort(files);
    if (files.some(({ project }) => project.name !== 'unit')) return longestFirst;
    const isShort = ({ moduleId }: TestSpecification) => statSync(moduleId).size < 1500;
    return [...longestFirst.filter(isShort), ...longestFirst.filter((file) => !isShort(file))];
  }
}

/** Tests that start servers, programs or a browser; they find a Redis by inject('redisUrl'). */
function project(name: string, include: string[], retry = 0): TestProjectConfiguration {
  return {
    extends: true,
    test: {
      name,
      include,
      retry,
      globalSetup: ['test/support/global-setup.ts'],
    },
  };
}

// Chromium and other people's servers have limits of time that a busy machine exceeds. The report names what was retried.
const retryOthers = process.env['CI'] === undefined ? 0 : 1;

const folders = ['app', 'browser', 'interop', 'attacks', 'field', 'cluster'];

export default defineConfig({
  test: {
    // On a busy machine everything takes longer; what expect.poll() waits for happens in another program.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 20_000 } },
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    // Sockets, a browser and a Redis server run beside the tests: two workers keep them responsive on a small machine.
    maxWorkers: 2,
    // Loading modules is much of the work: the files of a worker share them, and no module keeps the state of a test.
    isolate: false,
    // Tests make much that lives briefly: fewer, larger collections save a tenth of the CPU.
    execArgv: ['--max-semi-space-size=64'],
    sequence: { sequencer: ShortUnitTestsFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.{app,store}.test.ts', `test/{${folders}}/**`],
        },
      },
      project('app', ['test/**/*.app.test.ts', 'test/app/**/*.test.ts'], retryOthers),
      project('store', ['test/**/*.store.test.ts'], retryOthers),
      project('browser', ['test/browser/**/*.test.ts'], retryOthers),
      project('interop', ['test/interop/**/*.test.ts'], retryOthers),
      project('attacks', ['test/attacks/**/*.test.ts']),
      project('field', ['test/field/**/*.test.ts'], retryOthers),
      project('cluster', ['test/cluster/**/*.test.ts'], retryOthers),
      project('emulators', ['emulators/test/**/*.test.ts']),
    ],
  },
});
