import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{test,emulators}/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Sockets, a browser and a Redis server run beside the tests: two workers keep them responsive on a small machine.
    maxWorkers: 2,
  },
});
