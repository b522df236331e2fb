/**
 * Four kinds of tests: `unit` (pure, and contracts that one suite holds fake and real things to), `types` (the compiler
 * is the judge), `e2e` (the built program on real processes and ports) and `examples` (the stacks of examples/ on their
 * fixed ports, with what they install: a run of their own, `npm run test:examples`). Two cores are assumed: e2e tests mostly
 * wait for processes, so two files at a time keep both busy without starving the services under test.
 */
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { version: string };

export default defineConfig({
  define: { __DEVUP_VERSION__: JSON.stringify(version), __DEVUP_TEST_BUILD__: 'true' },
  test: {
    reporters: ['default'],
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/contract/**/*.test.ts'],
          setupFiles: ['test/rig/properties.ts'],
          // One worker serves many files: a process and its modules anew for each of a hundred files cost more than the tests.
          isolate: false,
          restoreMocks: true,
          unstubEnvs: true,
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      { extends: true, test: { name: 'types', include: ['test/types/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 } },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/rig/global-setup.ts'],
          // At their promised sizes (`DEVUP_TEST_LONG=1`) a few tests take minutes.
          testTimeout: process.env['DEVUP_TEST_LONG'] === '1' ? 1_200_000 : 90_000,
          hookTimeout: 60_000,
          pool: 'forks',
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'examples',
          include: ['test/examples/**/*.test.ts'],
          globalSetup: ['test/rig/global-setup.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          pool: 'forks',
          // Ports are fixed: one stack at a time.
          fileParallelism: false,
        },
      },
    ],
  },
});
