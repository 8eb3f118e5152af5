// The test projects. The name of a file says which one it belongs to: see "Tests" in CONTRIBUTING.md.
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

/** Tests that start servers, programs or a browser: they get a Redis, and time for a busy machine. */
function project(name: string, include: string[], seconds = 40): TestProjectConfiguration {
  return {
    extends: true,
    test: {
      name,
      include,
      globalSetup: ['test/support/global-setup.ts'],
      testTimeout: seconds * 1000,
      hookTimeout: 120_000,
    },
  };
}

const folders = ['app', 'browser', 'interop', 'attacks'];

export default defineConfig({
  test: {
    // What expect.poll() waits for happens in another program, on a busy machine.
    expect: { poll: { timeout: 20_000 } },
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    // Sockets, a browser and a Redis server run beside the tests: two workers keep them responsive on a small machine.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.{app,store}.test.ts', `test/{${folders}}/**`],
          testTimeout: 20_000,
          isolate: false,
        },
      },
      project('app', ['test/**/*.app.test.ts', 'test/app/**/*.test.ts']),
      project('store', ['test/**/*.store.test.ts']),
      project('browser', ['test/browser/**/*.test.ts'], 60),
      project('interop', ['test/interop/**/*.test.ts'], 60),
      project('attacks', ['test/attacks/**/*.test.ts'], 60),
      project('emulators', ['emulators/test/**/*.test.ts']),
    ],
  },
});
