import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Sockets, a browser and a Redis server run beside the tests: two workers keep them responsive on a small machine.
    maxWorkers: 2,
  },
});
